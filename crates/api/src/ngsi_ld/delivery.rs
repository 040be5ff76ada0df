//! Delivery.
use crate::state::App;
/// Delivers notifications.
pub async fn background(_app: App) {
    std::future::pending::<()>().await;
}
