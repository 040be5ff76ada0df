//! Figures of cases: 办结率, 按期率, by street, kind, organisation, hour.

use axum::Json;
use axum::extract::{Query, State};
use nacre_cases::desk::{Group, GroupBy};
use nacre_indicators::Words;
use serde::Serialize;
use utoipa::ToSchema;

use super::lists::CaseQuery;
use super::shown::{Names, words};
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Figures.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Statistics {
    #[serde(flatten)]
    pub all: Counted,
    /// What the figures mean 口径.
    pub definition: Words,
    /// What they are grouped by.
    pub by: Option<String>,
    pub rows: Vec<CountedRow>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub seq: u64,
    pub at: String,
}

/// Counts of a group.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Counted {
    pub filed: u64,
    pub closed: u64,
    pub void: u64,
    pub open: u64,
    pub overdue: u64,
    pub on_time: u64,
    pub closure_rate: Option<f64>,
    pub on_time_rate: Option<f64>,
    pub average_hours: Option<f64>,
}

/// A group with its name.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct CountedRow {
    pub key: String,
    pub title: Words,
    #[serde(flatten)]
    pub counted: Counted,
}

impl From<Group> for Counted {
    fn from(group: Group) -> Counted {
        Counted {
            filed: group.filed,
            closed: group.closed,
            void: group.void,
            open: group.open,
            overdue: group.overdue,
            on_time: group.on_time,
            closure_rate: group.closure_rate(),
            on_time_rate: group.on_time_rate(),
            average_hours: group.average_hours(),
        }
    }
}

fn definition() -> Words {
    Words::new(
        "办结率 = 已结案 ÷ 已立案；按期率 = 从未超期的结案 ÷ 已结案。不予立案、并案、撤回的不计入。按上报时间归属，由案件记录实时重算。",
        "Closure rate = closed ÷ filed; on-time rate = closed without ever passing a term ÷ closed. Refused, merged and withdrawn cases count in neither. Cases belong to the moment they were reported; recomputed from their records.",
    )
}

/// Figures of the cases that fit.
#[utoipa::path(get, path = "/api/cases/statistics", tag = "cases", params(CaseQuery), responses((status = 200, body = Statistics), (status = 400, body = Problem)))]
pub async fn statistics(
    State(app): State<App>,
    Query(query): Query<CaseQuery>,
    post: Post,
) -> Result<Json<Statistics>, Problem> {
    blocking(move || {
        let filter = query.filter(&post)?;
        let by = match &query.by {
            None => None,
            Some(name) => Some(GroupBy::parse(name).ok_or_else(|| {
                let detail =
                    format!("`by` is `{name}`; needed: street, code, organisation, hour, day, source, state");
                Problem::bad("invalid_grouping", detail)
            })?),
        };
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let operations = app.operations();
        let figures = operations.desk()?.figures(&filter, by, 480, now);
        let mut names = Names::new(&app);
        let office = operations.office();
        let one = filter.workflow.as_ref().and_then(|w| office.workflows.get(w));
        let code = |key: &str| {
            let all = one.into_iter().chain(office.workflows.values());
            all.filter_map(|w| w.codes.get(key)).next().map(|s| words(&s.title))
        };
        let state = |key: &str| {
            let all = one.into_iter().chain(office.workflows.values());
            all.filter_map(|w| w.state(key)).next().map(|s| words(&s.title))
        };
        let none = Words::new("未填", "not given");
        let mut rows: Vec<CountedRow> = figures
            .groups
            .into_iter()
            .map(|(key, group)| {
                let plain = Words::new(key.as_str(), key.as_str());
                let title = match by {
                    _ if key.is_empty() => none.clone(),
                    Some(GroupBy::Street) => {
                        names.of("Street", &key).map_or(plain, |n| Words::new(n.as_str(), n.as_str()))
                    }
                    Some(GroupBy::Organisation) => {
                        let name = names.party(&key).name;
                        Words::new(name.as_str(), name.as_str())
                    }
                    Some(GroupBy::Code) => code(&key).unwrap_or(plain),
                    Some(GroupBy::State) => state(&key).unwrap_or(plain),
                    Some(GroupBy::Hour) => Words::new(format!("{key} 时"), format!("{key}:00")),
                    Some(GroupBy::Source) => super::verbs::source_words(&key),
                    _ => plain,
                };
                CountedRow { key, title, counted: group.into() }
            })
            .collect();
        if !matches!(by, Some(GroupBy::Hour | GroupBy::Day)) {
            rows.sort_by_key(|r| std::cmp::Reverse(r.counted.filed + r.counted.open));
        }
        Ok(Json(Statistics {
            all: figures.all.into(),
            definition: definition(),
            by: query.by.clone(),
            rows,
            from: filter.from.map(|t| t.to_string()),
            to: filter.to.map(|t| t.to_string()),
            seq: tenant.status().applied.0,
            at: now.to_string(),
        }))
    })
    .await
}
