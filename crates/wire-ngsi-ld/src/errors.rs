//! Errors as NGSI-LD states them (CIM 009 §5.5.2, §5.5.3, §6.3.2): a type IRI, a status and a text that
//! says what was wrong, where, and what to do. This is the only place that knows them.
//!
//! An error body is `application/json` whatever the client accepts, and holds full IRIs only, since an
//! error carries no `@context`; 411 and 415 have no body.

use nacre_kernel::{Fault, Refusal};
use serde_json::{Value as Json, json};

/// Where the error types of NGSI-LD live.
const ETSI: &str = "https://uri.etsi.org/ngsi-ld/errors/";

/// What kind of error. The first rows are those of CIM 009 §6.3.2, the others are plain HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ErrorKind {
    InvalidRequest,
    BadRequestData,
    AlreadyExists,
    OperationNotSupported,
    ResourceNotFound,
    InternalError,
    TooComplexQuery,
    TooManyResults,
    LdContextNotAvailable,
    NoMultiTenantSupport,
    NonexistentTenant,
    Conflict,
    TooManyRequests,
    ServiceUnavailable,
    NotAcceptable,
    UnsupportedMediaType,
    LengthRequired,
    MethodNotAllowed,
    PayloadTooLarge,
    InsufficientStorage,
    Forbidden,
}

impl ErrorKind {
    /// Every kind, for tests and for documentation.
    pub const ALL: [ErrorKind; 21] = [
        ErrorKind::InvalidRequest,
        ErrorKind::BadRequestData,
        ErrorKind::AlreadyExists,
        ErrorKind::OperationNotSupported,
        ErrorKind::ResourceNotFound,
        ErrorKind::InternalError,
        ErrorKind::TooComplexQuery,
        ErrorKind::TooManyResults,
        ErrorKind::LdContextNotAvailable,
        ErrorKind::NoMultiTenantSupport,
        ErrorKind::NonexistentTenant,
        ErrorKind::Conflict,
        ErrorKind::TooManyRequests,
        ErrorKind::ServiceUnavailable,
        ErrorKind::NotAcceptable,
        ErrorKind::UnsupportedMediaType,
        ErrorKind::LengthRequired,
        ErrorKind::MethodNotAllowed,
        ErrorKind::PayloadTooLarge,
        ErrorKind::InsufficientStorage,
        ErrorKind::Forbidden,
    ];

    /// Status, last part of the type IRI, title. The standard names no type for plain HTTP errors; RFC 7807
    /// §4.2 gives those `about:blank`, here an empty name.
    fn row(self) -> (u16, &'static str, &'static str) {
        match self {
            ErrorKind::InvalidRequest => (400, "InvalidRequest", "The request is not of valid form"),
            ErrorKind::BadRequestData => (400, "BadRequestData", "The request holds data that is not valid"),
            ErrorKind::AlreadyExists => (409, "AlreadyExists", "It exists already"),
            ErrorKind::OperationNotSupported => {
                (422, "OperationNotSupported", "The operation is not supported")
            }
            ErrorKind::ResourceNotFound => (404, "ResourceNotFound", "It was not found"),
            ErrorKind::InternalError => (500, "InternalError", "Something went wrong inside the server"),
            ErrorKind::TooComplexQuery => (403, "TooComplexQuery", "The query is too complex"),
            ErrorKind::TooManyResults => (403, "TooManyResults", "The query has too many results"),
            ErrorKind::LdContextNotAvailable => {
                (504, "LdContextNotAvailable", "An @context could not be had")
            }
            ErrorKind::NoMultiTenantSupport => (501, "NoMultiTenantSupport", "There is only one tenant"),
            ErrorKind::NonexistentTenant => (404, "NonexistentTenant", "The tenant does not exist"),
            ErrorKind::Conflict => (409, "Conflict", "The request conflicts with what is there"),
            ErrorKind::TooManyRequests => (429, "", "Too much is waiting"),
            ErrorKind::ServiceUnavailable => (503, "", "The server cannot do this now"),
            ErrorKind::NotAcceptable => (406, "", "No such representation"),
            ErrorKind::UnsupportedMediaType => (415, "", "Media type not supported"),
            ErrorKind::LengthRequired => (411, "", "Content-Length is needed"),
            ErrorKind::MethodNotAllowed => (405, "", "Not a method of this resource"),
            ErrorKind::PayloadTooLarge => (413, "", "The body is too large"),
            ErrorKind::InsufficientStorage => (507, "", "The disk is full"),
            ErrorKind::Forbidden => (403, "", "Not allowed"),
        }
    }

    /// Whether the answer carries a body (§6.3.4).
    pub fn has_body(self) -> bool {
        !matches!(self, ErrorKind::LengthRequired | ErrorKind::UnsupportedMediaType)
    }
}

/// An error on its way to a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}{}", pointer.as_ref().map(|p| format!(" (at {p})")).unwrap_or_default())]
pub struct NgsiError {
    /// What kind.
    pub kind: ErrorKind,
    /// What was wrong and what to do.
    pub detail: String,
    /// JSON pointer (RFC 6901) of the place in the body, or the name of the parameter; the whole body is
    /// `""`.
    pub pointer: Option<String>,
}

impl NgsiError {
    /// An error of a kind.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> NgsiError {
        NgsiError { kind, detail: detail.into(), pointer: None }
    }

    /// Well-formed, but wrong.
    pub fn bad(detail: impl Into<String>) -> NgsiError {
        NgsiError::new(ErrorKind::BadRequestData, detail)
    }

    /// Not well-formed.
    pub fn invalid(detail: impl Into<String>) -> NgsiError {
        NgsiError::new(ErrorKind::InvalidRequest, detail)
    }

    /// Nothing there.
    pub fn not_found(detail: impl Into<String>) -> NgsiError {
        NgsiError::new(ErrorKind::ResourceNotFound, detail)
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> NgsiError {
        self.pointer = Some(pointer.into());
        self
    }

    /// The same with `prefix` before the pointer: an item of a batch, an attribute of an entity.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> NgsiError {
        self.pointer = Some(format!("{prefix}{}", self.pointer.as_deref().unwrap_or("")));
        self
    }

    /// HTTP status.
    pub fn status(&self) -> u16 {
        self.kind.row().0
    }

    /// The type IRI.
    pub fn type_uri(&self) -> String {
        match self.kind.row().1 {
            "" => "about:blank".to_owned(),
            name => format!("{ETSI}{name}"),
        }
    }

    /// The title: the same for each error of a kind.
    pub fn title(&self) -> &'static str {
        self.kind.row().2
    }

    /// The body.
    pub fn to_json(&self) -> Json {
        let mut body = json!({
            "type": self.type_uri(),
            "title": self.title(),
            "status": self.status(),
            "detail": self.to_string(),
        });
        if let (Some(pointer), Some(members)) = (&self.pointer, body.as_object_mut()) {
            members.insert("pointer".into(), Json::String(pointer.clone()));
        }
        body
    }
}

impl From<Refusal> for NgsiError {
    fn from(refusal: Refusal) -> NgsiError {
        let kind = match &refusal {
            Refusal::EntityNotFound(_)
            | Refusal::AttributeNotFound { .. }
            | Refusal::InstanceNotFound { .. }
            | Refusal::DocumentNotFound { .. } => ErrorKind::ResourceNotFound,
            Refusal::EntityExists(_) | Refusal::DocumentExists { .. } => ErrorKind::AlreadyExists,
            Refusal::Act { fault, .. } => match fault {
                Fault::Invalid => ErrorKind::BadRequestData,
                Fault::Conflict => ErrorKind::Conflict,
                Fault::Forbidden => ErrorKind::Forbidden,
                Fault::Missing => ErrorKind::ResourceNotFound,
            },
            Refusal::TenantNotFound(_) => ErrorKind::NonexistentTenant,
            Refusal::Invalid(_) => ErrorKind::BadRequestData,
            Refusal::IdempotencyConflict(_) => ErrorKind::Conflict,
            Refusal::TooLarge { .. } => ErrorKind::BadRequestData,
            Refusal::TooManyResults { .. } => ErrorKind::TooManyResults,
            Refusal::TooComplex { .. } => ErrorKind::TooComplexQuery,
            Refusal::Forbidden { .. } => ErrorKind::Forbidden,
            Refusal::Overloaded(_) => ErrorKind::TooManyRequests,
            Refusal::JournalStopped(_) | Refusal::ShuttingDown => ErrorKind::ServiceUnavailable,
            Refusal::StorageFull(_) => ErrorKind::InsufficientStorage,
            Refusal::ViewsFailed(_) => ErrorKind::InternalError,
        };
        NgsiError::new(kind, refusal.to_string())
    }
}

/// One step of a JSON pointer, escaped (RFC 6901 §3).
pub fn step(pointer: &str, member: &str) -> String {
    format!("{pointer}/{}", member.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_status_of_error_and_a_body_that_says_it() {
        for kind in ErrorKind::ALL {
            let error = NgsiError::new(kind, "why");
            assert!((400..600).contains(&error.status()), "{error:?}");
            let body = error.to_json();
            assert_eq!(body["status"], error.status());
            assert_eq!(body["type"], error.type_uri());
            assert_eq!(body["detail"], "why");
            assert!(body.get("pointer").is_none());
        }
        assert_eq!(NgsiError::bad("").type_uri(), "https://uri.etsi.org/ngsi-ld/errors/BadRequestData");
    }

    #[test]
    fn pointer_is_told_in_detail_and_as_a_member() {
        let error = NgsiError::bad("`x` is no date-time").at("/temperature/observedAt").under("/3");
        assert_eq!(error.to_json()["pointer"], "/3/temperature/observedAt");
        assert_eq!(error.to_json()["detail"], "`x` is no date-time (at /3/temperature/observedAt)");
        assert_eq!(step("/a", "b/c~d"), "/a/b~1c~0d");
    }

    #[test]
    fn refusals_keep_their_text() {
        let refusal = Refusal::Overloaded("the command queue");
        let error = NgsiError::from(refusal.clone());
        assert_eq!((error.status(), error.detail), (429, refusal.to_string()));
    }
}
