//! Indicators: list, one with its lineage, export.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use nacre_indicators::board::IndicatorView;
use nacre_indicators::conflict::Conflict;
use nacre_indicators::definition::Status;
use nacre_indicators::figure::Figure;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::facts::{AsOfInfo, AsOfParam};
use super::sheet::{Cell, SheetFormat, download};
use super::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// All indicators.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Indicators {
    /// As of when.
    pub as_of: AsOfInfo,
    /// Goals first.
    pub indicators: Vec<IndicatorView>,
}

/// One indicator.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OneIndicator {
    /// As of when.
    pub as_of: AsOfInfo,
    /// The indicator.
    pub indicator: IndicatorView,
    /// Every figure of it, of all definitions, periods and subjects.
    pub figures: Vec<Figure>,
    /// Its conflicts.
    pub conflicts: Vec<Conflict>,
}

/// All indicators as of one record.
#[utoipa::path(get, path = "/api/indicators", tag = "plan", params(AsOfParam),
    responses((status = 200, body = Indicators), (status = 400, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Indicators>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let (as_of, indicators) = (snapshot.info.clone(), snapshot.board.indicators.clone());
        Ok(Json(Indicators { as_of, indicators }))
    })
    .await
}

/// One indicator with all its figures, each with its way back.
#[utoipa::path(get, path = "/api/indicators/{id}", tag = "plan", params(("id" = String, Path), AsOfParam),
    responses((status = 200, body = OneIndicator), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<OneIndicator>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let found = snapshot.board.indicators.iter().find(|i| i.id == id);
        let indicator =
            found.ok_or_else(|| Problem::not_found(format!("there is no indicator `{id}`")))?.clone();
        let ledger = nacre_indicators::ledger::Ledger::new(&snapshot.facts);
        let entered = ledger.own(&id).into_iter().chain(ledger.peers(&id)).cloned();
        Ok(Json(OneIndicator {
            as_of: snapshot.info.clone(),
            figures: entered.chain(ledger.derived(&id).iter().cloned()).collect(),
            conflicts: snapshot.board.conflicts.iter().filter(|c| c.indicator == id).cloned().collect(),
            indicator,
        }))
    })
    .await
}

/// Which form, as of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
pub struct ExportParam {
    /// `csv` or `xlsx`.
    #[serde(default)]
    pub format: SheetFormat,
    /// A record number or an instant.
    pub as_of: Option<String>,
}

/// All indicators as a table.
#[utoipa::path(get, path = "/api/indicators/export", tag = "plan", params(ExportParam),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem)))]
pub async fn export(State(app): State<App>, Query(param): Query<ExportParam>) -> Result<Response, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        table(&snapshot.board.indicators, param.format, snapshot.info.seq)
    })
    .await
}

/// Indicators as a download.
pub fn table(indicators: &[IndicatorView], format: SheetFormat, seq: u64) -> Result<Response, Problem> {
    let head = [
        "指标代码",
        "指标",
        "分组",
        "单位",
        "基线",
        "基线时期",
        "目标",
        "目标时期",
        "实际",
        "实际时期",
        "状态",
        "目标出处",
        "目标原句",
        "数据截至记录",
    ];
    let value = |f: &Option<Figure>| match f {
        Some(Figure { value: Some(v), .. }) => Cell::Number(*v),
        Some(Figure { statement: Some(words), .. }) => words.as_str().into(),
        _ => Cell::Empty,
    };
    let period = |f: &Option<Figure>| f.as_ref().map(|f| f.period.text.clone()).unwrap_or_default().into();
    let rows = indicators.iter().map(|i| {
        let source = i.target.as_ref().or(i.baseline.as_ref()).map(|f| f.source.clone()).unwrap_or_default();
        vec![
            i.id.as_str().into(),
            i.title.zh.as_str().into(),
            i.group_title.zh.as_str().into(),
            i.unit.as_str().into(),
            value(&i.baseline),
            period(&i.baseline),
            value(&i.target),
            period(&i.target),
            value(&i.actual),
            period(&i.actual),
            status_words(i.status).into(),
            source.section_number.unwrap_or_default().into(),
            source.sentence.unwrap_or_default().into(),
            Cell::Number(seq as f64),
        ]
    });
    download("指标", format, &head, rows)
}

/// A status in Chinese.
pub fn status_words(status: Status) -> &'static str {
    match status {
        Status::Achieved => "达成",
        Status::Near => "接近",
        Status::Behind => "滞后",
        Status::NoData => "无数据",
        Status::Conflict => "口径冲突",
    }
}
