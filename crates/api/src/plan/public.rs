//! The public page: progress, open data, verification by code.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use nacre_indicators::board::IndicatorView;
use serde::Serialize;
use utoipa::ToSchema;

use super::cockpit::{TaskCounts, lights};
use super::facts::{AsOfInfo, AsOfParam};
use super::indicators::{Indicators, table};
use super::reports::{ReportHead, heads};
use super::returns::moment;
use super::sheet::SheetFormat;
use super::store::blocking;
use super::tasks::tasks;
use crate::problem::Problem;
use crate::state::App;

/// Under which licence the figures are open. Figures of the plan are facts from a published document.
pub const LICENCE: &str = "https://creativecommons.org/licenses/by/4.0/";

/// The public page.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PublicBoard {
    /// As of when.
    pub as_of: AsOfInfo,
    /// The goals.
    pub indicators: Vec<IndicatorView>,
    /// Published reports, newest first.
    pub reports: Vec<ReportHead>,
    /// Tasks by light.
    pub tasks: TaskCounts,
    /// Licence of the figures.
    pub licence: String,
}

/// Progress for everybody.
#[utoipa::path(get, path = "/api/public/board", tag = "public", params(AsOfParam), responses((status = 200, body = PublicBoard)))]
pub async fn board(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<PublicBoard>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let at = moment(&app, param.as_of.as_deref())?;
        let published = heads(&app, at, &super::post::Post::reader())?;
        Ok(Json(PublicBoard {
            as_of: snapshot.info.clone(),
            indicators: snapshot.board.indicators.iter().filter(|i| i.goal).cloned().collect(),
            reports: published.into_iter().filter(|r| r.state == "published").collect(),
            tasks: lights(tasks(&app, &snapshot, at)?.iter()),
            licence: LICENCE.into(),
        }))
    })
    .await
}

/// All indicators as open data.
#[utoipa::path(get, path = "/api/public/indicators.json", tag = "public", params(AsOfParam), responses((status = 200, body = Indicators)))]
pub async fn indicators_json(app: State<App>, param: Query<AsOfParam>) -> Result<Json<Indicators>, Problem> {
    super::indicators::list(app, param).await
}

/// All indicators as a table.
#[utoipa::path(get, path = "/api/public/indicators.csv", tag = "public", params(AsOfParam),
    responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn indicators_csv(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Response, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        table(&snapshot.board.indicators, SheetFormat::Csv, snapshot.info.seq)
    })
    .await
}

/// What a code stands for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Verified {
    /// `report`.
    pub kind: String,
    /// The report.
    pub report: ReportHead,
    /// The record in which its files were published.
    pub seq: Option<u64>,
}

/// What a verification code stands for: the report, its state and the digests of its files.
#[utoipa::path(get, path = "/api/public/verify/{code}", tag = "public", params(("code" = String, Path)),
    responses((status = 200, body = Verified), (status = 404, body = Problem)))]
pub async fn verify(State(app): State<App>, Path(code): Path<String>) -> Result<Json<Verified>, Problem> {
    blocking(move || {
        let code = code.trim().to_uppercase();
        let all = heads(&app, nacre_kernel::query::AsOf::Now, &super::post::Post::reader())?;
        let report = all.into_iter().find(|r| r.code == code && r.state == "published");
        let report = report.ok_or_else(|| {
            Problem::not_found("没有已发布的报告使用这个校验码。 No published report has this code")
        })?;
        let seq = report.steps.iter().rfind(|s| s.verb == "publish").and_then(|s| s.seq);
        Ok(Json(Verified { kind: "report".into(), report, seq }))
    })
    .await
}
