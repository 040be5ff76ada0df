//! Errors of everything that is not NGSI-LD: `application/problem+json` (RFC 9457), built here and nowhere else.
//!
//! `type` is `https://nacre.dev/problems/<code>`; `code` repeats the stable code; `detail` says what was wrong and
//! where; `retry_after_s` stands where trying again may help.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use nacre_kernel::{Fault, Refusal};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// URI of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// What was wrong, where, and what to do.
    pub detail: String,
    /// Seconds after which a retry may succeed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem of any status.
    pub fn new(status: StatusCode, code: &str, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("https://nacre.dev/problems/{code}"),
            title: code.replace('_', " "),
            status: status.as_u16(),
            code: code.to_owned(),
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    /// The request makes no sense.
    pub fn bad(code: &str, detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// There is no such thing.
    pub fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", detail)
    }
}

/// The HTTP status of a refusal, and after how many seconds to try again. NGSI-LD uses the same table.
pub fn status_of(refusal: &Refusal) -> (StatusCode, Option<u32>) {
    match refusal {
        Refusal::Act { fault: Fault::Invalid, .. } => (StatusCode::BAD_REQUEST, None),
        Refusal::Act { fault: Fault::Conflict, .. } => (StatusCode::CONFLICT, None),
        Refusal::Act { fault: Fault::Forbidden, .. } => (StatusCode::FORBIDDEN, None),
        Refusal::Act { fault: Fault::Missing, .. } => (StatusCode::NOT_FOUND, None),
        Refusal::EntityNotFound(_)
        | Refusal::AttributeNotFound { .. }
        | Refusal::InstanceNotFound { .. }
        | Refusal::DocumentNotFound { .. }
        | Refusal::TenantNotFound(_) => (StatusCode::NOT_FOUND, None),
        Refusal::EntityExists(_) | Refusal::DocumentExists { .. } => (StatusCode::CONFLICT, None),
        Refusal::IdempotencyConflict(_) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Refusal::Invalid(_) => (StatusCode::BAD_REQUEST, None),
        Refusal::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, None),
        Refusal::Forbidden { .. } | Refusal::TooManyResults { .. } | Refusal::TooComplex { .. } => {
            (StatusCode::FORBIDDEN, None)
        }
        Refusal::Overloaded(_) => (StatusCode::TOO_MANY_REQUESTS, Some(1)),
        Refusal::StorageFull(_) => (StatusCode::INSUFFICIENT_STORAGE, Some(60)),
        Refusal::JournalStopped(_) | Refusal::ViewsFailed(_) | Refusal::ShuttingDown => {
            (StatusCode::SERVICE_UNAVAILABLE, Some(30))
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let (status, retry_after_s) = status_of(&refusal);
        Problem { retry_after_s, ..Problem::new(status, refusal.code(), refusal.to_string()) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry = self.retry_after_s;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Errors that a layer below the routes answers in plain words (a body over its limit, JSON that cannot be read, a parameter
/// of the wrong form, a request that took too long) go out of `/api/` in the one form of errors.
pub async fn in_one_form(request: Request, next: Next) -> Response {
    let own = request.uri().path().starts_with("/api/");
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let plain = kind.is_empty() || kind.starts_with("text/plain");
    if !own || !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let words = axum::body::to_bytes(response.into_body(), 16 << 10).await.unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    let code = match status {
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        StatusCode::REQUEST_TIMEOUT => "timeout",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        _ => "invalid_request",
    };
    let detail = match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            "请求体太大：照片和附件每个不超过 15 MB，其余见 --body-mib。 / The body is too large: 15 MB for a file, else what --body-mib says."
                .to_owned()
        }
        _ if words.is_empty() => status.to_string(),
        _ => words.into_owned(),
    };
    Problem::new(status, code, detail).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_goes_out_with_its_status_type_and_patience() {
        let response = Problem::from(Refusal::Overloaded("the command queue")).into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }
}
