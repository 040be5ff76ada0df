//! Routes that are not a standard's: status, records, the log, events, health, metrics.

pub mod events;
pub mod log;
pub mod ops;
pub mod pulse;
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
    components(schemas(
        crate::plan::sheet::SheetFormat,
        nacre_indicators::figure::Derivation,
        nacre_indicators::figure::NamedFigure,
    )),
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
        pulse::stream,
        crate::plan::session::session,
        crate::plan::cockpit::cockpit,
        crate::plan::indicators::list,
        crate::plan::indicators::one,
        crate::plan::indicators::export,
        crate::plan::conflicts::list,
        crate::plan::conflicts::one,
        crate::plan::conflicts::resolve,
        crate::plan::conflicts::withdraw,
        crate::plan::returns::template,
        crate::plan::returns::preview,
        crate::plan::returns::create,
        crate::plan::returns::list,
        crate::plan::returns::one,
        crate::plan::returns::edit,
        crate::plan::returns::act,
        crate::plan::tasks::list,
        crate::plan::tasks::one,
        crate::plan::tasks::report,
        crate::plan::tasks::assign,
        crate::plan::freezes::list,
        crate::plan::freezes::create,
        crate::plan::reports::list,
        crate::plan::reports::create,
        crate::plan::reports::one,
        crate::plan::reports::edit,
        crate::plan::reports::act,
        crate::plan::reports::file,
        crate::plan::comments::list,
        crate::plan::comments::act,
        crate::plan::comments::create,
        crate::plan::comments::published,
        crate::plan::comments::track,
        crate::plan::public::board,
        crate::plan::public::indicators_json,
        crate::plan::public::indicators_csv,
        crate::plan::public::verify,
        crate::plan::dcat::catalog,
        crate::cases::workflows::list,
        crate::cases::lists::list,
        crate::cases::lists::export,
        crate::cases::lists::map,
        crate::cases::statistics::statistics,
        crate::cases::shown::one,
        crate::cases::verbs::open,
        crate::cases::verbs::act,
        crate::cases::work::work,
        crate::cases::notices::list,
        crate::cases::notices::read,
        crate::cases::notices::read_all,
        crate::cases::calendar::calendar,
        crate::cases::calendar::end,
        crate::cases::calendar::enter,
        crate::cases::files::keep,
        crate::cases::files::keep_public,
        crate::cases::files::file,
        crate::cases::files::thumbnail,
        crate::cases::public::services,
        crate::cases::public::report,
        crate::cases::public::follow,
        crate::cases::public::rate,
        crate::devices::registry::list,
        crate::devices::registry::create,
        crate::devices::registry::one,
        crate::devices::registry::change,
        crate::devices::registry::credential,
        crate::devices::registry::revoke,
        crate::devices::registry::feeds,
        crate::devices::series::series,
        crate::devices::ingest::status,
        crate::devices::ingest::take,
        crate::devices::ingest::backfill,
        crate::devices::quarantine::list,
        crate::devices::quarantine::replay,
        crate::devices::quarantine::discard,
        crate::alerts::list::list,
        crate::alerts::list::one,
        crate::alerts::list::act,
        crate::alerts::severity::severity,
        crate::alerts::on_call::on_call,
        crate::alerts::channels::list,
        crate::alerts::channels::trial,
        crate::alerts::channels::create,
        crate::alerts::channels::change,
        crate::alerts::channels::remove,
        crate::alerts::deliveries::list,
        crate::alerts::deliveries::again,
        crate::alerts::rules::list,
        crate::alerts::rules::one,
        crate::alerts::rules::dry_run,
        crate::alerts::rules::switch,
        crate::water::sections::water,
        crate::water::month::report,
        crate::water::samples::take,
        crate::water::import::import,
        crate::water::coverage::coverage,
        crate::explore::types::list,
        crate::explore::entities::list,
        crate::explore::entities::export,
        crate::explore::search::search,
        crate::explore::map::map,
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
        .route("/api/pulse", get(pulse::stream))
        .route("/log/checkpoint", get(log::checkpoint))
        .route("/log/key", get(log::key))
        .route("/log/tile/{*path}", get(log::tile))
        .fallback(crate::console::fallback)
}

/// The OpenAPI document with the version of OpenAPI the clients are generated from.
pub fn document() -> utoipa::openapi::OpenApi {
    Document::openapi()
}
