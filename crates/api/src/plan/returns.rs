//! Returns 填报: template, preview, draft, submission, approval by level.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nacre_indicators::Party;
use nacre_indicators::figure::Period;
use nacre_indicators::returns::table::{COLUMNS, read};
use nacre_indicators::returns::workflow::{Acting, RowDecision, State as Stage, Step, Verb, apply, next};
use nacre_indicators::returns::{Finding, ROWS_MAX, ReturnRow, Severity, Total, check, totals};
use nacre_kernel::query::AsOf;
use nacre_model::{EntityId, Seq};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::conflicts::WORDS_MAX;
use super::facts::{AsOfParam, Snapshot, resolve};
use super::post::Post;
use super::sheet::{Cell, SheetFormat, cells, download};
use super::store::{
    Simple, Write, all, blocking, json_property, local, new_id, one as entity, property, relationship, urn,
    write,
};
use crate::problem::Problem;
use crate::state::App;

/// A return.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DataReturn {
    /// Local id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Whose figures.
    pub organisation: Party,
    /// For when.
    pub period: String,
    /// Where it stands.
    pub state: Stage,
    /// Name of the file it came from.
    pub file_name: Option<String>,
    /// SHA-256 of that file.
    pub file_sha256: Option<String>,
    /// Rows; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<ReturnRow>>,
    /// Number of rows.
    pub row_count: usize,
    /// Who filled it in.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// When it last changed.
    pub modified_at: String,
    /// The record of that.
    pub seq: u64,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// What this post may do now.
    pub verbs: Vec<String>,
    /// Sums of accepted rows.
    pub totals: Vec<Total>,
}

/// All returns.
#[derive(Debug, Serialize, ToSchema)]
pub struct Returns {
    /// Newest first, without rows.
    pub returns: Vec<DataReturn>,
}

/// What would come of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// Its rows with what is wrong with each.
    pub rows: Vec<ReturnRow>,
    /// What is wrong with the table.
    pub findings: Vec<Finding>,
    /// Sums if all rows without errors were accepted.
    pub totals: Vec<Total>,
}

/// Whose return and for when.
#[derive(Debug, Default, Clone, Deserialize, IntoParams, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct About {
    /// Local id of the organisation.
    #[serde(default)]
    pub organisation: String,
    /// `2025`, `2025-Q1`, `2025-06`.
    #[serde(default)]
    pub period: String,
    /// Name of the file.
    pub file_name: Option<String>,
}

/// A return written in JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReturnInput {
    /// Local id of the organisation.
    pub organisation: String,
    /// Its period.
    pub period: String,
    /// Rows.
    pub rows: Vec<ReturnRow>,
}

/// Rows that take the place of those of a draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsInput {
    /// All rows.
    pub rows: Vec<ReturnRow>,
}

/// What goes with a verb.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActInput {
    /// What is said; needed to send back.
    #[serde(default)]
    pub note: Option<String>,
    /// Decisions about rows; what is not named is accepted at an approval.
    #[serde(default)]
    pub rows: Vec<RowDecision>,
}

fn organisation_name(app: &App, id: &str) -> Result<String, Problem> {
    let tenant = app.tenant(None)?;
    let found = entity(&tenant, &app.principal(), &urn("Organization", id), AsOf::Now)?;
    let found = found
        .ok_or_else(|| Problem::bad("unknown_organisation", format!("there is no organisation `{id}`")))?;
    Ok(found.text("name").to_owned())
}

fn needed_period(text: &str) -> Result<(), Problem> {
    let known = Period::parse(text).map(|_| ());
    known.ok_or_else(|| {
        Problem::bad("invalid_period", format!("`period` is `{text}`; needed: 2025, 2025-Q1 or 2025-06"))
    })
}

/// Whose template, for when, in which form.
#[derive(Debug, Deserialize, IntoParams)]
pub struct TemplateParam {
    /// Local id of the organisation.
    pub organisation: String,
    /// Its period.
    pub period: String,
    /// `csv` or `xlsx`.
    #[serde(default)]
    pub format: SheetFormat,
}

/// A table to fill in: a row for each indicator the organisation leads or that has no organisation yet.
#[utoipa::path(get, path = "/api/returns/template", tag = "returns", params(TemplateParam),
    responses((status = 200, content_type = "text/csv", body = String), (status = 400, body = Problem)))]
pub async fn template(
    State(app): State<App>,
    Query(param): Query<TemplateParam>,
) -> Result<Response, Problem> {
    blocking(move || {
        needed_period(&param.period)?;
        let name = organisation_name(&app, &param.organisation)?;
        let snapshot = app.snapshot(None)?;
        let head: Vec<&str> = COLUMNS.iter().map(|c| c.1).collect();
        let mine = snapshot.board.indicators.iter().filter(|i| {
            !i.derived
                && i.lead.as_ref().is_none_or(|l| {
                    l.id == param.organisation || i.support.iter().any(|s| s.id == param.organisation)
                })
        });
        let rows = mine.map(|i| {
            let definition =
                i.definitions.iter().find(|d| d.chosen).map(|d| d.id.clone()).unwrap_or_default();
            vec![
                i.id.as_str().into(),
                i.title.zh.as_str().into(),
                i.subject.as_str().into(),
                param.period.as_str().into(),
                definition.into(),
                Cell::Empty,
                i.unit.as_str().into(),
                "实际".into(),
                Cell::Empty,
                Cell::Empty,
                Cell::Empty,
            ]
        });
        download(&format!("填报表-{name}-{}", param.period), param.format, &head, rows)
    })
    .await
}

/// The rows of a body: a table, or JSON.
fn rows_of(bytes: &[u8]) -> Result<(Vec<ReturnRow>, Vec<Finding>), Problem> {
    Ok(read(&cells(bytes)?))
}

fn checked(
    app: &App,
    snapshot: &Snapshot,
    organisation: &str,
    mut rows: Vec<ReturnRow>,
) -> Result<Vec<ReturnRow>, Problem> {
    let name = organisation_name(app, organisation)?;
    check::check(&mut rows, &snapshot.facts, &name, &snapshot.today);
    Ok(rows)
}

/// What would come of a file; nothing is kept.
#[utoipa::path(post, path = "/api/returns/preview", tag = "returns", params(About), request_body = String,
    responses((status = 200, body = Preview), (status = 400, body = Problem), (status = 413, body = Problem)))]
pub async fn preview(
    State(app): State<App>,
    Query(about): Query<About>,
    post: Post,
    body: Bytes,
) -> Result<Json<Preview>, Problem> {
    post.needs(&app, "return.create")?;
    blocking(move || {
        needed_period(&about.period)?;
        let (rows, findings) = rows_of(&body)?;
        let snapshot = app.snapshot(None)?;
        let rows = checked(&app, &snapshot, &about.organisation, rows)?;
        let clean = |r: &&ReturnRow| !r.findings.iter().any(|f| f.severity == Severity::Error);
        let accepted: Vec<ReturnRow> = rows
            .iter()
            .filter(clean)
            .cloned()
            .map(|r| ReturnRow { decision: Some(nacre_indicators::returns::Decision::Accepted), ..r })
            .collect();
        Ok(Json(Preview { totals: totals(&accepted), rows, findings }))
    })
    .await
}

fn plain(rows: Vec<ReturnRow>) -> Result<Vec<ReturnRow>, Problem> {
    if rows.len() > ROWS_MAX {
        let detail = format!("{} rows; at most {ROWS_MAX} stand in one return", rows.len());
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_many_rows", detail));
    }
    let long = |r: &ReturnRow| {
        [&r.indicator, &r.subject, &r.period, &r.unit, &r.source_document, &r.source_sentence, &r.note]
            .iter()
            .any(|t| t.chars().count() > WORDS_MAX)
    };
    if let Some(row) = rows.iter().find(|r| long(r)) {
        return Err(Problem::bad(
            "invalid_words",
            format!("row {}: a text has more than {WORDS_MAX} characters", row.row),
        ));
    }
    let mut seen = std::collections::BTreeSet::new();
    let numbered = rows.into_iter().zip(1u32..).map(|(mut row, n)| {
        if row.row == 0 || !seen.insert(row.row) {
            row.row = n;
            while !seen.insert(row.row) {
                row.row += 1;
            }
        }
        ReturnRow {
            decision: None,
            decision_reason: None,
            findings: Vec::new(),
            conflicts_with: Vec::new(),
            ..row
        }
    });
    Ok(numbered.collect())
}

/// Keeps a table, or rows in JSON, as a draft. A table with an error in its form is refused whole.
#[utoipa::path(post, path = "/api/returns", tag = "returns", params(About), request_body = ReturnInput,
    responses((status = 201, body = DataReturn), (status = 400, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    Query(mut about): Query<About>,
    post: Post,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    post.needs(&app, "return.create")?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut digest = None;
    let rows = if kind.starts_with("application/json") {
        let input: ReturnInput =
            serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?;
        (about.organisation, about.period) = (input.organisation, input.period);
        input.rows
    } else {
        let (rows, findings) = rows_of(&body)?;
        if let Some(error) = findings.iter().find(|f| f.severity == Severity::Error) {
            return Err(Problem::bad(&error.code, format!("{} {}", error.message.zh, error.message.en)));
        }
        digest = Some(hex::encode(Sha256::digest(&body)));
        rows
    };
    needed_period(&about.period)?;
    if about.organisation != post.organisation {
        let detail =
            format!("you act for `{}`, the return is of `{}`", post.organisation, about.organisation);
        return Err(Problem::new(StatusCode::FORBIDDEN, "return_organisation", detail));
    }
    let name = organisation_name(&app, &about.organisation)?;
    let rows = plain(rows)?;
    let tenant = app.tenant(None)?;
    let id = new_id("f-");
    let step =
        Step { at: tenant.now().to_string(), by: post.actor(), verb: "create".into(), note: None, seq: None };
    let mut written = json!({
        "id": urn("DataReturn", &id),
        "type": "DataReturn",
        "name": property(format!("{name} {} 指标填报", about.period)),
        "organisation": relationship(&urn("Organization", &about.organisation)),
        "returnPeriod": property(about.period.clone()),
        "returnState": property(Stage::Draft.name()),
        "rows": json_property(&rows)?,
        "steps": json_property(&[step])?,
    });
    if let Some(name) = about.file_name.as_deref().map(|n| n.chars().take(200).collect::<String>()) {
        written["fileName"] = property(name);
    }
    if let Some(digest) = digest {
        written["fileSha256"] = property(digest);
    }
    write(&tenant, &post, &written, Write::Create).await?;
    let answer = view(app, id, post, None).await?;
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// All returns, newest first.
#[utoipa::path(get, path = "/api/returns", tag = "returns", params(AsOfParam), responses((status = 200, body = Returns)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
    post: Post,
) -> Result<Json<Returns>, Problem> {
    blocking(move || {
        let tenant = app.tenant(None)?;
        let (who, as_of) = (app.principal(), moment(&app, param.as_of.as_deref())?);
        let mut found: Vec<Simple> =
            all(&tenant, &who, "DataReturn", as_of)?.0.iter().map(|e| Simple::of(e)).collect();
        found.sort_by(|a, b| b.created_at.cmp(&a.created_at));
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let returns = found.iter().map(|e| DataReturn { rows: None, ..shown(e, &snapshot, &post) }).collect();
        Ok(Json(Returns { returns }))
    })
    .await
}

/// The moment a parameter means, for reading entities.
pub fn moment(app: &App, as_of: Option<&str>) -> Result<AsOf, Problem> {
    let info = resolve(&app.tenant(None)?, &app.principal(), as_of)?;
    Ok(if info.live { AsOf::Now } else { AsOf::Seq(Seq(info.seq)) })
}

/// One return.
#[utoipa::path(get, path = "/api/returns/{id}", tag = "returns", params(("id" = String, Path), AsOfParam),
    responses((status = 200, body = DataReturn), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(param): Query<AsOfParam>,
    post: Post,
) -> Result<Json<DataReturn>, Problem> {
    view(app, id, post, param.as_of).await.map(Json)
}

async fn view(app: App, id: String, post: Post, as_of: Option<String>) -> Result<DataReturn, Problem> {
    blocking(move || {
        let found = load(&app, &id, moment(&app, as_of.as_deref())?)?;
        let snapshot = app.snapshot(as_of.as_deref())?;
        let mut shown = shown(&found, &snapshot, &post);
        if let Some(rows) = shown.rows.take() {
            let open = !matches!(shown.state, Stage::Approved | Stage::Withdrawn);
            shown.rows =
                Some(if open { checked(&app, &snapshot, &shown.organisation.id, rows)? } else { rows });
        }
        let tenant = app.tenant(None)?;
        let entity = EntityId::new(&found.id).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
        let records =
            tenant.history(&app.principal(), &entity, (Seq(1), Seq(u64::MAX)), false, shown.steps.len())?;
        for (step, record) in shown.steps.iter_mut().zip(records) {
            step.seq = Some(record.seq.0);
        }
        Ok(shown)
    })
    .await
}

fn load(app: &App, id: &str, as_of: AsOf) -> Result<Simple, Problem> {
    let found = entity(&app.tenant(None)?, &app.principal(), &urn("DataReturn", id), as_of)?;
    found.ok_or_else(|| Problem::not_found(format!("there is no return `{id}`")))
}

fn acting<'a>(post: &'a Post, actor: &'a str) -> Acting<'a> {
    Acting { role: &post.role, organisation: &post.organisation, actor }
}

fn shown(found: &Simple, snapshot: &Snapshot, post: &Post) -> DataReturn {
    let organisation = local(found.text("organisation")).to_owned();
    let steps: Vec<Step> = found.json("steps").unwrap_or_default();
    let mut rows: Vec<ReturnRow> = found.json("rows").unwrap_or_default();
    for row in &mut rows {
        if let Some(indicator) = snapshot.facts.indicators.iter().find(|i| i.id == row.indicator) {
            row.indicator_title.clone_from(&indicator.title.zh);
        }
    }
    let state = Stage::parse(found.text("returnState")).unwrap_or(Stage::Draft);
    let actor = post.actor();
    let possible = |verb: &&Verb| {
        post.has(&format!("return.{}", verb.name()))
            && next(state, **verb, acting(post, &actor), &organisation, &steps).is_ok()
    };
    DataReturn {
        id: found.local().to_owned(),
        title: found.text("name").to_owned(),
        period: found.text("returnPeriod").to_owned(),
        state,
        file_name: found.some_text("fileName"),
        file_sha256: found.some_text("fileSha256"),
        row_count: rows.len(),
        totals: totals(&rows),
        rows: Some(rows),
        created_by: steps.first().map(|s| s.by.clone()).unwrap_or_default(),
        created_at: found.created_at.clone(),
        modified_at: found.modified_at.clone(),
        seq: found.seq,
        verbs: Verb::ALL.iter().filter(possible).map(|v| v.name().to_owned()).collect(),
        steps,
        organisation: Party {
            name: snapshot.facts.parties.get(&organisation).cloned().unwrap_or_else(|| organisation.clone()),
            id: organisation,
        },
    }
}

/// Puts other rows into a draft.
#[utoipa::path(put, path = "/api/returns/{id}/rows", tag = "returns", params(("id" = String, Path)), request_body = RowsInput,
    responses((status = 200, body = DataReturn), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn edit(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<RowsInput>,
) -> Result<Json<DataReturn>, Problem> {
    let rows = plain(input.rows)?;
    step(app, id, post, Verb::Edit, ActInput::default(), Some(rows)).await
}

/// Submits, approves, sends back or withdraws a return; each is one record.
#[utoipa::path(post, path = "/api/returns/{id}/{verb}", tag = "returns",
    params(("id" = String, Path), ("verb" = String, Path, description = "submit, approve, send-back, withdraw")),
    request_body = ActInput,
    responses((status = 200, body = DataReturn), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    body: Bytes,
) -> Result<Json<DataReturn>, Problem> {
    let known = Verb::parse(&verb).filter(|v| *v != Verb::Edit);
    let verb = known.ok_or_else(|| Problem::not_found(format!("a return has no verb `{verb}`")))?;
    let input: ActInput = match body.is_empty() {
        true => ActInput::default(),
        false => serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?,
    };
    step(app, id, post, verb, input, None).await
}

async fn step(
    app: App,
    id: String,
    post: Post,
    verb: Verb,
    input: ActInput,
    rows: Option<Vec<ReturnRow>>,
) -> Result<Json<DataReturn>, Problem> {
    post.needs(&app, &format!("return.{}", verb.name()))?;
    if input.note.as_deref().is_some_and(|n| n.chars().count() > WORDS_MAX) {
        return Err(Problem::bad("invalid_words", format!("`note` has more than {WORDS_MAX} characters")));
    }
    // Two approvers at the same moment: the second sees what the first did.
    let _one_at_a_time = app.plan_lock().await;
    let (asked, actor) = (app.clone(), post.clone());
    let change =
        blocking(move || decide(&asked, &id, &actor, verb, input, rows).map(|change| (id, change))).await?;
    let (id, change) = change;
    write(&app.tenant(None)?, &post, &change, Write::Update).await?;
    view(app, id, post, None).await.map(Json)
}

/// The change of the entity that a verb makes.
fn decide(
    app: &App,
    id: &str,
    post: &Post,
    verb: Verb,
    input: ActInput,
    rows: Option<Vec<ReturnRow>>,
) -> Result<serde_json::Value, Problem> {
    let found = load(app, id, AsOf::Now)?;
    let snapshot = app.snapshot(None)?;
    let organisation = local(found.text("organisation")).to_owned();
    let mut steps: Vec<Step> = found.json("steps").unwrap_or_default();
    let state = Stage::parse(found.text("returnState")).unwrap_or(Stage::Draft);
    let actor = post.actor();
    let refused = |e: nacre_indicators::returns::workflow::WorkflowError| {
        use nacre_indicators::returns::workflow::WorkflowError as W;
        let status = match e {
            W::NotNow { .. } => StatusCode::CONFLICT,
            W::NotYou { .. } | W::NotYours { .. } | W::SamePerson(_) => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        };
        Problem::new(status, e.code(), e.to_string())
    };
    let after = next(state, verb, acting(post, &actor), &organisation, &steps).map_err(refused)?;
    let rows = rows.or_else(|| found.json("rows")).unwrap_or_default();
    let mut rows = checked(app, &snapshot, &organisation, rows)?;
    apply(&mut rows, verb, &input.rows, input.note.as_deref()).map_err(refused)?;
    for row in &mut rows {
        row.findings.clear();
        row.conflicts_with.clear();
    }
    let note = input.note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty());
    let at = app.tenant(None)?.now().to_string();
    steps.push(Step { at, by: actor, verb: verb.name().into(), note, seq: None });
    Ok(json!({
        "id": found.id,
        "type": "DataReturn",
        "returnState": property(after.name()),
        "rows": json_property(&rows)?,
        "steps": json_property(&steps)?,
    }))
}

/// Returns that wait for somebody, by level: street, then district.
pub fn waiting(app: &App, as_of: AsOf) -> Result<(usize, usize), Problem> {
    let found = all(&app.tenant(None)?, &app.principal(), "DataReturn", as_of)?.0;
    let states: Vec<String> = found.iter().map(|e| Simple::of(e).text("returnState").to_owned()).collect();
    let count = |state: &str| states.iter().filter(|s| *s == state).count();
    Ok((count("submitted"), count("street-approved")))
}
