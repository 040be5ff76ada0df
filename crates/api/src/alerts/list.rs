//! The alert centre: what stands, how serious it is, why, and what was done about it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_cases::case::names as attribute_names;
use nacre_cases::{OpenCase, Opening, value};
use nacre_devices::names::{local, urn};
use nacre_indicators::Words;
use nacre_kernel::query::AsOf;
use nacre_model::{Change, Content, EntityId, Seq};
use nacre_operations::alert::{ALERT, ActOnAlert, possible};
use nacre_operations::{Alert, AlertState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::severity::{Level, level};
use crate::cases::lists::moment;
use crate::cases::shown::{About, Names, who};
use crate::cases::verbs::{Choice, FormField, VerbInfo, new_case, submit, there};
use crate::plan::post::Post;
use crate::plan::session::words;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// An alert.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct AlertInfo {
    pub id: String,
    pub title: String,
    pub severity: Level,
    pub scheme: String,
    pub category: String,
    pub state: String,
    pub state_title: Words,
    pub about: Option<About>,
    pub location: Option<[f64; 2]>,
    pub rule: Option<RuleRef>,
    pub count: u64,
    pub first_at: String,
    pub last_at: String,
    pub acknowledged_by: Option<String>,
    pub acknowledged_at: Option<String>,
    pub shelved_until: Option<String>,
    pub shelved_reason: Option<String>,
    pub cleared_at: Option<String>,
    pub escalation: u32,
    pub case: Option<CaseLink>,
    pub group: Option<String>,
    pub simulated: bool,
    pub inputs: Vec<InputInfo>,
    pub steps: Vec<AlertStep>,
    pub verbs: Vec<VerbInfo>,
    pub cap_url: String,
    pub seq: u64,
}

/// A rule, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RuleRef {
    pub id: String,
    pub title: Words,
}

/// A case, named.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct CaseLink {
    pub id: String,
    pub number: String,
}

/// A value that the rule saw.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct InputInfo {
    pub name: String,
    pub title: Words,
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
    pub unit: Option<String>,
    pub observed_at: Option<String>,
}

/// What was done with an alert.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct AlertStep {
    pub seq: u64,
    pub at: String,
    pub by: String,
    pub verb: String,
    pub title: Words,
    pub note: Option<String>,
}

/// A page of alerts.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct AlertList {
    pub alerts: Vec<AlertInfo>,
    pub total: usize,
    pub counts: AlertCounts,
    pub seq: u64,
}

/// How many.
#[derive(Debug, Default, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct AlertCounts {
    pub state: BTreeMap<String, usize>,
    pub severity: BTreeMap<String, usize>,
}

/// Which alerts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[allow(missing_docs)]
pub struct AlertQuery {
    /// States, separated by commas; all but cleared, where absent.
    pub state: Option<String>,
    pub severity: Option<String>,
    pub category: Option<String>,
    pub about: Option<String>,
    pub rule: Option<String>,
    pub simulated: Option<bool>,
    pub q: Option<String>,
    pub offset: usize,
    pub limit: Option<usize>,
}

fn verb_title(verb: &str) -> Words {
    let (zh, en) = match verb {
        "raised" => ("触发", "Raised"),
        "repeated" => ("再次发生", "Again"),
        "acknowledge" => ("确认", "Acknowledge"),
        "shelve" => ("搁置", "Shelve"),
        "unshelve" => ("取消搁置", "Unshelve"),
        "unshelved" => ("搁置到期", "Shelf ended"),
        "clear" => ("解除", "Clear"),
        "cleared" => ("自动解除", "Cleared by the rule"),
        "open-case" => ("立案", "Open a case"),
        "escalated" => ("升级", "Escalated"),
        other => (other, other),
    };
    Words::new(zh, en)
}

fn state_title(state: AlertState) -> Words {
    match state {
        AlertState::Raised => Words::new("未确认", "Not acknowledged"),
        AlertState::Acknowledged => Words::new("已确认", "Acknowledged"),
        AlertState::Shelved => Words::new("搁置", "Shelved"),
        AlertState::Cleared => Words::new("已解除", "Cleared"),
    }
}

fn forms(app: &App, state: AlertState) -> Vec<VerbInfo> {
    let field =
        |name: &str, kind: &str, zh: &str, en: &str, required: bool, choices: Vec<Choice>| FormField {
            name: name.into(),
            title: Words::new(zh, en),
            kind: kind.into(),
            required,
            choices,
            hint: None,
        };
    let note = |required| field("note", "text", "说明", "Words", required, Vec::new());
    let flows = || {
        let all = app.settings().packs.iter().flat_map(|p| p.workflows.values());
        all.map(|w| Choice { value: w.id.clone(), title: crate::cases::shown::words(&w.def.title) })
            .collect::<Vec<_>>()
    };
    possible(state)
        .iter()
        .map(|verb| VerbInfo {
            name: (*verb).to_owned(),
            title: verb_title(verb),
            primary: matches!(*verb, "acknowledge" | "unshelve"),
            danger: *verb == "clear",
            consequence: None,
            form: match *verb {
                "shelve" => vec![field("until", "instant", "搁置到", "Until", true, Vec::new()), note(true)],
                "clear" => vec![note(true)],
                "open-case" => vec![
                    field("workflow", "choice", "流程", "Workflow", true, flows()),
                    field("organisation", "organisation", "承办单位", "Organisation", false, Vec::new()),
                    note(false),
                ],
                _ => vec![note(false)],
            },
        })
        .collect()
}

/// The title of a rule.
pub fn rule_title(app: &App, rule: &str) -> Words {
    let packs = app.settings().packs.iter();
    let found = packs.flat_map(|p| p.rules.values().map(move |(r, _)| (p, r))).find(|(_, r)| r.id() == rule);
    found.map_or_else(|| Words::new(rule, rule), |(pack, r)| crate::plan::session::text(pack, &r.def().title))
}

/// What a rule saw, with titles and units.
pub fn inputs(app: &App, about: Option<&str>, inputs: &serde_json::Value) -> Vec<InputInfo> {
    let kind = about.and_then(|a| a.split(':').nth(2)).unwrap_or_default();
    let types = app.settings().packs.iter().flat_map(|p| p.types.values());
    let def = types.filter(|t| t.name == kind).map(Arc::clone).next();
    let all = inputs.as_array().into_iter().flatten();
    all.map(|input| {
        let name = input["name"].as_str().unwrap_or_default().to_owned();
        let attribute = def.as_ref().and_then(|d| d.attribute(&name));
        let unit = attribute.and_then(|a| match a.kind {
            nacre_pack::type_def::Kind::Number { unit, .. } => unit.map(|u| u.symbol.to_owned()),
            _ => None,
        });
        InputInfo {
            title: attribute.map_or_else(|| Words::new(name.as_str(), name.as_str()), |a| words(&a.title)),
            value: input["value"].clone(),
            observed_at: input["observedAt"].as_str().map(str::to_owned),
            unit,
            name,
        }
    })
    .collect()
}

/// An alert as an answer; its steps only where asked for.
pub fn shown(
    app: &App,
    alert: &Alert,
    names: &mut Names<'_>,
    with_steps: bool,
) -> Result<AlertInfo, Problem> {
    let id = local(alert.id.as_str()).to_owned();
    let mut case = None;
    if let Some(link) = &alert.case {
        let desk = app.operations().desk()?;
        case = desk
            .find(link.as_str())
            .map(|l| CaseLink { id: local(link.as_str()).to_owned(), number: l.case.number.clone() });
    }
    Ok(AlertInfo {
        title: alert.title.clone(),
        severity: level(app, &alert.scheme, &alert.severity),
        scheme: alert.scheme.clone(),
        category: alert.category.clone(),
        state: alert.state.name().to_owned(),
        state_title: state_title(alert.state),
        about: alert.about.as_ref().map(|a| names.about(a.as_str())),
        location: alert.location.map(|p| [p.longitude, p.latitude]),
        rule: alert.rule.as_ref().map(|r| RuleRef { id: r.clone(), title: rule_title(app, r) }),
        count: alert.count,
        first_at: alert.first_at.to_string(),
        last_at: alert.last_at.to_string(),
        acknowledged_by: alert.acknowledged_by.as_deref().map(|p| names.post(p)),
        acknowledged_at: alert.acknowledged_at.map(|t| t.to_string()),
        shelved_until: alert.shelved_until.map(|t| t.to_string()),
        shelved_reason: alert.shelved_reason.clone(),
        cleared_at: alert.cleared_at.map(|t| t.to_string()),
        escalation: alert.escalation,
        case,
        group: alert.group.clone(),
        simulated: alert.simulated,
        inputs: inputs(app, alert.about.as_ref().map(|a| a.as_str()), &alert.inputs),
        steps: if with_steps { steps(app, &alert.id, names)? } else { Vec::new() },
        verbs: forms(app, alert.state),
        cap_url: format!("/cap/alerts/{id}.xml"),
        seq: alert.seq,
        id,
    })
}

fn steps(app: &App, id: &EntityId, names: &mut Names<'_>) -> Result<Vec<AlertStep>, Problem> {
    let rows = app.tenant(None)?.history(&app.principal(), id, (Seq(1), Seq(u64::MAX)), false, 500)?;
    let name = attribute_names::expanded("step");
    let mut found = Vec::new();
    for row in rows {
        let step = row.changes.iter().find_map(|change| match change {
            Change::SetAttribute { name: n, attribute, .. } if n.as_str() == name => match &attribute.content
            {
                Content::Json(v) => Some(value::json(v)),
                _ => None,
            },
            _ => None,
        });
        let Some(step) = step else { continue };
        let verb = step["verb"].as_str().unwrap_or_default().to_owned();
        let by = step["by"].as_str().unwrap_or_default();
        found.push(AlertStep {
            seq: row.seq.0,
            at: step["at"].as_str().unwrap_or_default().to_owned(),
            by: if by.starts_with("system:") { "系统".into() } else { names.post(by) },
            title: verb_title(&verb),
            verb,
            note: step["note"].as_str().map(str::to_owned),
        });
    }
    Ok(found)
}

/// Alerts that fit: the most serious first, then the latest.
#[utoipa::path(get, path = "/api/alerts", tag = "alerts", params(AlertQuery), responses((status = 200, body = AlertList)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<AlertQuery>,
) -> Result<Json<AlertList>, Problem> {
    blocking(move || {
        let all = app.operations().alerts()?;
        let states: Vec<AlertState> = match query.state.as_deref().filter(|s| !s.is_empty()) {
            None => vec![AlertState::Raised, AlertState::Acknowledged, AlertState::Shelved],
            Some(text) => text.split(',').filter_map(AlertState::parse).collect(),
        };
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|w| w.is_empty() || found == Some(w))
        };
        let words = query.q.as_deref().unwrap_or_default().to_lowercase();
        let mut found: Vec<Arc<Alert>> = all
            .into_values()
            .filter(|a| {
                is(&query.category, Some(&a.category))
                    && is(&query.about, a.about.as_ref().map(|x| x.as_str()))
                    && is(&query.rule, a.rule.as_deref())
                    && query.simulated.is_none_or(|s| s == a.simulated)
                    && (words.is_empty() || a.title.to_lowercase().contains(&words))
            })
            .collect();
        let mut counts = AlertCounts::default();
        for alert in &found {
            *counts.state.entry(alert.state.name().to_owned()).or_default() += 1;
            if alert.state != AlertState::Cleared {
                *counts.severity.entry(alert.severity.clone()).or_default() += 1;
            }
        }
        found.retain(|a| states.contains(&a.state) && is(&query.severity, Some(&a.severity)));
        let mut ranks: BTreeMap<(String, String), usize> = BTreeMap::new();
        for alert in &found {
            let key = (alert.scheme.clone(), alert.severity.clone());
            ranks.entry(key).or_insert_with_key(|(s, l)| level(&app, s, l).rank);
        }
        let rank = |a: &Alert| ranks.get(&(a.scheme.clone(), a.severity.clone())).copied().unwrap_or(9);
        found.sort_by(|a, b| {
            (a.state, rank(a)).cmp(&(b.state, rank(b))).then(b.last_at.cmp(&a.last_at)).then(a.id.cmp(&b.id))
        });
        let total = found.len();
        let limit = query.limit.unwrap_or(50).min(crate::cases::lists::LIMIT_MAX);
        let mut names = Names::new(&app);
        let page = found.iter().skip(query.offset).take(limit);
        let alerts = page.map(|a| shown(&app, a, &mut names, false)).collect::<Result<_, _>>()?;
        Ok(Json(AlertList { alerts, total, counts, seq: app.tenant(None)?.status().applied.0 }))
    })
    .await
}

/// The alert of a local id.
pub fn find(app: &App, id: &str) -> Result<Alert, Problem> {
    let missing = || Problem::not_found(format!("没有告警 `{id}`。 / There is no alert `{id}`."));
    let entity = EntityId::new(&urn(ALERT, id)).map_err(|_| missing())?;
    let found = app.tenant(None)?.entity(&app.principal(), &entity, AsOf::Now)?;
    found.and_then(|e| Alert::read(&e)).ok_or_else(missing)
}

/// One alert: why, and what was done.
#[utoipa::path(get, path = "/api/alerts/{id}", tag = "alerts", params(("id" = String, Path)), responses((status = 200, body = AlertInfo), (status = 404, body = Problem)))]
pub async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<AlertInfo>, Problem> {
    blocking(move || {
        let alert = find(&app, &id)?;
        shown(&app, &alert, &mut Names::new(&app), true).map(Json)
    })
    .await
}

/// What is given with a verb.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct AlertInput {
    pub note: Option<String>,
    pub until: Option<String>,
    pub workflow: Option<String>,
    pub organisation: Option<String>,
}

/// A verb upon an alert: acknowledge, shelve, unshelve, clear, open-case.
#[utoipa::path(post, path = "/api/alerts/{id}/{verb}", tag = "alerts", params(("id" = String, Path), ("verb" = String, Path)), request_body = AlertInput,
    responses((status = 200, body = AlertInfo), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    body: axum::body::Bytes,
) -> Result<Json<AlertInfo>, Problem> {
    post.needs(&app, "alert.act")?;
    let input: AlertInput = match body.is_empty() {
        true => AlertInput::default(),
        false => serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?,
    };
    if input.note.as_ref().is_some_and(|n| n.chars().count() > nacre_cases::decide::NOTE_MAX) {
        return Err(Problem::bad("alert_form", "`note`：最多 2000 字。 / `note`: at most 2,000 characters."));
    }
    let until = moment("until", &input.until)?;
    let checked = app.clone();
    let organisation = input.organisation.clone().filter(|o| !o.is_empty());
    let (alert, organisation) = blocking(move || {
        if let Some(organisation) = &organisation {
            there(&checked, "Organization", organisation, "organisation")?;
        }
        Ok((find(&checked, &id)?, organisation))
    })
    .await?;
    let case = match input.workflow.filter(|w| !w.is_empty()) {
        None => None,
        Some(workflow) => Some(OpenCase {
            id: new_case()?,
            opening: Opening {
                workflow,
                title: alert.title.clone(),
                description: input.note.clone(),
                location: alert.location,
                source: "rule".into(),
                about: alert.about.clone(),
                alert: Some(nacre_model::Iri::trusted(alert.id.as_str())),
                organisation,
                simulated: alert.simulated,
                ..Opening::default()
            },
            who: who(&post),
            office: app.operations().office(),
        }),
    };
    let act = ActOnAlert { id: alert.id.clone(), verb, who: who(&post), note: input.note, until, case };
    submit(&app, post.principal(), act, None).await?;
    blocking(move || {
        let alert = find(&app, local(alert.id.as_str()))?;
        shown(&app, &alert, &mut Names::new(&app), true).map(Json)
    })
    .await
}
