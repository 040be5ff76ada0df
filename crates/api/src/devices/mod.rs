//! Devices over HTTP: registration and credentials, readings in, charts out, and the quarantine.

pub mod ingest;
pub mod quarantine;
pub mod registry;
pub mod series;

use axum::Router;
use axum::routing::{get, post};

use crate::state::App;

/// All routes of devices.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/devices", get(registry::list).post(registry::create))
        .route("/api/devices/{id}", get(registry::one).put(registry::change))
        .route("/api/devices/{id}/credential", post(registry::credential))
        .route("/api/devices/{id}/revoke", post(registry::revoke))
        .route("/api/devices/{id}/series", get(series::series))
        .route("/api/feeds", get(registry::feeds))
        .route("/api/ingest", get(ingest::status))
        .route("/api/ingest/{feed}", post(ingest::take))
        .route("/api/ingest/{feed}/csv", post(ingest::backfill))
        .route("/api/quarantine", get(quarantine::list))
        .route("/api/quarantine/{id}/replay", post(quarantine::replay))
        .route("/api/quarantine/{id}/discard", post(quarantine::discard))
}
