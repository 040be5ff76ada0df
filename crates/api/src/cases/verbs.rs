//! Opening a case, and the verbs upon it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use nacre_cases::decide::Possible;
use nacre_cases::{ActOnCase, Case, FileRef, Input, OpenCase, Opening, Who, Workflow};
use nacre_indicators::Words;
use nacre_kernel::{Act, Command, Principal, Submission, Verb};
use nacre_model::datum::Datum;
use nacre_model::{EntityId, Iri, Position};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::shown::{CaseInfo, found, who, whole, words};
use crate::plan::post::Post;
use crate::plan::store::{blocking, new_id, urn};
use crate::problem::Problem;
use crate::state::App;

/// A verb somebody may use now.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct VerbInfo {
    pub name: String,
    pub title: Words,
    pub primary: bool,
    pub danger: bool,
    pub consequence: Option<Words>,
    pub form: Vec<FormField>,
}

/// What has to be given with it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct FormField {
    pub name: String,
    pub title: Words,
    /// `text`, `organisation`, `person`, `posts`, `role`, `files`, `state`, `number`, `instant`, `case`, `stars`.
    pub kind: String,
    pub required: bool,
    pub choices: Vec<Choice>,
    pub hint: Option<Words>,
}

/// A choice.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Choice {
    pub value: String,
    pub title: Words,
}

/// Verbs with their forms.
pub fn verbs(case: &Case, workflow: &Workflow, possible: &[Possible]) -> Vec<VerbInfo> {
    let field = |(name, required): &(&'static str, bool)| {
        let (kind, zh, en) = match *name {
            "note" => ("text", "意见", "Words"),
            "organisation" => ("organisation", "承办单位", "Organisation"),
            "person" => ("person", "经办人编号", "Person"),
            "posts" => ("posts", "岗位", "Posts"),
            "role" => ("role", "岗位", "Role"),
            "files" => ("files", "照片和文件", "Photos and files"),
            "to" => ("state", "退到哪一步", "Back to"),
            "amount" => ("number", "延长多少", "How much longer"),
            "until" => ("instant", "挂账到", "Until"),
            "into" => ("case", "并入案件", "Into case"),
            "stars" => ("stars", "评分", "Stars"),
            _ => ("text", "标题", "Title"),
        };
        let choices = match *name {
            "to" => case
                .duty
                .passed
                .iter()
                .filter_map(|s| Some(Choice { value: s.clone(), title: words(&workflow.state(s)?.title) }))
                .collect(),
            _ => Vec::new(),
        };
        let hint = match (*name, &case.duty.due) {
            ("amount", Some(due)) => Some(super::workflows::term_words(due.kind, due.amount)),
            _ => None,
        };
        FormField {
            name: (*name).to_owned(),
            title: Words::new(zh, en),
            kind: kind.to_owned(),
            required: *required,
            choices,
            hint,
        }
    };
    let verb = |p: &Possible| VerbInfo {
        name: p.name.clone(),
        title: words(&p.title),
        primary: p.primary,
        danger: p.danger,
        consequence: consequence(&p.name, workflow),
        form: p.form.iter().map(field).collect(),
    };
    possible.iter().map(verb).collect()
}

fn consequence(verb: &str, workflow: &Workflow) -> Option<Words> {
    if let Some(row) = workflow.def.rows.iter().find(|r| r.command == verb) {
        let to = &workflow.state(&row.to)?.title;
        return Some(Words::new(format!("案件将进入“{}”", to.zh), format!("The case goes to “{}”", to.en)));
    }
    Some(match verb {
        "merge" => Words::new(
            "本案并入后不再单独办理，照片随之并入；不能撤回。",
            "This case ends in the other; its photos go along. It cannot be taken back.",
        ),
        "reject" => Words::new(
            "退到所选步骤；重新提交后直接回到您这里。",
            "It goes back to the step; resubmitted, it comes straight to you.",
        ),
        "reopen" => Words::new(
            "案件重新进入办理，并计入重开次数。",
            "The case is worked on again; reopening is counted.",
        ),
        _ => return None,
    })
}

/// Where cases come from, in words.
pub fn source_words(source: &str) -> Words {
    match source {
        "staff" => Words::new("工作人员上报", "Staff"),
        "citizen" => Words::new("市民上报", "Citizens"),
        "open311" => Words::new("Open311", "Open311"),
        "rule" => Words::new("规则触发", "Rules"),
        "case" => Words::new("拆分", "Split"),
        other => Words::new(other, other),
    }
}

/// Whoever reports, as given.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct ReporterInput {
    pub name: Option<String>,
    pub phone: Option<String>,
    pub anonymous: bool,
}

/// What is reported.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct OpeningInput {
    pub workflow: String,
    pub title: String,
    pub description: Option<String>,
    pub code: Option<String>,
    /// `[longitude, latitude]`.
    pub location: Option<[f64; 2]>,
    /// `wgs84` (default), `gcj02`, `bd09`: converted, never stored.
    pub datum: Option<String>,
    pub address: Option<String>,
    pub street: Option<String>,
    pub organisation: Option<String>,
    pub about: Option<String>,
    pub priority: Option<String>,
    pub source: Option<String>,
    #[schema(value_type = Vec<Object>)]
    pub files: Vec<FileRef>,
    #[schema(value_type = Object)]
    pub fields: serde_json::Map<String, serde_json::Value>,
    pub reporter: Option<ReporterInput>,
    pub simulated: bool,
}

/// A place as it is stored, inside the district.
pub fn placed(app: &App, location: [f64; 2], datum: Option<&str>) -> Result<Position, Problem> {
    let datum = match datum.unwrap_or("wgs84") {
        "wgs84" | "cgcs2000" => Datum::Wgs84,
        "gcj02" => Datum::Gcj02,
        "bd09" => Datum::Bd09,
        other => {
            let detail = format!("`datum` is `{other}`; needed: wgs84, cgcs2000, gcj02, bd09");
            return Err(Problem::bad("invalid_datum", detail));
        }
    };
    let [longitude, latitude] = location;
    let real =
        longitude.is_finite() && latitude.is_finite() && longitude.abs() <= 180.0 && latitude.abs() <= 90.0;
    if !real {
        let detail = format!(
            "`location`：[{longitude}, {latitude}] 不是 [经度, 纬度]（度）。 / `location` is [longitude, latitude] in degrees."
        );
        return Err(Problem::bad("invalid_location", detail));
    }
    let position = datum.to_wgs84(Position { longitude, latitude, altitude: None });
    if !app.inside_district(position) {
        let turned = Position { longitude: position.latitude, latitude: position.longitude, altitude: None };
        if turned.latitude.abs() <= 90.0 && app.inside_district(turned) {
            let detail = format!(
                "`location`：[{longitude}, {latitude}] 的经度和纬度像是写反了，经度在前。 / Longitude and latitude seem to be \
                 swapped; longitude comes first."
            );
            return Err(Problem::bad("outside_district", detail));
        }
        let detail = format!(
            "位置 {longitude:.5}, {latitude:.5} 不在本区范围内（{}）。 / The place lies outside the district; longitude comes first.",
            format!("{datum:?}").to_uppercase()
        );
        return Err(Problem::bad("outside_district", detail));
    }
    Ok(position)
}

/// Files that were kept before, with what they are.
pub fn known_files(app: &App, files: Vec<FileRef>) -> Result<Vec<FileRef>, Problem> {
    files
        .into_iter()
        .map(|file| {
            let head = app.file_head(&file.sha256).ok_or_else(|| {
                let detail = format!("没有文件 {}；先上传到 /api/files。 / There is no such file; post it to /api/files first.", file.sha256);
                Problem::bad("file_unknown", detail)
            })?;
            let media_type = match image::guess_format(&head.0) {
                Ok(format) => format.to_mime_type().to_owned(),
                Err(_) => "application/pdf".to_owned(),
            };
            Ok(FileRef { media_type, bytes: head.1, ..file })
        })
        .collect()
}

/// What is reported, checked against the district.
pub fn opening(app: &App, input: OpeningInput) -> Result<Opening, Problem> {
    let location = input.location.map(|l| placed(app, l, input.datum.as_deref())).transpose()?;
    if let Some(street) = input.street.as_deref().filter(|s| !s.is_empty()) {
        there(app, "Street", street, "street")?;
    }
    if let Some(organisation) = input.organisation.as_deref().filter(|s| !s.is_empty()) {
        there(app, "Organization", organisation, "organisation")?;
    }
    let about = input.about.filter(|a| !a.is_empty());
    let about =
        about.map(|a| Iri::new(&a).map_err(|e| Problem::bad("invalid_about", e.to_string()))).transpose()?;
    let reporter = input.reporter.unwrap_or_default();
    let some = |t: Option<String>| t.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
    Ok(Opening {
        workflow: input.workflow,
        title: input.title,
        description: some(input.description),
        code: some(input.code),
        street: some(input.street),
        location,
        address: some(input.address),
        source: input.source.unwrap_or_else(|| "staff".into()),
        priority: input.priority,
        about,
        organisation: some(input.organisation),
        files: known_files(app, input.files)?,
        fields: input.fields,
        reporter_name: some(reporter.name),
        reporter_phone: some(reporter.phone),
        anonymous: reporter.anonymous,
        simulated: input.simulated,
        ..Opening::default()
    })
}

/// Refuses what is not there.
pub fn there(app: &App, kind: &str, id: &str, field: &str) -> Result<(), Problem> {
    let id = EntityId::new(&urn(kind, id)).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let found = app.tenant(None)?.entity(&app.principal(), &id, nacre_kernel::query::AsOf::Now)?;
    let missing =
        || Problem::bad("case_form", format!("`{field}`：没有 {id}。 / `{field}`: there is no {id}."));
    found.map(|_| ()).ok_or_else(missing)
}

/// Hands a verb to the kernel.
pub async fn submit(
    app: &App,
    principal: Principal,
    verb: impl Verb + 'static,
    idempotency: Option<(Arc<str>, u64)>,
) -> Result<nacre_kernel::Accepted, Problem> {
    let command = Command::Act(Act(Arc::new(verb)));
    let submission = Submission { idempotency, ..Submission::new(principal, command) };
    Ok(app.tenant(None)?.submit(submission).await?)
}

/// A new id of a case.
pub fn new_case() -> Result<EntityId, Problem> {
    EntityId::new(&urn("Case", &new_id("c-"))).map_err(|e| Problem::bad("invalid_id", e.to_string()))
}

/// The key of a retry: header `Idempotency-Key` and what was sent.
pub fn retry_key(headers: &HeaderMap, what: &str, body: &impl std::fmt::Debug) -> Option<(Arc<str>, u64)> {
    let key = headers.get("idempotency-key")?.to_str().ok().filter(|k| !k.is_empty() && k.len() <= 255)?;
    let digest = crate::sha256(format!("{what} {body:?}").as_bytes());
    let digest = u64::from_str_radix(digest.get(..16)?, 16).ok()?;
    Some((Arc::from(format!("cases:{key}")), digest))
}

/// Opens a case. With `Idempotency-Key` a retry opens nothing twice and answers with the case that was opened. With
/// `Prefer: return=minimal` the answer is empty and names the case in `Location`.
#[utoipa::path(post, path = "/api/cases", tag = "cases", request_body = OpeningInput,
    responses((status = 201, body = CaseInfo), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn open(
    State(app): State<App>,
    post: Post,
    headers: HeaderMap,
    Json(input): Json<OpeningInput>,
) -> Result<Response, Problem> {
    post.needs(&app, "case.report")?;
    let key = retry_key(&headers, "open", &input);
    let who = who(&post);
    let source = match input.source.as_deref() {
        None | Some("staff") => "staff".to_owned(),
        Some(other) => {
            return Err(Problem::bad(
                "invalid_source",
                format!("`source` is `{other}`; staff report as `staff`"),
            ));
        }
    };
    let checked = app.clone();
    let opening = blocking(move || opening(&checked, OpeningInput { source: Some(source), ..input })).await?;
    let id = opened(&app, post.principal(), opening, who.clone(), key).await?;
    if headers.get("prefer").is_some_and(|p| p.as_bytes() == b"return=minimal") {
        let location = format!("/api/cases/{}", nacre_cases::case::local(id.as_str()));
        return Ok((StatusCode::CREATED, [(axum::http::header::LOCATION, location)]).into_response());
    }
    let answer = blocking(move || whole(&app, id.as_str(), &who)).await?;
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Opens a case; the id of the one that was opened, also by an earlier try.
pub async fn opened(
    app: &App,
    principal: Principal,
    opening: Opening,
    who: Who,
    key: Option<(Arc<str>, u64)>,
) -> Result<EntityId, Problem> {
    let id = new_case()?;
    let open = OpenCase { id: id.clone(), opening, who, office: app.operations().office() };
    let accepted = submit(app, principal.clone(), open, key).await?;
    if accepted.output != nacre_kernel::Output::Repeated {
        return Ok(id);
    }
    let record = app.tenant(None)?.record(&principal, accepted.seq)?;
    let first = record.and_then(|r| r.changes.iter().find_map(|c| c.entity().cloned()));
    first.ok_or_else(|| Problem::not_found("the case of the first try is gone"))
}

/// A verb upon a case. With `Prefer: return=minimal` the answer is empty and names the record in `Nacre-Seq`.
#[utoipa::path(post, path = "/api/cases/{id}/{verb}", tag = "cases", params(("id" = String, Path), ("verb" = String, Path)), request_body(content = Object),
    responses((status = 200, body = CaseInfo), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    let input: Input = match body.is_empty() {
        true => Input::default(),
        false => serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?,
    };
    let quick = headers.get("prefer").is_some_and(|p| p.as_bytes() == b"return=minimal");
    let key = retry_key(&headers, &format!("{id}/{verb}"), &input);
    let (checked, who) = (app.clone(), who(&post));
    let (id, input) = blocking(move || {
        let id = match EntityId::new(&urn("Case", &id)) {
            // An id needs no desk: that is what a hundred thousand verbs a minute ask for.
            Ok(urn) if !id.contains('-') || id.starts_with("c-") => urn,
            _ => found(&checked, &*checked.operations().desk()?, &id)?,
        };
        if let Some(organisation) = input.organisation.as_deref().filter(|o| !o.is_empty()) {
            there(&checked, "Organization", organisation, "organisation")?;
        }
        let files = known_files(&checked, input.files.clone())?;
        Ok((id, Input { files, ..input }))
    })
    .await?;
    let act = ActOnCase {
        id: id.clone(),
        verb,
        input,
        who: who.clone(),
        part: new_case()?,
        office: app.operations().office(),
    };
    let accepted = submit(&app, post.principal(), act, key).await?;
    if quick {
        let seq = [("nacre-seq", accepted.seq.0.to_string())];
        return Ok((StatusCode::NO_CONTENT, seq).into_response());
    }
    let answer = blocking(move || whole(&app, id.as_str(), &who)).await?;
    Ok(Json(answer).into_response())
}
