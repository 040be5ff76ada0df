//! Lists, exports and maps of cases.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::response::Response;
use nacre_cases::desk::{Filter, Light, Sort};
use nacre_model::{Bounds, Instant};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shown::{CaseRow, Names, who};
use super::workflows::parse_kind;
use crate::plan::post::Post;
use crate::plan::sheet::{Cell, SheetFormat, download};
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Largest page.
pub const LIMIT_MAX: usize = 500;
/// Most rows of an export.
const EXPORT_MAX: usize = 200_000;

/// Which cases.
#[derive(Debug, Default, Clone, Deserialize, IntoParams, ToSchema)]
#[serde(rename_all = "camelCase", default)]
#[allow(missing_docs)]
pub struct CaseQuery {
    pub workflow: Option<String>,
    /// States, separated by commas.
    pub state: Option<String>,
    /// `open`, `done`, `void`.
    pub kind: Option<String>,
    pub organisation: Option<String>,
    pub role: Option<String>,
    pub person: Option<String>,
    /// Those whose turn it is for the post.
    pub mine: bool,
    pub street: Option<String>,
    pub code: Option<String>,
    pub source: Option<String>,
    /// Looked for in number, title and address.
    pub q: Option<String>,
    pub overdue: bool,
    /// `red`, `yellow`, `green`, `paused`, `none`, `done`.
    pub light: Option<String>,
    pub supervised: bool,
    pub simulated: Option<bool>,
    /// Opened at or after.
    pub from: Option<String>,
    /// Opened before.
    pub to: Option<String>,
    /// `west,south,east,north`.
    pub bbox: Option<String>,
    /// URN of what it is about.
    pub about: Option<String>,
    pub parent: Option<String>,
    /// `createdAt`, `-createdAt`, `dueAt`, `-dueAt`, `number`, `-since`.
    pub sort: Option<String>,
    pub offset: usize,
    pub limit: Option<usize>,
    /// Of an export: `csv` or `xlsx`.
    pub format: SheetFormat,
    /// Of a map: 0 to 20.
    pub zoom: Option<u8>,
    /// Of figures.
    pub by: Option<String>,
}

/// An instant, or a day in the district.
pub fn moment(field: &str, text: &Option<String>) -> Result<Option<Instant>, Problem> {
    let Some(text) = text.as_deref().map(str::trim).filter(|t| !t.is_empty()) else { return Ok(None) };
    let day = || Instant::parse(&format!("{text}T00:00:00+08:00"));
    let found = Instant::parse(text).or_else(day);
    let wrong =
        || Problem::bad("invalid_time", format!("`{field}` is `{text}`; needed: 2026-11-23 or an instant"));
    found.map(Some).ok_or_else(wrong)
}

impl CaseQuery {
    /// As a filter of the desk.
    pub fn filter(&self, post: &Post) -> Result<Filter, Problem> {
        let light = match (&self.light, self.overdue) {
            (None, true) => Some(Light::Red),
            (None, false) => None,
            (Some(name), _) => Some(Light::parse(name).ok_or_else(|| {
                Problem::bad(
                    "invalid_light",
                    format!("`light` is `{name}`; needed: red, yellow, green, paused, none, done"),
                )
            })?),
        };
        let kind = match &self.kind {
            None => None,
            Some(text) => Some(parse_kind(text).ok_or_else(|| {
                Problem::bad("invalid_kind", format!("`kind` is `{text}`; needed: open, done, void"))
            })?),
        };
        let parent = self.parent.as_ref().map(|p| crate::plan::store::urn("Case", p));
        let some = |t: &Option<String>| t.clone().filter(|t| !t.is_empty());
        Ok(Filter {
            workflow: some(&self.workflow),
            states: self
                .state
                .iter()
                .flat_map(|s| s.split(','))
                .filter(|s| !s.is_empty())
                .map(str::to_owned)
                .collect(),
            kind,
            organisation: some(&self.organisation),
            role: some(&self.role),
            person: some(&self.person),
            mine: self.mine.then(|| who(post)),
            street: some(&self.street),
            code: some(&self.code),
            source: some(&self.source),
            text: some(&self.q).map(|q| q.trim().to_lowercase()),
            light,
            supervised: self.supervised,
            simulated: self.simulated,
            from: moment("from", &self.from)?,
            to: moment("to", &self.to)?,
            area: self.bbox.as_deref().map(bounds).transpose()?,
            about: some(&self.about),
            parent,
        })
    }

    fn sort(&self) -> Result<Sort, Problem> {
        let Some(name) = &self.sort else { return Ok(Sort::Newest) };
        let wrong = || {
            let detail =
                format!("`sort` is `{name}`; needed: createdAt, -createdAt, dueAt, -dueAt, number, -since");
            Problem::bad("invalid_sort", detail)
        };
        Sort::parse(name).ok_or_else(wrong)
    }
}

/// Reads `west,south,east,north`.
pub fn bounds(text: &str) -> Result<Bounds, Problem> {
    let numbers: Vec<f64> = text.split(',').filter_map(|n| n.trim().parse().ok()).collect();
    let wrong = || Problem::bad("invalid_bbox", format!("`bbox` is `{text}`; needed: west,south,east,north"));
    match numbers.as_slice() {
        &[west, south, east, north] if west <= east && south <= north => {
            Ok(Bounds { west, south, east, north })
        }
        _ => Err(wrong()),
    }
}

/// A page of cases.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseList {
    /// The page.
    pub cases: Vec<CaseRow>,
    /// All that fit.
    pub total: usize,
    /// How many fit by state and light, whatever the page.
    pub counts: Counts,
    /// The record it is complete to.
    pub seq: u64,
    /// When it was asked.
    pub at: String,
}

/// How many.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Counts {
    /// By state.
    pub state: BTreeMap<String, usize>,
    /// By light.
    pub light: BTreeMap<String, usize>,
}

/// Cases that fit, a page of them.
#[utoipa::path(get, path = "/api/cases", tag = "cases", params(CaseQuery), responses((status = 200, body = CaseList), (status = 400, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<CaseQuery>,
    post: Post,
) -> Result<Json<CaseList>, Problem> {
    blocking(move || {
        let (filter, sort) = (query.filter(&post)?, query.sort()?);
        let limit = query.limit.unwrap_or(50);
        if limit > LIMIT_MAX {
            return Err(Problem::bad("limit_too_large", format!("`limit` is {limit}; at most {LIMIT_MAX}")));
        }
        let desk = app.operations().desk()?;
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let found = desk.list(&filter, sort, now);
        let mut counts = Counts::default();
        for line in &found {
            *counts.state.entry(line.case.state.clone()).or_default() += 1;
            *counts.light.entry(line.light(now).name().to_owned()).or_default() += 1;
        }
        let page: Vec<_> = found.iter().skip(query.offset).take(limit).cloned().collect();
        let workflows: Vec<_> = page.iter().map(|l| desk.workflow(&l.case.workflow).cloned()).collect();
        let total = found.len();
        // Names are looked up without holding up who follows the records.
        drop(desk);
        let mut names = Names::new(&app);
        let cases = page.iter().zip(&workflows).map(|(line, w)| names.row(line, w.as_ref(), now)).collect();
        Ok(Json(CaseList { cases, total, counts, seq: tenant.status().applied.0, at: now.to_string() }))
    })
    .await
}

/// The same cases as a table.
#[utoipa::path(get, path = "/api/cases/export", tag = "cases", params(CaseQuery), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn export(
    State(app): State<App>,
    Query(query): Query<CaseQuery>,
    post: Post,
) -> Result<Response, Problem> {
    blocking(move || {
        let (filter, sort) = (query.filter(&post)?, query.sort()?);
        let desk = app.operations().desk()?;
        let now = app.tenant(None)?.now();
        let found = desk.list(&filter, sort, now);
        let lines: Vec<_> = found
            .into_iter()
            .take(EXPORT_MAX)
            .map(|l| (desk.workflow(&l.case.workflow).cloned(), l))
            .collect();
        drop(desk);
        let mut names = Names::new(&app);
        let head = [
            "编号",
            "标题",
            "流程",
            "状态",
            "代码",
            "类别",
            "街道",
            "承办单位",
            "经办岗位",
            "地点",
            "经度",
            "纬度",
            "来源",
            "上报时间",
            "立案时间",
            "期限",
            "暂定",
            "灯",
            "超期次数",
            "结案时间",
            "督办",
            "模拟",
        ];
        let yes = |b: bool| Cell::from(if b { "是" } else { "" });
        let rows = lines.iter().map(|(workflow, line)| {
            let row = names.row(line, workflow.as_ref(), now);
            let case = &line.case;
            let time = |t: Option<Instant>| Cell::from(t.map(local_time).unwrap_or_default());
            vec![
                row.number.into(),
                row.title.into(),
                workflow.as_ref().map(|w| w.def.title.zh.clone()).unwrap_or_default().into(),
                row.state_title.zh.into(),
                row.code.unwrap_or_default().into(),
                row.code_title.map(|t| t.zh).unwrap_or_default().into(),
                row.street_name.unwrap_or_default().into(),
                row.organisation.map(|o| o.name).unwrap_or_default().into(),
                row.role_title.map(|t| t.zh).unwrap_or_default().into(),
                row.address.unwrap_or_default().into(),
                row.location.map(|l| l[0]).into(),
                row.location.map(|l| l[1]).into(),
                row.source.into(),
                time(Some(case.created)),
                time(case.filed),
                time(case.duty.due.as_ref().map(|d| d.at.0)),
                yes(row.provisional),
                row.light.into(),
                Cell::Number(f64::from(case.duty.overdue)),
                time(case.closed),
                yes(row.supervised),
                yes(row.simulated),
            ]
        });
        let rows: Vec<_> = rows.collect();
        download("案件", query.format, &head, rows.into_iter())
    })
    .await
}

/// An instant as people in the district read it.
pub fn local_time(at: Instant) -> String {
    at.plus_ms(8 * 3_600_000).to_string()[..19].replace('T', " ")
}

/// What a map shows.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseMap {
    /// Where many are.
    pub clusters: Vec<CaseCluster>,
    /// Single ones.
    pub cases: Vec<CaseRow>,
    /// All that fit and have a place.
    pub total: usize,
    /// Those without a place.
    pub unplaced: usize,
}

/// Cases near each other.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseCluster {
    /// Their middle.
    pub location: [f64; 2],
    /// How many.
    pub count: usize,
    /// Of them past their term.
    pub overdue: usize,
    /// `[west, south, east, north]`.
    pub bbox: [f64; 4],
}

/// Cases for a map: single ones, or clusters by zoom.
#[utoipa::path(get, path = "/api/cases/map", tag = "cases", params(CaseQuery), responses((status = 200, body = CaseMap)))]
pub async fn map(
    State(app): State<App>,
    Query(query): Query<CaseQuery>,
    post: Post,
) -> Result<Json<CaseMap>, Problem> {
    blocking(move || {
        let filter = query.filter(&post)?;
        let desk = app.operations().desk()?;
        let now = app.tenant(None)?.now();
        let found = desk.map(&filter, query.zoom.unwrap_or(12), now);
        let single: Vec<_> = found
            .single
            .iter()
            .take(2_000)
            .map(|l| (desk.workflow(&l.case.workflow).cloned(), l.clone()))
            .collect();
        drop(desk);
        let mut names = Names::new(&app);
        let clusters = found.clusters.iter().map(|c| CaseCluster {
            location: [c.middle.longitude, c.middle.latitude],
            count: c.count,
            overdue: c.overdue,
            bbox: [c.bounds.west, c.bounds.south, c.bounds.east, c.bounds.north],
        });
        Ok(Json(CaseMap {
            clusters: clusters.collect(),
            cases: single.iter().map(|(w, l)| names.row(l, w.as_ref(), now)).collect(),
            total: found.total,
            unplaced: found.unplaced,
        }))
    })
    .await
}
