//! Routes that are not a standard's: status, records, the log, events, health, metrics.

pub mod events;
pub mod home;
pub mod log;
pub mod ops;
pub mod records;

use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use utoipa::{IntoParams, OpenApi};

use crate::state::App;

/// The document served at `/api/openapi.json`.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Nacre",
        description = "The platform's own interface. Entities are read and written through NGSI-LD under /ngsi-ld/v1, \
                       which ETSI GS CIM 009 describes."
    ),
    paths(
        ops::status,
        ops::health,
        ops::ready,
        ops::metrics,
        records::list,
        records::one,
        records::bundle,
        log::checkpoint,
        log::tile,
        log::key,
        log::inclusion,
        log::consistency,
        events::stream,
    )
)]
pub struct Document;

/// Query parameter of routes that concern one tenant.
#[derive(Debug, Default, Deserialize, IntoParams)]
pub struct TenantParam {
    /// The tenant; without it the default tenant.
    pub tenant: Option<String>,
}

/// All platform routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home::page))
        .route("/healthz", get(ops::health))
        .route("/readyz", get(ops::ready))
        .route("/metrics", get(ops::metrics))
        .route("/api/openapi.json", get(|| async { Json(document()) }))
        .route("/api/status", get(ops::status))
        .route("/api/records", get(records::list))
        .route("/api/records/{seq}", get(records::one))
        .route("/api/bundle", get(records::bundle))
        .route("/api/log/inclusion/{seq}", get(log::inclusion))
        .route("/api/log/consistency", get(log::consistency))
        .route("/api/events", get(events::stream))
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/key", get(log::key))
        .route("/log/tile/{*path}", get(log::tile))
        .fallback(|| async {
            crate::Problem::not_found("there is no such page; `/api/openapi.json` lists what there is")
        })
}

/// The OpenAPI document with the version of OpenAPI the clients are generated from.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
