//! Workflows: states, verbs and what a case may be about.

use axum::Json;
use axum::extract::State;
use nacre_cases::workflow::StateKind;
use nacre_indicators::Words;
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{kind_name, words};
use crate::problem::Problem;
use crate::state::App;

/// All workflows.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkflowList {
    /// By id.
    pub workflows: Vec<WorkflowInfo>,
}

/// A workflow.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkflowInfo {
    /// `grid-events.event`.
    pub id: String,
    /// Its pack.
    pub pack: String,
    /// Name.
    pub title: Words,
    /// First state.
    pub start: String,
    /// Citizens may report.
    pub public: bool,
    /// States in the order of boards.
    pub states: Vec<StateInfo>,
    /// Rows.
    pub commands: Vec<CommandInfo>,
    /// What a case may be about.
    pub codes: Vec<CodeInfo>,
    /// Further members.
    pub fields: Vec<FieldInfo>,
}

/// A state.
#[derive(Debug, Serialize, ToSchema)]
pub struct StateInfo {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Words,
    /// `open`, `done`, `void`.
    pub kind: String,
    /// Roles whose turn it is.
    pub holder: Vec<String>,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
pub struct CommandInfo {
    /// The verb.
    pub name: String,
    /// Title.
    pub title: Words,
    /// States it leads from.
    pub from: Vec<String>,
    /// Where it leads.
    pub to: String,
}

/// Something a case may be about.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CodeInfo {
    /// Its code.
    pub code: String,
    /// Title.
    pub title: Words,
    /// Title of its group.
    pub group: Option<Words>,
    /// Handling time in words, where it has one of its own.
    pub handling: Option<Words>,
}

/// A further member.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldInfo {
    /// Name.
    pub name: String,
    /// Title.
    pub title: Words,
}

/// A term in words.
pub fn term_words(kind: nacre_calendar::TermKind, amount: u32) -> Words {
    use nacre_calendar::TermKind::{NaturalDays, UrgentHours, WorkingDays, WorkingHours};
    let (zh, en) = match kind {
        UrgentHours => ("紧急工作时", "urgent hours"),
        WorkingHours => ("工作时", "working hours"),
        WorkingDays => ("工作日", "working days"),
        NaturalDays => ("自然日", "days"),
    };
    Words::new(format!("{amount} {zh}"), format!("{amount} {en}"))
}

/// Codes a case of a workflow may be about.
pub fn codes(workflow: &nacre_cases::Workflow) -> Vec<CodeInfo> {
    let subjects = workflow.codes.iter().filter(|(_, s)| !s.heading);
    subjects
        .map(|(code, subject)| CodeInfo {
            code: code.clone(),
            title: words(&subject.title),
            group: subject.group.as_ref().and_then(|g| workflow.codes.get(g)).map(|g| words(&g.title)),
            handling: workflow.def.handling.get(code).map(|h| term_words(h.kind, h.amount)),
        })
        .collect()
}

/// Workflows of the packs that are loaded.
#[utoipa::path(get, path = "/api/workflows", tag = "cases", responses((status = 200, body = WorkflowList)))]
pub async fn list(State(app): State<App>) -> Result<Json<WorkflowList>, Problem> {
    let packs = &app.settings().packs;
    let all = packs.iter().flat_map(|p| p.workflows.values().map(move |w| (p, w)));
    let workflows = all.map(|(pack, workflow)| {
        let def = &workflow.def;
        WorkflowInfo {
            id: workflow.id.clone(),
            pack: pack.name.clone(),
            title: words(&def.title),
            start: def.start.clone(),
            public: def.public,
            states: def
                .states
                .iter()
                .map(|(name, state)| StateInfo {
                    name: name.clone(),
                    title: words(&state.title),
                    kind: kind_name(state.kind).to_owned(),
                    holder: state.holder.clone(),
                })
                .collect(),
            commands: def
                .rows
                .iter()
                .map(|r| CommandInfo {
                    name: r.command.clone(),
                    title: words(&r.title),
                    from: r.from.clone(),
                    to: r.to.clone(),
                })
                .collect(),
            codes: codes(workflow),
            fields: def
                .fields
                .iter()
                .map(|(name, title)| FieldInfo { name: name.clone(), title: words(title) })
                .collect(),
        }
    });
    Ok(Json(WorkflowList { workflows: workflows.collect() }))
}

/// Reads the kind of a state.
pub fn parse_kind(text: &str) -> Option<StateKind> {
    [StateKind::Open, StateKind::Done, StateKind::Void].into_iter().find(|k| kind_name(*k) == text)
}
