//! Answers: bodies with their context, errors, and the headers that go with them.
//!
//! Errors are `application/json` with full IRIs whatever Accept says, and never carry a Link (CIM 009 §6.3.2, §6.3.6).

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nacre_kernel::Refusal;
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};

use super::request::Media;

/// An error on its way out.
#[derive(Debug)]
pub struct Failed {
    /// What.
    pub error: NgsiError,
    /// Seconds after which a retry may succeed.
    pub retry_after_s: Option<u32>,
}

impl From<NgsiError> for Failed {
    fn from(error: NgsiError) -> Failed {
        Failed { error, retry_after_s: None }
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Failed {
        let (_, retry_after_s) = crate::problem::status_of(&refusal);
        Failed { error: error_of(&refusal), retry_after_s }
    }
}

/// A refusal of the kernel in the standard's words.
pub fn error_of(refusal: &Refusal) -> NgsiError {
    let kind = match refusal {
        // The one difference to the standard's table: a body over its limit is 413.
        Refusal::TooLarge { .. } => ErrorKind::PayloadTooLarge,
        other => return NgsiError::from(other.clone()),
    };
    NgsiError::new(kind, refusal.to_string())
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = if self.error.kind.has_body() {
            let body = self.error.to_json().to_string();
            (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
        } else {
            status.into_response()
        };
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// What routes return.
pub type Result<T = Response> = std::result::Result<T, Failed>;

/// Any other path.
pub async fn no_such_route() -> Failed {
    NgsiError::not_found("there is no such resource in the NGSI-LD API").into()
}

/// The value of a Link header that names a context.
pub fn context_link(context: &Context) -> String {
    format!(
        "<{}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"",
        context.link()
    )
}

/// A body in the negotiated form. With JSON, and with GeoJSON whose context is not in the body, the Link names the context.
pub fn body(media: Media, context: &Arc<Context>, link: bool, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let content_type = match media {
        Media::Json => "application/json",
        Media::LdJson => "application/ld+json",
        Media::GeoJson => "application/geo+json",
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if link && let Ok(value) = HeaderValue::from_str(&context_link(context)) {
        response.headers_mut().append(header::LINK, value);
    }
    response
}

/// An answer without body.
pub fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// 201 with Location.
pub fn created(location: &str) -> Response {
    let mut response = StatusCode::CREATED.into_response();
    set(&mut response, header::LOCATION, location);
    response
}

/// Sets a header whose value may come from a client; one that no header can hold is left out.
pub fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// JSON without context: results of batches and the like.
pub fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// §6.3.14: every answer, errors too, names the tenant the request named.
pub async fn echo_on_all(request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    let tenant = request.headers().get(super::request::TENANT).cloned();
    let mut response = next.run(request).await;
    if let Some(tenant) = tenant {
        response.headers_mut().insert(HeaderName::from_static(super::request::TENANT), tenant);
    }
    response
}
