//! The monthly report: averages of each section, its class and what decides it, and rivers.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use nacre_devices::names::{local, object, text};
use nacre_indicators::Words;
use nacre_model::Instant;
use nacre_water::{Body, Class, Parameter, SectionReading, judge, river};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::monthly::document;
use super::sections::{all, pair, standard};
use crate::cases::shown::{About, Names};
use crate::devices::series::courses;
use crate::plan::sheet::{Cell, SheetFormat, attachment, download};
use crate::plan::store::blocking;
use crate::plan::typeset;
use crate::problem::Problem;
use crate::state::App;

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
pub struct MonthQuery {
    /// `2026-11`.
    pub month: String,
    /// `json` (default), `csv`, `xlsx`, `pdf`, `docx`, `html`.
    #[serde(default)]
    pub format: Option<String>,
}

/// A section over a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct MonthSection {
    pub id: String,
    pub name: String,
    pub creek: About,
    pub target_class: Option<String>,
    pub class: Option<String>,
    pub deciding: Vec<Words>,
    /// Parameters of the standard without a value.
    pub missing: Vec<Words>,
    pub meets: Option<bool>,
    /// Average by parameter, with how many values.
    pub averages: BTreeMap<String, (f64, usize)>,
    pub simulated: bool,
}

/// A river over a month.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct MonthRiver {
    pub name: String,
    pub judged: usize,
    pub verdict: Option<Words>,
    pub method: Option<Words>,
}

/// A month.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Month {
    pub month: String,
    pub from: String,
    pub to: String,
    pub sections: Vec<MonthSection>,
    pub rivers: Vec<MonthRiver>,
    /// Share of judged sections in class I to III.
    pub good_share: Option<f64>,
    pub standard: Words,
    pub seq: u64,
}

fn bounds(month: &str) -> Option<(Instant, Instant)> {
    let (year, number) = month.split_once('-')?;
    let (year, number): (i32, u32) = (year.parse().ok()?, number.parse().ok()?);
    let plain = month.len() == 7 && (1..=12).contains(&number);
    let at = |y: i32, m: u32| Instant::parse(&format!("{y:04}-{m:02}-01T00:00:00+08:00"));
    let (next_year, next) = if number == 12 { (year + 1, 1) } else { (year, number + 1) };
    Some((at(year, number).filter(|_| plain)?, at(next_year, next)?))
}

fn compute(app: &App, month: &str) -> Result<Month, Problem> {
    let (from, to) = bounds(month)
        .ok_or_else(|| Problem::bad("invalid_month", format!("`month` is `{month}`; needed: 2026-11")))?;
    let mut names = Names::new(app);
    let mut sections = Vec::new();
    let deciding: Vec<Parameter> = Parameter::ALL.into_iter().filter(|p| p.decides()).collect();
    let mut rivers: BTreeMap<String, Vec<SectionReading>> = BTreeMap::new();
    for entity in all(app, "WaterSection")? {
        let mut averages = BTreeMap::new();
        let mut means: Vec<(Parameter, f64)> = Vec::new();
        let mut simulated = false;
        let wanted: Vec<&str> = deciding.iter().map(|p| p.name()).collect();
        let found = courses(app, &entity.id, &wanted, (from, to.plus_ms(-1)))?;
        for (parameter, found) in deciding.iter().copied().zip(found) {
            if found.is_empty() {
                continue;
            }
            simulated |= found.iter().any(|m| m.simulated);
            let mean = found.iter().map(|m| m.value).sum::<f64>() / found.len() as f64;
            means.push((parameter, mean));
            averages.insert(parameter.name().to_owned(), ((mean * 1e4).round() / 1e4, found.len()));
        }
        let judgement = judge(&means, Body::River, None);
        let target = text(&entity, "targetClass").and_then(|t| Class::parse(&t));
        let creek = names.about(&object(&entity, "partOf").unwrap_or_default());
        if let Some(class) = judgement.class {
            rivers
                .entry(creek.name.clone())
                .or_default()
                .push(SectionReading { class: Some(class), values: means });
        }
        sections.push(MonthSection {
            id: local(entity.id.as_str()).to_owned(),
            name: text(&entity, "name").unwrap_or_default(),
            creek,
            target_class: target.map(|t| t.name().to_owned()),
            class: judgement.class.map(|c| c.name().to_owned()),
            deciding: judgement.deciding.iter().map(|d| pair(d.parameter.title())).collect(),
            missing: judgement.missing.iter().map(|p| pair(p.title())).collect(),
            meets: judgement.class.zip(target).map(|(c, t)| c <= t),
            averages,
            simulated,
        });
    }
    sections.sort_by(|a, b| a.name.cmp(&b.name));
    let judged: Vec<Class> = rivers.values().flatten().filter_map(|s| s.class).collect();
    let good = judged.iter().filter(|c| **c <= Class::III).count();
    Ok(Month {
        month: month.to_owned(),
        from: from.to_string(),
        to: to.to_string(),
        rivers: rivers
            .into_iter()
            .map(|(name, found)| {
                let verdict = (!found.is_empty()).then(|| river(&found, Body::River));
                MonthRiver {
                    name,
                    judged: found.len(),
                    verdict: verdict.as_ref().map(|v| pair(v.verdict)),
                    method: verdict.map(|v| pair(v.method)),
                }
            })
            .collect(),
        good_share: (!judged.is_empty()).then(|| good as f64 / judged.len() as f64),
        sections,
        standard: standard(),
        seq: app.tenant(None)?.status().applied.0,
    })
}

/// The report of a month: averages of what was measured, judged as the standard says.
#[utoipa::path(get, path = "/api/water/report", tag = "water", params(MonthQuery), responses((status = 200, body = Month), (status = 400, body = Problem)))]
pub async fn report(State(app): State<App>, Query(query): Query<MonthQuery>) -> Result<Response, Problem> {
    blocking(move || {
        let month = compute(&app, &query.month)?;
        let now = app.tenant(None)?.now();
        let format = match query.format.as_deref() {
            None | Some("json") => return Ok(Json(month).into_response()),
            Some("csv") => SheetFormat::Csv,
            Some("xlsx") => SheetFormat::Xlsx,
            Some(format @ ("pdf" | "docx" | "html")) => {
                let bytes = typeset::set(&document(&app, &month, now), format)?;
                let kind = match format {
                    "pdf" => "application/pdf",
                    "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                    _ => "text/html; charset=utf-8",
                };
                if format == "html" {
                    // A page to look at: no script, nothing from elsewhere.
                    let policy =
                        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
                    return Ok(
                        ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)], bytes).into_response()
                    );
                }
                return Ok(attachment(bytes, kind, &format!("水质月报-{}.{format}", month.month)));
            }
            Some(other) => {
                let detail = format!("`format` is `{other}`; needed: json, csv, xlsx, pdf, docx, html");
                return Err(Problem::bad("invalid_format", detail));
            }
        };
        let mut head = vec!["水体", "断面", "目标类别", "水质类别", "决定项目", "达标", "模拟"];
        head.extend(Parameter::ALL.iter().filter(|p| p.decides()).map(|p| p.title().0));
        let rows = month.sections.iter().map(|s| {
            let deciding: Vec<&str> = s.deciding.iter().map(|w| w.zh.as_str()).collect();
            let mut row: Vec<Cell> = vec![
                s.creek.name.as_str().into(),
                s.name.as_str().into(),
                s.target_class.clone().unwrap_or_default().into(),
                s.class.clone().unwrap_or_default().into(),
                deciding.join("、").into(),
                s.meets.map_or("", |m| if m { "是" } else { "否" }).into(),
                if s.simulated { "是" } else { "" }.into(),
            ];
            row.extend(
                Parameter::ALL
                    .iter()
                    .filter(|p| p.decides())
                    .map(|p| Cell::from(s.averages.get(p.name()).map(|(mean, _)| *mean))),
            );
            row
        });
        let rows: Vec<_> = rows.collect();
        download(&format!("水质月报-{}", month.month), format, &head, rows.into_iter())
    })
    .await
}
