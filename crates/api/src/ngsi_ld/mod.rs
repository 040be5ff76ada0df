//! NGSI-LD under `/ngsi-ld/v1`.

use axum::Router;

use crate::state::App;

/// What the NGSI-LD routes keep between requests.
#[derive(Default)]
pub struct State {}

/// All routes.
pub fn routes() -> Router<App> {
    Router::new()
}

/// Delivers notifications.
pub async fn background(_app: App) {
    std::future::pending::<()>().await;
}
