//! Cases over HTTP: lists, maps, figures, verbs, files, notices, the calendar, and what citizens report.
//!
//! Reading order: [`shown`] (a case as an answer) → [`lists`] → [`verbs`] → the routes around them, a file each. The desk of
//! `operations` answers lists; what is decided is decided by the verbs of the crate `cases` on the sequencer.

pub mod calendar;
pub mod files;
pub mod lists;
pub mod notices;
pub mod public;
pub mod shown;
pub mod statistics;
pub mod timeline;
pub mod verbs;
pub mod work;
pub mod workflows;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};

use crate::state::App;

/// All routes of cases.
pub fn routes() -> Router<App> {
    let uploads = Router::new()
        .route("/api/files", post(files::keep))
        .route("/api/public/files", post(files::keep_public))
        .layer(DefaultBodyLimit::max(files::BYTES_MAX + 1));
    Router::new()
        .route("/api/workflows", get(workflows::list))
        .route("/api/cases", get(lists::list).post(verbs::open))
        .route("/api/cases/export", get(lists::export))
        .route("/api/cases/map", get(lists::map))
        .route("/api/cases/statistics", get(statistics::statistics))
        .route("/api/cases/{id}", get(shown::one))
        .route("/api/cases/{id}/{verb}", post(verbs::act))
        .route("/api/work", get(work::work))
        .route("/api/notices", get(notices::list))
        .route("/api/notices/read-all", post(notices::read_all))
        .route("/api/notices/{id}/read", post(notices::read))
        .route("/api/calendar", get(calendar::calendar))
        .route("/api/calendar/end", get(calendar::end))
        .route("/api/calendar/{year}", put(calendar::enter))
        .route("/api/files/{sha256}", get(files::file))
        .route("/api/files/{sha256}/thumbnail", get(files::thumbnail))
        .route("/api/public/services", get(public::services))
        .route("/api/public/reports", post(public::report))
        .route("/api/public/reports/{track}", get(public::follow))
        .route("/api/public/reports/{track}/rating", post(public::rate))
        .merge(uploads)
}
