//! A course of values over time, for a chart.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_devices::names::iri;
use nacre_indicators::Words;
use nacre_kernel::query::AsOf;
use nacre_model::{Change, Content, EntityId, Instant, Seq};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::registry::attribute_title;
use crate::cases::lists::moment;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Records of an entity looked at for one course.
const ROWS_MAX: usize = 200_000;
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

/// Values of an attribute by when they were observed, oldest first.
pub fn values(
    app: &App,
    id: &EntityId,
    attribute: &str,
    (from, to): (Instant, Instant),
) -> Result<Vec<Measured>, Problem> {
    let rows = app.tenant(None)?.history(&app.principal(), id, (Seq(1), Seq(u64::MAX)), true, ROWS_MAX)?;
    let name = iri(attribute);
    let mut found = Vec::new();
    for row in rows {
        for (i, change) in row.changes.iter().enumerate() {
            let (Change::SetAttribute { name: n, attribute: a, .. }
            | Change::AddHistory { name: n, attribute: a, .. }) = change
            else {
                continue;
            };
            let hidden = row.hidden.contains(&u32::try_from(i).unwrap_or(u32::MAX));
            let at = a.observed_at.unwrap_or(row.at);
            if *n != name || hidden || at < from || at > to {
                continue;
            }
            if let Content::Property(value) = &a.content
                && let Some(number) = value.as_number()
            {
                let simulated = a.attributes.iter().any(|(n, _)| *n == iri("simulated"));
                let unit = a.unit_code.as_deref().map(str::to_owned);
                found.push(Measured { at, value: number, unit, simulated });
            }
        }
    }
    found.sort_by_key(|m| m.at);
    Ok(found)
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
        let from = moment("from", &query.from)?.unwrap_or(to.plus_ms(-7 * 86_400_000));
        let found = values(&app, device.target(), &query.attribute, (from, to))?;
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
