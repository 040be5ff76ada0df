//! Temporal.
use super::reply::{self, Result};
use super::request::Incoming;
pub async fn query(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn create(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn retrieve(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn delete(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn append(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn delete_attribute(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn replace_instance(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn delete_instance(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn query_by_body(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
