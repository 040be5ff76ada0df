//! Rules: what they say, what they did, and what they would have done.

use axum::Json;
use axum::extract::{Path, State};
use nacre_cases::case::names as attribute_names;
use nacre_cases::value;
use nacre_devices::names::{local, urn};
use nacre_indicators::Words;
use nacre_kernel::command::Attributes;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, EntityDraft, Submission};
use nacre_model::{Attribute, Change, Content, EntityId, Seq, Value};
use nacre_operations::fire::{RULE, rule_entity};
use nacre_rules::Rule;
use nacre_rules::definition::{ThenDef, When};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{CaseLink, InputInfo, inputs};
use crate::cases::lists::moment;
use crate::cases::shown::{About, Names};
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A rule.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct RuleInfo {
    pub id: String,
    pub pack: String,
    pub title: Words,
    pub sentence: Words,
    /// `change`, `window`, `absence`, `schedule`, `geofence`.
    pub when: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub enabled: bool,
    pub evaluations: u64,
    pub firings: u64,
    pub clears: u64,
    pub errors: u64,
    pub last_fired: Option<String>,
    pub last_error: Option<String>,
    pub effects: Vec<String>,
}

/// All rules.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RuleList {
    pub rules: Vec<RuleInfo>,
    pub total: usize,
}

/// A firing.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct FiringInfo {
    pub at: String,
    pub seq: Option<u64>,
    pub about: About,
    pub kind: String,
    pub inputs: Vec<InputInfo>,
    pub alert: Option<String>,
    pub case: Option<CaseLink>,
    pub simulated: bool,
}

/// A rule with what it did.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RulePage {
    #[serde(flatten)]
    pub rule: RuleInfo,
    /// As its file is written.
    pub source: String,
    pub recent: Vec<FiringInfo>,
}

fn shown(app: &App, rule: &Rule) -> RuleInfo {
    let stats = app.operations().rule_stats(rule.id());
    let (zh, en) = rule.sentence();
    let when = match rule.def().when {
        When::Change => "change",
        When::Window => "window",
        When::Absence => "absence",
        When::Schedule => "schedule",
        When::Geofence => "geofence",
    };
    let effect = |then: &ThenDef| {
        match then {
            ThenDef::Alert(_) => "alert",
            ThenDef::Case(_) => "case",
            ThenDef::Set(_) => "set",
            ThenDef::Notify(_) => "notify",
        }
        .to_owned()
    };
    RuleInfo {
        id: rule.id().to_owned(),
        pack: rule.id().split('.').next().unwrap_or_default().to_owned(),
        title: super::list::rule_title(app, rule.id()),
        sentence: Words::new(zh, en),
        when: when.to_owned(),
        kind: rule.on().to_owned(),
        enabled: app.operations().rule_enabled(rule.id()),
        evaluations: stats.evaluations,
        firings: stats.firings,
        clears: stats.clears,
        errors: stats.errors,
        last_fired: stats.last_fired.map(|t| t.to_string()),
        last_error: stats.last_error,
        effects: rule.def().then.iter().map(effect).collect(),
    }
}

/// All rules.
#[utoipa::path(get, path = "/api/rules", tag = "rules", responses((status = 200, body = RuleList)))]
pub async fn list(State(app): State<App>) -> Result<Json<RuleList>, Problem> {
    blocking(move || {
        let rules: Vec<RuleInfo> = app.operations().rules().iter().map(|r| shown(&app, r)).collect();
        Ok(Json(RuleList { total: rules.len(), rules }))
    })
    .await
}

fn find(app: &App, id: &str) -> Result<std::sync::Arc<Rule>, Problem> {
    let found = app.operations().rules().iter().find(|r| r.id() == id).cloned();
    found.ok_or_else(|| Problem::not_found(format!("没有规则 `{id}`。 / There is no rule `{id}`.")))
}

fn page(app: &App, id: &str) -> Result<RulePage, Problem> {
    let rule = find(app, id)?;
    let sources = app.settings().packs.iter().flat_map(|p| p.rules.values());
    let source = sources.filter(|(r, _)| r.id() == id).map(|(_, text)| text.to_string()).next();
    let mut recent = Vec::new();
    let mut names = Names::new(app);
    if let Some(entity) = rule_entity(id) {
        let rows =
            app.tenant(None)?.history(&app.principal(), &entity, (Seq(1), Seq(u64::MAX)), true, 100)?;
        let name = attribute_names::expanded("firing");
        for row in rows {
            let firing = row.changes.iter().find_map(|change| match change {
                Change::SetAttribute { name: n, attribute, .. } if n.as_str() == name => {
                    match &attribute.content {
                        Content::Json(v) => Some(value::json(v)),
                        _ => None,
                    }
                }
                _ => None,
            });
            let Some(firing) = firing else { continue };
            let about = firing["about"].as_str().unwrap_or_default().to_owned();
            let mut case = None;
            if let Some(link) = firing["case"].as_str() {
                let desk = app.operations().desk()?;
                case = desk
                    .find(link)
                    .map(|l| CaseLink { id: local(link).to_owned(), number: l.case.number.clone() });
            }
            recent.push(FiringInfo {
                at: firing["at"].as_str().unwrap_or_default().to_owned(),
                seq: Some(row.seq.0),
                inputs: inputs(app, Some(&about), &firing["inputs"]),
                about: names.about(&about),
                kind: firing["kind"].as_str().unwrap_or_default().to_owned(),
                alert: firing["alert"].as_str().map(|a| local(a).to_owned()),
                case,
                simulated: firing["simulated"].as_bool().unwrap_or(false),
            });
        }
    }
    Ok(RulePage { rule: shown(app, &rule), source: source.unwrap_or_default(), recent })
}

/// One rule and what it did.
#[utoipa::path(get, path = "/api/rules/{id}", tag = "rules", params(("id" = String, Path)), responses((status = 200, body = RulePage), (status = 404, body = Problem)))]
pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<RulePage>, Problem> {
    blocking(move || page(&app, &id).map(Json)).await
}

/// Between which instants.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DryRunInput {
    /// A month ago, where absent.
    pub from: Option<String>,
    /// Now, where absent.
    pub to: Option<String>,
}

/// What would have happened.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct DryRunResult {
    /// It would have fired so often.
    pub count: u64,
    pub clears: u64,
    pub evaluations: u64,
    pub observations: usize,
    pub from: String,
    pub to: String,
    pub ms: u64,
    /// The first 200.
    pub firings: Vec<FiringInfo>,
    pub truncated: bool,
}

/// Runs a rule over the past; nothing is recorded.
#[utoipa::path(post, path = "/api/rules/{id}/dry-run", tag = "rules", params(("id" = String, Path)), request_body = DryRunInput,
    responses((status = 200, body = DryRunResult), (status = 400, body = Problem), (status = 404, body = Problem)))]
pub async fn dry_run(
    State(app): State<App>,
    Path(id): Path<String>,
    Json(input): Json<DryRunInput>,
) -> Result<Json<DryRunResult>, Problem> {
    blocking(move || {
        find(&app, &id)?;
        let tenant = app.tenant(None)?;
        let now = tenant.now();
        let to = moment("to", &input.to)?.unwrap_or(now);
        let from = moment("from", &input.from)?.unwrap_or(to.plus_ms(-30 * 86_400_000));
        let began = std::time::Instant::now();
        let ran = app.operations().dry_run(&id, from, to);
        let (ran, observations) = ran.ok_or_else(|| Problem::not_found("there is no such rule"))?;
        let mut names = Names::new(&app);
        let simulated = |firing: &nacre_rules::Firing| {
            let about = tenant.entity(&app.principal(), &firing.about, AsOf::Now).ok().flatten();
            about.is_some_and(|e| nacre_operations::fire::simulated(&e, firing))
        };
        let shown = ran.firings.iter().take(200).map(|firing| FiringInfo {
            at: firing.at.to_string(),
            seq: None,
            about: names.about(firing.about.as_str()),
            kind: if firing.kind == nacre_rules::Kind::Raise { "raise" } else { "clear" }.to_owned(),
            inputs: inputs(&app, Some(firing.about.as_str()), &nacre_operations::fire::inputs(firing)),
            alert: None,
            case: None,
            simulated: simulated(firing),
        });
        Ok(Json(DryRunResult {
            count: ran.raised,
            clears: ran.cleared,
            evaluations: ran.stats.evaluations,
            observations,
            from: from.to_string(),
            to: to.to_string(),
            ms: began.elapsed().as_millis() as u64,
            truncated: ran.firings.len() > 200,
            firings: shown.collect(),
        }))
    })
    .await
}

/// Why it is switched.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SwitchInput {
    /// In words; needed.
    pub note: Option<String>,
}

/// Switches a rule on or off: `enable`, `disable`.
#[utoipa::path(post, path = "/api/rules/{id}/{verb}", tag = "rules", params(("id" = String, Path), ("verb" = String, Path)), request_body = SwitchInput,
    responses((status = 200, body = RulePage), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn switch(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    Json(input): Json<SwitchInput>,
) -> Result<Json<RulePage>, Problem> {
    post.needs(&app, "rule.switch")?;
    find(&app, &id)?;
    let enabled = match verb.as_str() {
        "enable" => true,
        "disable" => false,
        other => {
            return Err(Problem::not_found(format!(
                "`{other}` is no verb of a rule; there are enable, disable"
            )));
        }
    };
    let note = input.note.as_deref().map(str::trim).filter(|n| !n.is_empty());
    let Some(note) = note else {
        return Err(Problem::bad("rule_note_missing", "请说明为什么启停（`note`）。 / Say why, in `note`."));
    };
    let own = |v: Value| vec![Attribute::new(Content::Property(v))];
    let name = |n: &str| nacre_devices::names::iri(n);
    let attributes: Attributes = vec![
        (name("name"), own(Value::text(id.as_str()))),
        (name("enabled"), own(Value::Bool(enabled))),
        (name("switchNote"), own(Value::text(note.chars().take(500).collect::<String>()))),
    ];
    let entity = EntityId::new(&urn(RULE, &id)).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let draft =
        EntityDraft { id: entity, types: vec![name(RULE)], scopes: None, expires_at: None, attributes };
    let command = Command::UpsertEntity { draft, update: true };
    app.tenant(None)?.submit(Submission::new(post.principal(), command)).await?;
    blocking(move || {
        drop(app.operations().desk()?);
        page(&app, &id).map(Json)
    })
    .await
}
