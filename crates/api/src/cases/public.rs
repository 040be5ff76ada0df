//! What citizens report, and how they follow it by a code that only they have.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_cases::workflow::StateKind;
use nacre_cases::{Case, FileRef, Input, Opening, Who, Workflow};
use nacre_indicators::Words;
use nacre_kernel::Principal;
use nacre_model::Actor;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

use super::shown::{Names, RatingInfo, kind_name, words};
use super::timeline::timeline;
use super::verbs::{OpeningInput, ReporterInput, opened, opening, submit};
use super::workflows::{CodeInfo, codes};
use crate::plan::store::{blocking, new_id};
use crate::problem::Problem;
use crate::state::App;

/// Reports taken from everybody together in a minute: more is no citizen.
const PER_MINUTE: usize = 120;

/// What can be reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct Services {
    /// Workflow that takes them.
    pub workflow: String,
    /// Kinds.
    pub services: Vec<CodeInfo>,
}

/// A report.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ReportInput {
    pub code: Option<String>,
    pub title: Option<String>,
    pub description: String,
    pub location: Option<[f64; 2]>,
    pub datum: Option<String>,
    pub address: Option<String>,
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<FileRef>,
    pub name: Option<String>,
    pub phone: Option<String>,
    pub anonymous: bool,
}

/// What a citizen gets back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reported {
    /// Number of the case.
    pub number: String,
    /// The code to follow it with; shown once, kept as a digest.
    pub track: String,
    /// Where it stands.
    pub state_title: Words,
}

/// A step as a citizen sees it.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct PublicStep {
    pub at: String,
    pub title: Words,
    pub note: Option<String>,
}

/// A report as its reporter sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Followed {
    pub number: String,
    pub title: String,
    pub state_title: Words,
    pub kind: String,
    pub created_at: String,
    pub due_at: Option<String>,
    pub provisional: bool,
    pub steps: Vec<PublicStep>,
    pub can_rate: bool,
    pub rating: Option<RatingInfo>,
    pub files: Vec<String>,
    pub simulated: bool,
}

/// The workflow that takes reports of citizens.
pub fn workflow(app: &App) -> Result<Arc<Workflow>, Problem> {
    let packs = app.settings().packs.iter().flat_map(|p| p.workflows.values());
    let found = packs.filter(|w| w.def.public).map(Arc::clone).next();
    found.ok_or_else(|| Problem::not_found("no pack of this district takes reports of citizens"))
}

/// A citizen, who has no post.
pub fn reporter() -> (Who, Principal) {
    let who = Who { actor: "public:reporter".into(), reporter: true, ..Who::default() };
    (who, Principal { actor: Actor::new("public:reporter") })
}

/// What can be reported.
#[utoipa::path(get, path = "/api/public/services", tag = "public", responses((status = 200, body = Services)))]
pub async fn services(State(app): State<App>) -> Result<Json<Services>, Problem> {
    let workflow = workflow(&app)?;
    Ok(Json(Services { workflow: workflow.id.clone(), services: codes(&workflow) }))
}

/// What a citizen reports becomes a case.
pub async fn take(
    app: &App,
    input: ReportInput,
    source: &str,
) -> Result<(nacre_model::EntityId, String), Problem> {
    app.public_pace(PER_MINUTE)?;
    let flow = workflow(app)?;
    if input.description.trim().is_empty() {
        return Err(Problem::bad(
            "case_form",
            "`description`：请说明情况。 / `description`: say what it is.",
        ));
    }
    let of_code = input.code.as_ref().and_then(|c| flow.codes.get(c)).map(|s| s.title.zh.clone());
    let first: String = input.description.trim().chars().take(30).collect();
    let title = input.title.filter(|t| !t.trim().is_empty()).or(of_code).unwrap_or(first);
    let track = format!("{}{}", new_id(""), new_id("")).to_uppercase();
    let reporter_input = ReporterInput { name: input.name, phone: input.phone, anonymous: input.anonymous };
    let given = OpeningInput {
        workflow: flow.id.clone(),
        title,
        description: Some(input.description),
        code: input.code.filter(|c| !c.is_empty()),
        location: input.location,
        datum: input.datum,
        address: input.address,
        source: Some(source.to_owned()),
        files: input.files,
        reporter: Some(reporter_input),
        ..OpeningInput::default()
    };
    let checked = app.clone();
    let ready: Opening = blocking(move || opening(&checked, given)).await?;
    if ready.files.iter().any(|f| !f.media_type.starts_with("image/")) {
        return Err(Problem::bad("file_type", "只收图片。 / Pictures only."));
    }
    let ready = Opening { track: Some(crate::sha256(track.as_bytes())), ..ready };
    let (who, principal) = reporter();
    let id = opened(app, principal, ready, who, None).await?;
    Ok((id, track))
}

/// Takes a report.
#[utoipa::path(post, path = "/api/public/reports", tag = "public", request_body = ReportInput,
    responses((status = 201, body = Reported), (status = 400, body = Problem), (status = 429, body = Problem)))]
pub async fn report(State(app): State<App>, Json(input): Json<ReportInput>) -> Result<Response, Problem> {
    let (id, track) = take(&app, input, "citizen").await?;
    let answer = blocking(move || {
        let desk = app.operations().desk()?;
        let line = desk.find(id.as_str()).ok_or_else(|| Problem::not_found("the report is gone"))?;
        let state = desk.workflow(&line.case.workflow).and_then(|w| w.state(&line.case.state));
        let state_title = state.map(|s| words(&s.title)).unwrap_or_else(|| Words::new("", ""));
        Ok(Reported { number: line.case.number.clone(), track, state_title })
    });
    Ok((StatusCode::CREATED, Json(answer.await?)).into_response())
}

fn tracked(app: &App, track: &str) -> Result<nacre_model::EntityId, Problem> {
    let digest = crate::sha256(track.trim().to_uppercase().as_bytes());
    let desk = app.operations().desk()?;
    let found = desk.all().rev().find(|l| l.case.track.as_deref() == Some(&*digest));
    let missing = || Problem::not_found("没有这个查询码。 / There is no report with this code.");
    found.map(|l| l.case.id.clone()).ok_or_else(missing)
}

fn shown(app: &App, track: &str) -> Result<Followed, Problem> {
    let id = tracked(app, track)?;
    let tenant = app.tenant(None)?;
    let stored = tenant.entity(&app.principal(), &id, nacre_kernel::query::AsOf::Now)?;
    let stored = stored.ok_or_else(|| Problem::not_found("the report is gone"))?;
    let case = Case::read(&stored).map_err(nacre_kernel::Refusal::from)?;
    let flow =
        app.operations().office().workflow(&case.workflow).map_err(nacre_kernel::Refusal::from)?.clone();
    let mut names = Names::new(app);
    let state = flow.state(&case.state);
    let kind = state.map_or(StateKind::Void, |s| s.kind);
    // Moves are told; words only where the case was refused, merged or closed: those are written for the reporter.
    let told = |to: &Option<String>| {
        to.as_ref().and_then(|t| flow.state(t)).is_some_and(|s| s.kind != StateKind::Open)
    };
    let steps = timeline(app, &case, &flow, &mut names)?.into_iter().filter(|s| s.to.is_some());
    let steps = steps
        .map(|s| PublicStep {
            at: s.at,
            note: s.note.filter(|_| told(&s.to)),
            title: s.to_title.unwrap_or(s.title),
        })
        .collect();
    let pictures = case.files.iter().filter(|f| f.media_type.starts_with("image/"));
    let own = pictures.filter(|f| f.by == "public:reporter" || kind != StateKind::Open);
    Ok(Followed {
        number: case.number.clone(),
        title: case.title.clone(),
        state_title: state.map(|s| words(&s.title)).unwrap_or_else(|| Words::new("", "")),
        kind: kind_name(kind).to_owned(),
        created_at: case.created.to_string(),
        due_at: case.duty.due.as_ref().map(|d| d.at.0.to_string()),
        provisional: case.duty.due.as_ref().is_some_and(|d| d.provisional),
        steps,
        can_rate: kind == StateKind::Done && case.rating.is_none(),
        rating: case.rating.as_ref().map(|r| RatingInfo {
            stars: r.stars,
            note: r.note.clone(),
            at: r.at.0.to_string(),
        }),
        files: own.map(|f| f.sha256.clone()).collect(),
        simulated: case.simulated,
    })
}

/// Where a report stands.
#[utoipa::path(get, path = "/api/public/reports/{track}", tag = "public", params(("track" = String, Path)),
    responses((status = 200, body = Followed), (status = 404, body = Problem)))]
pub async fn follow(State(app): State<App>, Path(track): Path<String>) -> Result<Json<Followed>, Problem> {
    blocking(move || shown(&app, &track).map(Json)).await
}

/// A rating.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RatingInput {
    /// 1 to 5.
    pub stars: u8,
    /// In words.
    #[serde(default)]
    pub note: Option<String>,
}

/// The reporter rates what was done.
#[utoipa::path(post, path = "/api/public/reports/{track}/rating", tag = "public", params(("track" = String, Path)), request_body = RatingInput,
    responses((status = 200, body = Followed), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn rate(
    State(app): State<App>,
    Path(track): Path<String>,
    Json(input): Json<RatingInput>,
) -> Result<Json<Followed>, Problem> {
    let (asked, code) = (app.clone(), track.clone());
    let id = blocking(move || tracked(&asked, &code)).await?;
    let (who, principal) = reporter();
    let input = Input { stars: Some(input.stars), note: input.note, ..Input::default() };
    let part = super::verbs::new_case()?;
    let office = app.operations().office();
    let act = nacre_cases::ActOnCase { id, verb: "rate".into(), input, who, part, office };
    submit(&app, principal, act, None).await?;
    blocking(move || shown(&app, &track).map(Json)).await
}
