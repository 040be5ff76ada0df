//! Subscriptions.
use super::reply::{self, Result};
use super::request::Incoming;
pub async fn list(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn create(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn retrieve(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn update(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
pub async fn delete(_: Incoming) -> Result {
    Ok(reply::empty(axum::http::StatusCode::NOT_IMPLEMENTED))
}
