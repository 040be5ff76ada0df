//! The plan's work items: list, progress reports, assignment.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_indicators::board::RuleWords;
use nacre_indicators::definition::Status;
use nacre_indicators::task::{Light, TaskFacts, days_between, light};
use nacre_indicators::{Party, Words};
use nacre_kernel::query::AsOf;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::conflicts::needed_words;
use super::facts::{AsOfInfo, AsOfParam, Snapshot, day};
use super::post::Post;
use super::returns::moment;
use super::store::{
    Simple, Write, all, blocking, json_property, local, new_id, one as entity, property, relationship, urn,
    write,
};
use crate::problem::Problem;
use crate::state::App;

/// A section of the plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Section {
    /// Entity id.
    pub id: String,
    /// Number.
    pub number: String,
    /// Name.
    pub name: String,
}

/// A milestone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// What.
    pub title: String,
    /// By which day.
    pub due: String,
    /// On which day it was reached.
    #[serde(default)]
    pub done: Option<String>,
}

/// An indicator of a task.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TaskIndicator {
    /// Its id.
    pub id: String,
    /// Name.
    pub title: Words,
    /// How it stands.
    pub status: Status,
}

/// A report of progress.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Progress {
    /// Local id.
    pub id: String,
    /// When.
    pub at: String,
    /// Who.
    pub by: String,
    /// Share reached, 0 to 100.
    pub percent: f64,
    /// What was done.
    pub text: String,
    /// Where it can be seen.
    pub evidence: Option<String>,
    /// The record.
    pub seq: u64,
}

/// A work item of the plan.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// Local id.
    pub id: String,
    /// Short name.
    pub title: String,
    /// Where the plan orders it.
    pub section: Option<Section>,
    /// The plan's words.
    pub text: String,
    /// 牵头.
    pub lead: Option<Party>,
    /// 配合.
    pub support: Vec<Party>,
    /// Due day.
    pub due: Option<String>,
    /// Milestones.
    pub milestones: Vec<Milestone>,
    /// Numbers of the plan's systems.
    pub systems: Vec<u16>,
    /// Indicators it serves.
    pub indicators: Vec<TaskIndicator>,
    /// Share of the newest report.
    pub progress: Option<f64>,
    /// 红黄绿.
    pub light: Light,
    /// By which rule.
    pub light_rule: RuleWords,
    /// `open` or `done`.
    pub state: String,
    /// Reports, newest first.
    pub reports: Vec<Progress>,
    /// Reminders and escalation: filled in by the workflow engine when there is one.
    pub escalation: Option<String>,
}

/// All tasks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tasks {
    /// As of when.
    pub as_of: AsOfInfo,
    /// In the order of the plan.
    pub tasks: Vec<Task>,
}

/// Every task as of the moment of a snapshot.
pub fn tasks(app: &App, snapshot: &Snapshot, as_of: AsOf) -> Result<Vec<Task>, Problem> {
    let (tenant, who) = (app.tenant(None)?, app.principal());
    let mut reports: BTreeMap<String, Vec<Progress>> = BTreeMap::new();
    for found in all(&tenant, &who, "TaskProgress", as_of)?.0 {
        let e = Simple::of(&found);
        reports.entry(e.text("task").to_owned()).or_default().push(Progress {
            id: e.local().to_owned(),
            at: e.some_text("reportedAt").unwrap_or_else(|| e.created_at.clone()),
            by: e.text("reportedBy").to_owned(),
            percent: e.number("percent").unwrap_or(0.0),
            text: e.text("text").to_owned(),
            evidence: e.some_text("evidenceLink"),
            seq: e.seq,
        });
    }
    for own in reports.values_mut() {
        own.sort_by(|a, b| (&b.at, b.seq).cmp(&(&a.at, a.seq)));
    }
    let party = |id: &str| {
        let id = local(id).to_owned();
        Party { name: snapshot.facts.parties.get(&id).cloned().unwrap_or_else(|| id.clone()), id }
    };
    let found = all(&tenant, &who, "PlanTask", as_of)?.0;
    Ok(found
        .iter()
        .map(|found| {
            let e = Simple::of(found);
            let own = reports.remove(&e.id).unwrap_or_default();
            let (state, newest) = (e.text("taskState").to_owned(), own.first());
            let facts = TaskFacts {
                done: state == "done",
                percent: newest.map(|r| r.percent),
                reported_on: newest.map(|r| nacre_model::Instant::parse(&r.at).map_or_else(String::new, day)),
                due: e.some_text("dueDate"),
            };
            let (light, light_rule) = light(&snapshot.light_rules, &facts, &snapshot.today);
            let section = e.some_text("section").map(|id| {
                let (number, name) = snapshot.sections.get(&id).cloned().unwrap_or_default();
                Section { id, number, name }
            });
            let numbers = match e.values.get("systems") {
                Some(serde_json::Value::Array(many)) => many.clone(),
                Some(one) => vec![one.clone()],
                None => Vec::new(),
            };
            let indicators = e.texts("indicators");
            Task {
                id: e.local().to_owned(),
                title: e.text("name").to_owned(),
                section,
                text: e.text("text").to_owned(),
                lead: e.some_text("lead").map(|id| party(&id)),
                support: e.texts("support").iter().map(|id| party(id)).collect(),
                due: facts.due,
                milestones: e.json("milestones").unwrap_or_default(),
                systems: numbers.iter().filter_map(|n| u16::try_from(n.as_u64()?).ok()).collect(),
                indicators: snapshot
                    .board
                    .indicators
                    .iter()
                    .filter(|i| indicators.contains(&i.id))
                    .map(|i| TaskIndicator { id: i.id.clone(), title: i.title.clone(), status: i.status })
                    .collect(),
                progress: facts.percent,
                light,
                light_rule,
                state,
                reports: own,
                escalation: None,
            }
        })
        .collect())
}

fn read(app: &App, as_of: Option<&str>) -> Result<Tasks, Problem> {
    let snapshot = app.snapshot(as_of)?;
    let tasks = tasks(app, &snapshot, moment(app, as_of)?)?;
    Ok(Tasks { as_of: snapshot.info.clone(), tasks })
}

/// All tasks.
#[utoipa::path(get, path = "/api/tasks", tag = "tasks", params(AsOfParam), responses((status = 200, body = Tasks)))]
pub async fn list(State(app): State<App>, Query(param): Query<AsOfParam>) -> Result<Json<Tasks>, Problem> {
    blocking(move || read(&app, param.as_of.as_deref()).map(Json)).await
}

fn find(app: &App, id: &str, as_of: Option<&str>) -> Result<Task, Problem> {
    let found = read(app, as_of)?.tasks.into_iter().find(|t| t.id == id);
    found.ok_or_else(|| Problem::not_found(format!("there is no task `{id}`")))
}

/// One task.
#[utoipa::path(get, path = "/api/tasks/{id}", tag = "tasks", params(("id" = String, Path), AsOfParam),
    responses((status = 200, body = Task), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Task>, Problem> {
    blocking(move || find(&app, &id, param.as_of.as_deref()).map(Json)).await
}

/// A report of progress.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgressInput {
    /// Share reached, 0 to 100.
    pub percent: f64,
    /// What was done.
    pub text: String,
    /// Where it can be seen.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// Reports progress. At 100 the task is done; a later report below that opens it again.
#[utoipa::path(post, path = "/api/tasks/{id}/progress", tag = "tasks", params(("id" = String, Path)), request_body = ProgressInput,
    responses((status = 200, body = Task), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn report(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<ProgressInput>,
) -> Result<Json<Task>, Problem> {
    post.needs(&app, "task.report")?;
    if !(0.0..=100.0).contains(&input.percent) {
        return Err(Problem::bad(
            "invalid_percent",
            format!("`percent` is {}; needed: 0 to 100", input.percent),
        ));
    }
    let text = needed_words("text", &input.text, 2)?;
    let (asked, wanted) = (app.clone(), id.clone());
    blocking(move || find(&asked, &wanted, None)).await?;
    let tenant = app.tenant(None)?;
    let mut entity = json!({
        "id": urn("TaskProgress", &new_id("p-")),
        "type": "TaskProgress",
        "task": relationship(&urn("PlanTask", &id)),
        "percent": property(input.percent),
        "text": property(text),
        "reportedBy": property(post.actor()),
        "reportedAt": {"type": "Property", "value": {"@type": "DateTime", "@value": tenant.now().to_string()}},
    });
    if let Some(evidence) = input.evidence.filter(|e| !e.trim().is_empty()) {
        entity["evidenceLink"] = property(needed_words("evidence", &evidence, 1)?);
    }
    write(&tenant, &post, &entity, Write::Create).await?;
    blocking(move || find(&app, &id, None).map(Json)).await
}

/// Who does it, and by when; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskInput {
    /// 牵头, a local id.
    #[serde(default)]
    pub lead: Option<String>,
    /// 配合, local ids.
    #[serde(default)]
    pub support: Option<Vec<String>>,
    /// Due day.
    #[serde(default)]
    pub due: Option<String>,
    /// Milestones.
    #[serde(default)]
    pub milestones: Option<Vec<Milestone>>,
    /// `open` or `done`.
    #[serde(default)]
    pub state: Option<String>,
}

/// Assigns a task.
#[utoipa::path(put, path = "/api/tasks/{id}", tag = "tasks", params(("id" = String, Path)), request_body = TaskInput,
    responses((status = 200, body = Task), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub async fn assign(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<TaskInput>,
) -> Result<Json<Task>, Problem> {
    post.needs(&app, "task.assign")?;
    let (asked, wanted) = (app.clone(), id.clone());
    let change = blocking(move || {
        find(&asked, &wanted, None)?;
        let mut change = json!({"id": urn("PlanTask", &wanted), "type": "PlanTask"});
        let (tenant, who) = (asked.tenant(None)?, asked.principal());
        let organisation = |id: &str| match entity(&tenant, &who, &urn("Organization", id), AsOf::Now)? {
            Some(found) => Ok(found.id),
            None => Err(Problem::bad("unknown_organisation", format!("there is no organisation `{id}`"))),
        };
        let date = |name: &str, text: &str| match days_between(text, text) {
            Some(_) if text.len() == 10 => Ok(text.to_owned()),
            _ => Err(Problem::bad("invalid_date", format!("`{name}` is `{text}`; needed: 2025-12-31"))),
        };
        if let Some(lead) = &input.lead {
            change["lead"] = relationship(&organisation(lead)?);
        }
        if let Some(support) = input.support.as_ref().filter(|s| !s.is_empty()) {
            let ids: Vec<String> = support.iter().map(|s| organisation(s)).collect::<Result<_, _>>()?;
            change["support"] = json!({"type": "Relationship", "object": ids});
        }
        if let Some(due) = &input.due {
            change["dueDate"] =
                json!({"type": "Property", "value": {"@type": "Date", "@value": date("due", due)?}});
        }
        if let Some(milestones) = &input.milestones {
            for m in milestones {
                needed_words("milestones/title", &m.title, 1)?;
                date("milestones/due", &m.due)?;
            }
            change["milestones"] = json_property(milestones)?;
        }
        match input.state.as_deref() {
            None => {}
            Some(state @ ("open" | "done")) => change["taskState"] = property(state),
            Some(other) => {
                return Err(Problem::bad(
                    "invalid_state",
                    format!("`state` is `{other}`; needed: open or done"),
                ));
            }
        }
        Ok(change)
    })
    .await?;
    if change.as_object().is_some_and(|o| o.len() > 2) {
        write(&app.tenant(None)?, &post, &change, Write::Update).await?;
    }
    blocking(move || find(&app, &id, None).map(Json)).await
}
