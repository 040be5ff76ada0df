//! Water over HTTP: sections with their class and why, rivers, manual samples, the monthly report; and what devices cover.

pub mod coverage;
pub mod import;
pub mod month;
pub mod monthly;
pub mod samples;
pub mod sections;

use axum::Router;
use axum::routing::{get, post};

use crate::state::App;

/// All routes of water and coverage.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/water", get(sections::water))
        .route("/api/water/report", get(month::report))
        .route("/api/water/import", post(import::import))
        .route("/api/water/samples", post(samples::take))
        .route("/api/coverage", get(coverage::coverage))
}
