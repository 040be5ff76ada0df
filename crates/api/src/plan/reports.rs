//! Evaluation reports. A report is what was known at the record that a freeze names, plus words people
//! write. Its figures come from the journal as of the freeze, so they are the same whenever it is opened; a digest of them
//! stands in the report and says when they are not.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use nacre_indicators::board::IndicatorView;
use nacre_indicators::conflict::Conflict;
use nacre_indicators::returns::workflow::Step;
use nacre_indicators::{Words, figure::Figure};
use nacre_kernel::query::AsOf;
use nacre_model::{EntityId, Seq};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::conflicts::needed_words;
use super::facts::{AsOfParam, Snapshot};
use super::freezes::{Freeze, freeze_of};
use super::indicators::status_words;
use super::post::Post;
use super::returns::moment;
use super::sheet::attachment;
use super::store::{
    Simple, Write, all, blocking, internal, json_property, local, new_id, one as entity, property,
    relationship, urn, write,
};
use super::tasks::{Task, tasks};
use super::{bundle, compose, typeset};
use crate::problem::Problem;
use crate::state::App;

/// Longest narrative of a section, characters.
const NARRATIVE_MAX: usize = 20_000;

/// A file of a published report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportFile {
    /// pdf, docx, html.
    pub format: String,
    /// Digest of its bytes.
    pub sha256: String,
    /// How many bytes.
    pub bytes: u64,
}

/// A report without its content.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReportHead {
    /// Local id.
    pub id: String,
    /// annual, mid-term, final.
    pub kind: String,
    /// Title.
    pub title: String,
    /// Year.
    pub year: i64,
    /// Version, from 1.
    pub version: i64,
    /// The version before.
    pub previous: Option<String>,
    /// draft, reviewed, signed, published.
    pub state: String,
    /// What it is made from.
    pub freeze: Freeze,
    /// Verification code 校验码.
    pub code: String,
    /// SHA-256 of its figures.
    pub digest: String,
    /// When.
    pub created_at: String,
    /// Who.
    pub created_by: String,
    /// What this post may do now.
    pub verbs: Vec<String>,
    /// What was done.
    pub steps: Vec<Step>,
    /// Files, once published.
    pub files: Vec<ReportFile>,
}

/// Reports.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reports {
    /// Newest first.
    pub reports: Vec<ReportHead>,
}

/// A section.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReportSection {
    /// Its key.
    pub key: String,
    /// Its number: 一, (一).
    pub number: String,
    /// 1 or 2.
    pub level: u8,
    /// Title.
    pub title: String,
    /// What people wrote; empty while nobody did.
    pub narrative: String,
    /// What stands there by itself.
    pub generated: String,
    /// Indicators it shows.
    pub indicators: Vec<String>,
    /// Tasks it shows.
    pub tasks: Vec<String>,
}

/// What differs from the version before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Difference {
    /// Indicator.
    pub indicator: String,
    /// Its name.
    pub title: Words,
    /// Which figure.
    pub what: Words,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

/// A report.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Its head.
    #[serde(flatten)]
    pub head: ReportHead,
    /// Sections in order.
    pub sections: Vec<ReportSection>,
    /// Indicators as of the freeze.
    pub indicators: Vec<IndicatorView>,
    /// Conflicts as of the freeze.
    pub conflicts: Vec<Conflict>,
    /// Tasks as of the freeze.
    pub tasks: Vec<Task>,
    /// What differs from the version before.
    pub differences: Vec<Difference>,
    /// The figures recomputed now have the digest of the report.
    pub digest_holds: bool,
}

/// What a report is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportInput {
    /// annual, mid-term, final.
    pub kind: String,
    /// Year.
    pub year: i64,
    /// A freeze.
    pub freeze: String,
    /// The version before.
    #[serde(default)]
    pub previous: Option<String>,
}

/// Words of a section.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SectionInput {
    /// The words; paragraphs are lines. Empty brings the generated ones back.
    pub narrative: String,
}

/// What is said with a verb.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteInput {
    /// Words; needed to return a report.
    #[serde(default)]
    pub note: Option<String>,
}

/// The heads of all reports, newest first.
pub fn heads(app: &App, as_of: AsOf, post: &Post) -> Result<Vec<ReportHead>, Problem> {
    let found = all(&app.tenant(None)?, &app.principal(), "EvaluationReport", as_of)?.0;
    let mut heads: Vec<ReportHead> =
        found.iter().map(|e| head(app, &Simple::of(e), post)).collect::<Result<_, _>>()?;
    heads.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    Ok(heads)
}

/// Verbs of a report: from which state, by which permission, to which state.
const VERBS: [(&str, &str, &str, &str); 5] = [
    ("review", "draft", "report.review", "reviewed"),
    ("sign", "reviewed", "report.sign", "signed"),
    ("publish", "signed", "report.publish", "published"),
    ("return", "reviewed", "report.return", "draft"),
    ("return", "signed", "report.return", "draft"),
];

fn head(app: &App, e: &Simple, post: &Post) -> Result<ReportHead, Problem> {
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let frozen = entity(&tenant, &who, e.text("freeze"), AsOf::Now)?;
    let frozen = frozen.ok_or_else(|| internal(format!("{} has no freeze", e.id)))?;
    let mut steps: Vec<Step> = e.json("steps").unwrap_or_default();
    let id = EntityId::new(&e.id).map_err(internal)?;
    let records = tenant.history(&who, &id, (Seq(1), Seq(u64::MAX)), false, 10_000)?;
    // Each step is one record; edits of words between them are records too.
    for step in &mut steps {
        step.seq = records.iter().find(|r| r.at.to_string() >= step.at).map(|r| r.seq.0);
    }
    let state = e.text("reportState").to_owned();
    let signed_by_me =
        |verb: &str| verb == "sign" && steps.iter().any(|s| s.verb == "review" && s.by == post.actor());
    let mut verbs: Vec<String> = VERBS
        .iter()
        .filter(|(verb, from, permission, _)| *from == state && post.has(permission) && !signed_by_me(verb))
        .map(|v| v.0.to_owned())
        .collect();
    if state == "draft" && post.has("report.edit") {
        verbs.push("edit".into());
    }
    Ok(ReportHead {
        id: e.local().to_owned(),
        kind: e.text("reportKind").to_owned(),
        title: e.text("name").to_owned(),
        year: e.number("reportYear").unwrap_or(0.0) as i64,
        version: e.number("reportVersion").unwrap_or(1.0) as i64,
        previous: e.some_text("previousVersion").map(|p| local(&p).to_owned()),
        state,
        freeze: freeze_of(app, &frozen)?,
        code: e.text("code").to_owned(),
        digest: e.text("digest").to_owned(),
        created_at: e.created_at.clone(),
        created_by: steps.first().map(|s| s.by.clone()).unwrap_or_default(),
        verbs,
        files: e.json("files").unwrap_or_default(),
        steps,
    })
}

/// All reports.
#[utoipa::path(get, path = "/api/reports", tag = "reports", params(AsOfParam), responses((status = 200, body = Reports)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
    post: Post,
) -> Result<Json<Reports>, Problem> {
    blocking(move || {
        Ok(Json(Reports { reports: heads(&app, moment(&app, param.as_of.as_deref())?, &post)? }))
    })
    .await
}

/// SHA-256 of everything a report shows of a moment.
pub fn digest_of(snapshot: &Snapshot, tasks: &[Task]) -> Result<String, Problem> {
    let shown = (&snapshot.board.indicators, &snapshot.board.conflicts, tasks);
    crate::digest(&shown).map_err(internal)
}

/// 校验码: twelve letters that can be read out.
fn code_of(id: &str, digest: &str) -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZT";
    let hash = Sha256::digest(format!("{id}:{digest}"));
    let letters: Vec<char> =
        hash.iter().take(12).map(|b| char::from(ALPHABET[usize::from(*b) % 31])).collect();
    let groups: Vec<String> = letters.chunks(4).map(|c| c.iter().collect()).collect();
    groups.join("-")
}

fn title_of(app: &App, kind: &str, year: i64) -> Result<String, Problem> {
    let what = match kind {
        "annual" => format!("{year} 年度监测分析报告"),
        "mid-term" => "中期评估报告".to_owned(),
        "final" => "总结评估报告".to_owned(),
        other => {
            return Err(Problem::bad(
                "invalid_kind",
                format!("`kind` is `{other}`; needed: annual, mid-term or final"),
            ));
        }
    };
    let plan = app.settings().packs.iter().find(|p| p.name == "plan").and_then(|p| p.sources.first());
    Ok(format!("{}{what}", plan.map(|s| s.title.as_str()).unwrap_or("规划")))
}

/// Begins a report from a freeze.
#[utoipa::path(post, path = "/api/reports", tag = "reports", request_body = ReportInput,
    responses((status = 201, body = Report), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    post: Post,
    Json(input): Json<ReportInput>,
) -> Result<Response, Problem> {
    post.needs(&app, "report.create")?;
    if !(2000..=2100).contains(&input.year) {
        return Err(Problem::bad("invalid_year", format!("`year` is {}; needed: 2000 to 2100", input.year)));
    }
    let _one_at_a_time = app.plan_lock().await;
    let asked = app.clone();
    let id = new_id("e-");
    let (actor, own) = (post.actor(), id.clone());
    let written = blocking(move || {
        let (tenant, who) = (asked.tenant(None)?, asked.principal());
        let title = title_of(&asked, &input.kind, input.year)?;
        let frozen = entity(&tenant, &who, &urn("Freeze", &input.freeze), AsOf::Now)?;
        let frozen = frozen.ok_or_else(|| {
            Problem::bad("unknown_freeze", format!("there is no freeze `{}`", input.freeze))
        })?;
        let seq = freeze_of(&asked, &frozen)?.seq;
        let previous = match &input.previous {
            None => None,
            Some(previous) => Some(load(&asked, previous)?),
        };
        let version = previous.as_ref().and_then(|p| p.number("reportVersion")).unwrap_or(0.0) as i64 + 1;
        let snapshot = asked.snapshot(Some(&seq.to_string()))?;
        let digest = digest_of(&snapshot, &tasks(&asked, &snapshot, AsOf::Seq(Seq(seq)))?)?;
        let narrative: BTreeMap<String, String> =
            previous.as_ref().and_then(|p| p.json("narrative")).unwrap_or_default();
        let step =
            Step { at: tenant.now().to_string(), by: actor, verb: "create".into(), note: None, seq: None };
        let mut written = json!({
            "id": urn("EvaluationReport", &own),
            "type": "EvaluationReport",
            "name": property(title),
            "reportKind": property(input.kind),
            "reportYear": property(input.year),
            "reportVersion": property(version),
            "freeze": relationship(&frozen.id),
            "reportState": property("draft"),
            "code": property(code_of(&own, &digest)),
            "digest": property(digest),
            "narrative": json_property(&narrative)?,
            "steps": json_property(&[step])?,
            "files": json_property(&Vec::<ReportFile>::new())?,
        });
        if let Some(previous) = previous {
            written["previousVersion"] = relationship(&previous.id);
        }
        Ok(written)
    })
    .await?;
    write(&app.tenant(None)?, &post, &written, Write::Create).await?;
    let made = blocking(move || report(&app, &id, &post)).await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

fn load(app: &App, id: &str) -> Result<Simple, Problem> {
    let found = entity(&app.tenant(None)?, &app.principal(), &urn("EvaluationReport", id), AsOf::Now)?;
    found.ok_or_else(|| Problem::not_found(format!("there is no report `{id}`")))
}

/// A report with everything it shows.
pub fn report(app: &App, id: &str, post: &Post) -> Result<Report, Problem> {
    let found = load(app, id)?;
    let head = head(app, &found, post)?;
    let snapshot = app.snapshot(Some(&head.freeze.seq.to_string()))?;
    let tasks = tasks(app, &snapshot, AsOf::Seq(Seq(head.freeze.seq)))?;
    let narrative: BTreeMap<String, String> = found.json("narrative").unwrap_or_default();
    let mut sections = compose::sections(&snapshot, &tasks);
    for section in &mut sections {
        section.narrative = narrative.get(&section.key).cloned().unwrap_or_default();
    }
    let differences = match &head.previous {
        None => Vec::new(),
        Some(previous) => {
            let before = load(app, previous)?;
            let frozen = entity(&app.tenant(None)?, &app.principal(), before.text("freeze"), AsOf::Now)?;
            let seq = frozen.and_then(|f| f.number("position")).unwrap_or(0.0) as u64;
            differences(&app.snapshot(Some(&seq.to_string()))?.board.indicators, &snapshot.board.indicators)
        }
    };
    Ok(Report {
        digest_holds: digest_of(&snapshot, &tasks)? == head.digest,
        sections,
        indicators: snapshot.board.indicators.clone(),
        conflicts: snapshot.board.conflicts.clone(),
        tasks,
        differences,
        head,
    })
}

fn differences(before: &[IndicatorView], after: &[IndicatorView]) -> Vec<Difference> {
    let mut found = Vec::new();
    let words = |f: &Option<Figure>, i: &IndicatorView| {
        f.as_ref().map_or("—".to_owned(), |f| {
            format!("{}（{}）", f.words(usize::from(i.decimals)), f.period.text)
        })
    };
    for new in after {
        let old = before.iter().find(|o| o.id == new.id);
        let mut compare = |zh: &str, en: &str, get: &dyn Fn(&IndicatorView) -> String| {
            let (b, a) = (old.map_or("—".to_owned(), get), get(new));
            if b != a {
                let (indicator, title) = (new.id.clone(), new.title.clone());
                found.push(Difference { indicator, title, what: Words::new(zh, en), before: b, after: a });
            }
        };
        compare("目标", "Target", &|i| words(&i.target, i));
        compare("基线", "Baseline", &|i| words(&i.baseline, i));
        compare("实际", "Actual", &|i| words(&i.actual, i));
        compare("状态", "Status", &|i| status_words(i.status).to_owned());
    }
    found
}

/// One report.
#[utoipa::path(get, path = "/api/reports/{id}", tag = "reports", params(("id" = String, Path)),
    responses((status = 200, body = Report), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<Json<Report>, Problem> {
    blocking(move || report(&app, &id, &post).map(Json)).await
}

/// Writes the words of a section of a draft.
#[utoipa::path(put, path = "/api/reports/{id}/sections/{key}", tag = "reports",
    params(("id" = String, Path), ("key" = String, Path)), request_body = SectionInput,
    responses((status = 200, body = Report), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn edit(
    State(app): State<App>,
    Path((id, key)): Path<(String, String)>,
    post: Post,
    Json(input): Json<SectionInput>,
) -> Result<Json<Report>, Problem> {
    post.needs(&app, "report.edit")?;
    if input.narrative.chars().count() > NARRATIVE_MAX {
        return Err(Problem::bad(
            "invalid_words",
            format!("a section has at most {NARRATIVE_MAX} characters"),
        ));
    }
    let _one_at_a_time = app.plan_lock().await;
    let (asked, own, actor) = (app.clone(), id.clone(), post.clone());
    let change = blocking(move || {
        let now = report(&asked, &own, &actor)?;
        if now.head.state != "draft" {
            let detail = format!("the report is {}; only a draft is edited", now.head.state);
            return Err(Problem::new(StatusCode::CONFLICT, "report_state", detail));
        }
        if !now.sections.iter().any(|s| s.key == key) {
            let keys: Vec<&str> = now.sections.iter().map(|s| s.key.as_str()).collect();
            return Err(Problem::not_found(format!(
                "there is no section `{key}`; there are: {}",
                keys.join(", ")
            )));
        }
        let found = load(&asked, &own)?;
        let mut narrative: BTreeMap<String, String> = found.json("narrative").unwrap_or_default();
        match input.narrative.trim() {
            "" => drop(narrative.remove(&key)),
            words => drop(narrative.insert(key, words.to_owned())),
        }
        Ok(json!({"id": found.id, "type": "EvaluationReport", "narrative": json_property(&narrative)?}))
    })
    .await?;
    write(&app.tenant(None)?, &post, &change, Write::Update).await?;
    blocking(move || report(&app, &id, &post).map(Json)).await
}

/// Reviews, signs, publishes or returns a report. Publishing typesets its files and records their digests.
#[utoipa::path(post, path = "/api/reports/{id}/{verb}", tag = "reports",
    params(("id" = String, Path), ("verb" = String, Path, description = "review, sign, publish, return")),
    request_body = NoteInput,
    responses((status = 200, body = Report), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    body: Bytes,
) -> Result<Json<Report>, Problem> {
    let said: NoteInput = if body.is_empty() {
        NoteInput::default()
    } else {
        serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?
    };
    let Some(row) = VERBS.iter().find(|v| v.0 == verb) else {
        return Err(Problem::not_found(format!("a report has no verb `{verb}`")));
    };
    post.needs(&app, row.2)?;
    let note = said.note.map(|n| needed_words("note", &n, 1)).transpose()?;
    if verb == "return" && note.is_none() {
        return Err(Problem::bad("invalid_words", "say in `note` why it is returned"));
    }
    let _one_at_a_time = app.plan_lock().await;
    let (asked, own, actor) = (app.clone(), id.clone(), post.clone());
    let change = blocking(move || {
        let now = report(&asked, &own, &actor)?;
        let conflict = |code: &str, detail: String| Problem::new(StatusCode::CONFLICT, code, detail);
        let row = VERBS.iter().find(|v| v.0 == verb && v.1 == now.head.state);
        let Some(row) = row else {
            return Err(conflict(
                "report_state",
                format!("a report in state `{}` cannot be {verb}ed", now.head.state),
            ));
        };
        if verb == "sign" && now.head.steps.iter().any(|s| s.verb == "review" && s.by == actor.actor()) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "report_same_person",
                "who reviewed a report does not sign it",
            ));
        }
        if !now.digest_holds && verb != "return" {
            return Err(conflict(
                "report_digest",
                "the figures recomputed now are not those of the digest; begin a new version".into(),
            ));
        }
        let found = load(&asked, &own)?;
        let mut steps: Vec<Step> = found.json("steps").unwrap_or_default();
        let at = asked.tenant(None)?.now().to_string();
        steps.push(Step { at, by: actor.actor(), verb: verb.clone(), note, seq: None });
        let mut change = json!({
            "id": found.id, "type": "EvaluationReport",
            "reportState": property(row.3), "steps": json_property(&steps)?,
        });
        if verb == "publish" {
            let mut files = Vec::new();
            let shown = Report { head: ReportHead { state: "published".into(), ..now.head.clone() }, ..now };
            for format in ["pdf", "docx", "html"] {
                let bytes = typeset::render(&asked, &shown, format)?;
                let sha256 = hex::encode(Sha256::digest(&bytes));
                asked.keep_file(&sha256, &bytes)?;
                files.push(ReportFile { format: format.into(), sha256, bytes: bytes.len() as u64 });
            }
            change["files"] = json_property(&files)?;
        }
        Ok(change)
    })
    .await?;
    write(&app.tenant(None)?, &post, &change, Write::Update).await?;
    blocking(move || report(&app, &id, &post).map(Json)).await
}

/// The report as `report.pdf`, `report.docx`, `report.html`, or `bundle.json`, which `nacre verify` checks offline.
#[utoipa::path(get, path = "/api/reports/{id}/{file}", tag = "reports",
    params(("id" = String, Path), ("file" = String, Path, description = "report.pdf, report.docx, report.html, bundle.json")),
    responses((status = 200, content_type = "application/pdf", body = String), (status = 404, body = Problem)))]
pub async fn file(
    State(app): State<App>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Problem> {
    if file == "bundle.json" {
        let bytes = bundle::bundle(app, id.clone()).await?;
        return Ok(attachment(bytes, "application/json", &format!("report-{id}-bundle.json")));
    }
    let (format, kind) = match file.as_str() {
        "report.pdf" => ("pdf", "application/pdf"),
        "report.docx" => ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "report.html" => ("html", "text/html; charset=utf-8"),
        other => return Err(Problem::not_found(format!("a report has no file `{other}`"))),
    };
    let (bytes, name) = blocking(move || {
        let report = report(&app, &id, &Post::reader())?;
        let name = format!("{}（第{}版）.{format}", report.head.title, report.head.version);
        // What was published is served as it was; a draft is typeset when asked for.
        let kept = report.head.files.iter().find(|f| f.format == format && report.head.state == "published");
        if let Some(bytes) = kept.and_then(|f| app.kept_file(&f.sha256)) {
            return Ok((bytes, name));
        }
        Ok((typeset::render(&app, &report, format)?, name))
    })
    .await?;
    let mut response = attachment(bytes, kind, &name);
    if format != "docx" {
        let shown = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap_or_default().replacen(
            "attachment",
            "inline",
            1,
        );
        if let Ok(value) = HeaderValue::from_str(&shown) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
    }
    Ok(response)
}
