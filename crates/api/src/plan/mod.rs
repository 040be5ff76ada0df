//! The plan at work over HTTP: indicators, conflicts, returns, tasks, freezes and reports, public supervision.
//!
//! Reading order: [`post`] (who acts) → [`store`] (entities as JSON, in and out) → [`facts`] (everything known at one
//! record, so that no two figures of an answer disagree) → the routes, a file each.

pub mod bundle;
pub mod cockpit;
pub mod comments;
pub mod compose;
pub mod conflicts;
pub mod dcat;
pub mod facts;
pub mod freezes;
pub mod indicators;
pub mod post;
pub mod public;
pub mod reports;
pub mod returns;
pub mod session;
pub mod sheet;
pub mod store;
pub mod tasks;
pub mod typeset;

use axum::Router;
use axum::routing::{get, post as posts, put};

use crate::state::App;

/// All routes of the plan.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/api/session", get(session::session))
        .route("/api/cockpit", get(cockpit::cockpit))
        .route("/api/indicators", get(indicators::list))
        .route("/api/indicators/export", get(indicators::export))
        .route("/api/indicators/{id}", get(indicators::one))
        .route("/api/conflicts", get(conflicts::list))
        .route("/api/conflicts/{id}", get(conflicts::one))
        .route("/api/conflicts/{id}/resolution", posts(conflicts::resolve).delete(conflicts::withdraw))
        .route("/api/returns", get(returns::list).post(returns::create))
        .route("/api/returns/template", get(returns::template))
        .route("/api/returns/preview", posts(returns::preview))
        .route("/api/returns/{id}", get(returns::one))
        .route("/api/returns/{id}/rows", put(returns::edit))
        .route("/api/returns/{id}/{verb}", posts(returns::act))
        .route("/api/tasks", get(tasks::list))
        .route("/api/tasks/{id}", get(tasks::one).put(tasks::assign))
        .route("/api/tasks/{id}/progress", posts(tasks::report))
        .route("/api/freezes", get(freezes::list).post(freezes::create))
        .route("/api/reports", get(reports::list).post(reports::create))
        .route("/api/reports/{id}", get(reports::one))
        .route("/api/reports/{id}/sections/{key}", put(reports::edit))
        .route("/api/reports/{id}/{verb}", posts(reports::act).get(reports::file))
        .route("/api/comments", get(comments::list))
        .route("/api/comments/{id}/{verb}", posts(comments::act))
        .route("/api/public/board", get(public::board))
        .route("/api/public/indicators.json", get(public::indicators_json))
        .route("/api/public/indicators.csv", get(public::indicators_csv))
        .route("/api/public/catalog.jsonld", get(dcat::catalog))
        .route("/api/public/comments", get(comments::published).post(comments::create))
        .route("/api/public/comments/{code}", get(comments::track))
        .route("/api/public/verify/{code}", get(public::verify))
}
