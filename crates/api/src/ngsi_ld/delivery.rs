//! Delivery.
use crate::state::App;
/// Delivers notifications.
pub async fn background(_app: App) {
    std::future::pending::<()>().await;
}

/// What deliveries of a subscription have come to.
pub fn state(
    _app: &App,
    _tenant: &nacre_kernel::Tenant,
    _id: &str,
) -> nacre_wire_ngsi_ld::subscription::DeliveryState {
    nacre_wire_ngsi_ld::subscription::DeliveryState::default()
}
