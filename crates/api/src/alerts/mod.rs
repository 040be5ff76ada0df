//! Alerts and rules over HTTP.

pub mod cap;
pub mod channels;
pub mod deliveries;
pub mod list;
pub mod on_call;
pub mod rules;
pub mod severity;

use axum::Router;
use axum::routing::{get, post, put};

use crate::state::App;

/// All routes of alerts and rules.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/alerts", get(list::list))
        .route("/api/alerts/{id}", get(list::one))
        .route("/api/alerts/{id}/{verb}", post(list::act))
        .route("/api/severity", get(severity::severity))
        .route("/api/on-call", get(on_call::on_call))
        .route("/api/channels", get(channels::list))
        .route("/api/channels/test", post(channels::trial))
        .route("/api/contacts", post(channels::create))
        .route("/api/contacts/{id}", put(channels::change).delete(channels::remove))
        .route("/api/deliveries", get(deliveries::list))
        .route("/api/deliveries/{notice}/again", post(deliveries::again))
        .route("/api/rules", get(rules::list))
        .route("/api/rules/{id}", get(rules::one))
        .route("/api/rules/{id}/dry-run", post(rules::dry_run))
        .route("/api/rules/{id}/{verb}", post(rules::switch))
        .route("/cap/feed.xml", get(cap::feed))
        .route("/cap/alerts/{file}", get(cap::alert))
}
