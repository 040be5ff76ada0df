//! A course of values over time, for a chart.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_devices::names::iri;
use nacre_indicators::Words;
use nacre_kernel::query::AsOf;
use nacre_model::{Change, Content, EntityId, Instant, Iri, Seq};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::registry::attribute_title;
use crate::cases::lists::moment;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Records of an entity looked at for one answer: a reading a minute for two years.
const ROWS_MAX: usize = 1_000_000;
/// Of them at once.
const ROWS_EACH: usize = 5_000;
const DAY_MS: i64 = 86_400_000;
/// Most points.
const POINTS_MAX: usize = 5_000;

/// Which course.
#[derive(Debug, Deserialize, IntoParams)]
#[allow(missing_docs)]
pub struct SeriesQuery {
    pub attribute: String,
    pub from: Option<String>,
    pub to: Option<String>,
    pub points: Option<usize>,
}

/// A course.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Series {
    pub attribute: String,
    pub title: Words,
    pub unit: Option<String>,
    /// Milliseconds since 1970, and the value.
    #[schema(value_type = Vec<Vec<f64>>)]
    pub points: Vec<(i64, f64)>,
    pub from: String,
    pub to: String,
    /// Not every point is shown: least and greatest of each stretch are.
    pub thinned: bool,
    pub simulated: bool,
}

/// A value as it was observed.
#[derive(Debug)]
pub struct Measured {
    /// When.
    pub at: Instant,
    /// How much.
    pub value: f64,
    /// UN/CEFACT unit code.
    pub unit: Option<String>,
    /// By a simulated device.
    pub simulated: bool,
}

/// Values of attributes by when they were observed, oldest first, in step with `attributes`: one walk over the history, newest
/// record first, back to the day before `from` (a clock may be ahead, never a day).
pub fn courses(
    app: &App,
    id: &EntityId,
    attributes: &[&str],
    (from, to): (Instant, Instant),
) -> Result<Vec<Vec<Measured>>, Problem> {
    let names: Vec<Iri> = attributes.iter().map(|a| iri(a)).collect();
    let mut found: Vec<Vec<Measured>> = names.iter().map(|_| Vec::new()).collect();
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let (mut before, mut looked) = (Seq(u64::MAX), 0);
    'walk: loop {
        let rows = tenant.history(&who, id, (Seq(1), before), true, ROWS_EACH)?;
        for row in &rows {
            if row.at < from.plus_ms(-DAY_MS) {
                break 'walk;
            }
            for (i, change) in row.changes.iter().enumerate() {
                if !row.hidden.contains(&u32::try_from(i).unwrap_or(u32::MAX)) {
                    measured(change, row.at, &names, (from, to), &mut found);
                }
            }
        }
        looked += rows.len();
        let Some(last) = rows.last().filter(|_| rows.len() == ROWS_EACH) else { break };
        if looked >= ROWS_MAX {
            let detail = format!(
                "超过 {ROWS_MAX} 条记录，请缩短时段。 / More than {ROWS_MAX} records: ask for a later start."
            );
            return Err(Problem::bad("history_too_long", detail));
        }
        before = Seq(last.seq.0 - 1);
    }
    for course in &mut found {
        course.sort_by_key(|m| m.at);
    }
    Ok(found)
}

/// What a change says of the attributes that are wanted.
fn measured(
    change: &Change,
    at: Instant,
    names: &[Iri],
    (from, to): (Instant, Instant),
    found: &mut [Vec<Measured>],
) {
    let (Change::SetAttribute { name, attribute: a, .. } | Change::AddHistory { name, attribute: a, .. }) =
        change
    else {
        return;
    };
    let at = a.observed_at.unwrap_or(at);
    let Some(course) = names.iter().position(|n| n == name).filter(|_| at >= from && at <= to) else {
        return;
    };
    if let Content::Property(value) = &a.content
        && let Some(value) = value.as_number()
    {
        let simulated = a.attributes.iter().any(|(n, _)| *n == iri("simulated"));
        let unit = a.unit_code.as_deref().map(str::to_owned);
        found[course].push(Measured { at, value, unit, simulated });
    }
}

/// Least and greatest of each stretch, so that no peak is lost.
fn thin(points: Vec<(i64, f64)>, most: usize) -> (Vec<(i64, f64)>, bool) {
    if points.len() <= most {
        return (points, false);
    }
    let stretch = points.len().div_ceil(most / 2);
    let mut kept = Vec::with_capacity(most);
    for part in points.chunks(stretch) {
        let least = part.iter().min_by(|a, b| a.1.total_cmp(&b.1));
        let greatest = part.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<_> = least.into_iter().chain(greatest).copied().collect();
        both.sort_by_key(|(at, _)| *at);
        both.dedup_by_key(|(at, _)| *at);
        kept.extend(both);
    }
    (kept, true)
}

/// The course of an attribute of what the device observes.
#[utoipa::path(get, path = "/api/devices/{id}/series", tag = "devices", params(("id" = String, Path), SeriesQuery),
    responses((status = 200, body = Series), (status = 404, body = Problem)))]
pub async fn series(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query<SeriesQuery>,
) -> Result<Json<Series>, Problem> {
    blocking(move || {
        let missing = || Problem::not_found(format!("没有设备 `{id}`。 / There is no device `{id}`."));
        let device = app.operations().device(&id).ok_or_else(missing)?;
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let to = moment("to", &query.to)?.unwrap_or(now);
        let from = moment("from", &query.from)?.unwrap_or(to.plus_ms(-7 * DAY_MS));
        let courses = courses(&app, device.target(), &[&query.attribute], (from, to))?;
        let found: Vec<Measured> = courses.into_iter().flatten().collect();
        let unit = found.iter().rev().find_map(|m| m.unit.clone());
        let simulated = found.iter().any(|m| m.simulated);
        let kind = tenant.entity(&app.principal(), device.target(), AsOf::Now)?;
        let kind = kind.and_then(|e| Some(e.types.first()?.as_str().rsplit('/').next()?.to_owned()));
        let points = found.into_iter().map(|m| (m.at.0, m.value)).collect();
        let (points, thinned) = thin(points, query.points.unwrap_or(500).clamp(10, POINTS_MAX));
        Ok(Json(Series {
            title: attribute_title(&app, &kind.unwrap_or_default(), &query.attribute),
            attribute: query.attribute,
            unit,
            points,
            from: from.to_string(),
            to: to.to_string(),
            thinned,
            simulated,
        }))
    })
    .await
}
