//! The working calendar: what is known, when a term would end, and the table of a later year.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_calendar::{Date, Term, TermKind, Year};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::lists::moment;
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// The calendar.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarInfo {
    /// Office hours.
    pub hours: Vec<[String; 2]>,
    /// Tables of years.
    pub years: Vec<YearInfo>,
    /// Terms that reach this day are provisional.
    pub provisional_from: String,
    /// Terms that were reckoned again by what was just entered.
    pub recomputed: Option<usize>,
}

/// A table.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct YearInfo {
    pub year: i32,
    pub holidays: Vec<String>,
    pub workdays: Vec<String>,
    pub source: String,
    pub entered: bool,
}

/// A table as it is entered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct YearInput {
    /// Days off: single days or `2027-02-05..2027-02-11`.
    pub holidays: Vec<String>,
    /// Weekends that are worked.
    pub workdays: Vec<String>,
    /// Where it was announced.
    pub source: String,
}

fn info(app: &App, recomputed: Option<usize>) -> CalendarInfo {
    let operations = app.operations();
    let calendar = operations.calendar();
    let clock = |m: &u16| format!("{:02}:{:02}", m / 60, m % 60);
    let days = |days: &std::collections::BTreeSet<Date>| days.iter().map(Date::to_string).collect();
    let last = calendar.years().map(|y| y.year).max().unwrap_or(1970);
    CalendarInfo {
        hours: calendar.hours().0.iter().map(|(a, b)| [clock(a), clock(b)]).collect(),
        years: calendar
            .years()
            .map(|y| YearInfo {
                year: y.year,
                holidays: days(&y.holidays),
                workdays: days(&y.workdays),
                source: y.source.clone(),
                entered: operations.entered(y.year),
            })
            .collect(),
        provisional_from: format!("{}-01-01", last + 1),
        recomputed,
    }
}

/// Days and hours that are worked.
#[utoipa::path(get, path = "/api/calendar", tag = "cases", responses((status = 200, body = CalendarInfo)))]
pub async fn calendar(State(app): State<App>) -> Result<Json<CalendarInfo>, Problem> {
    blocking(move || {
        drop(app.operations().desk()?);
        Ok(Json(info(&app, None)))
    })
    .await
}

/// A term.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TermQuery {
    /// Since when; now, where absent.
    pub from: Option<String>,
    /// `urgent-hours`, `working-hours`, `working-days`, `natural-days`.
    #[param(value_type = String)]
    pub kind: TermKind,
    /// How many.
    pub amount: u32,
}

/// When it ends.
#[derive(Debug, Serialize, ToSchema)]
pub struct TermEnd {
    /// The last instant that is in time.
    pub at: String,
    /// It reaches into a year whose table is not known.
    pub provisional: bool,
}

/// When a term would end.
#[utoipa::path(get, path = "/api/calendar/end", tag = "cases", params(TermQuery), responses((status = 200, body = TermEnd), (status = 400, body = Problem)))]
pub async fn end(State(app): State<App>, Query(query): Query<TermQuery>) -> Result<Json<TermEnd>, Problem> {
    if query.amount > nacre_calendar::AMOUNT_MAX {
        let detail = format!("`amount` is {}; at most {}", query.amount, nacre_calendar::AMOUNT_MAX);
        return Err(Problem::bad("invalid_amount", detail));
    }
    let now = app.tenant(None)?.now();
    let from = moment("from", &query.from)?.unwrap_or(now);
    let end = app.operations().calendar().end(from, Term { kind: query.kind, amount: query.amount });
    Ok(Json(TermEnd { at: end.at.to_string(), provisional: end.provisional }))
}

/// Enters the table of a year; provisional terms are reckoned again.
#[utoipa::path(put, path = "/api/calendar/{year}", tag = "cases", params(("year" = i32, Path)), request_body = YearInput,
    responses((status = 200, body = CalendarInfo), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn enter(
    State(app): State<App>,
    Path(year): Path<i32>,
    post: Post,
    Json(input): Json<YearInput>,
) -> Result<Json<CalendarInfo>, Problem> {
    post.needs(&app, "calendar.enter")?;
    blocking(move || {
        let wrong = |why: String| Problem::bad("invalid_year", why);
        if !(2000..=2100).contains(&year) {
            return Err(wrong(format!("`{year}` is no year between 2000 and 2100")));
        }
        let days = |all: &[String], field: &str| {
            let bad = || {
                wrong(format!(
                    "`{field}`: needed are days such as 2027-01-01 or ranges 2027-02-05..2027-02-11"
                ))
            };
            Year::days(all).ok_or_else(bad)
        };
        let (holidays, workdays) = (days(&input.holidays, "holidays")?, days(&input.workdays, "workdays")?);
        let table = Year { year, holidays, workdays, source: input.source };
        let faults: Vec<String> = table.check().iter().map(ToString::to_string).collect();
        if !faults.is_empty() {
            return Err(wrong(faults.join("; ")));
        }
        let changed = app.operations().enter_year(post.principal(), &table)?;
        Ok(Json(info(&app, Some(changed))))
    })
    .await
}
