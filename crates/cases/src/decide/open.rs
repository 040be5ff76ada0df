//! A case comes to be.

use nacre_calendar::Calendar;
use nacre_model::{EntityId, Instant, Iri, Position};

use super::{Who, check_files, due_of};
use crate::case::{Case, FileRef, Step};
use crate::duty::{At, Duty, Holder};
use crate::error::CaseError;
use crate::workflow::Workflow;

/// What is reported.
#[derive(Debug, Clone, PartialEq, Default)]
#[allow(missing_docs)]
pub struct Opening {
    pub workflow: String,
    pub title: String,
    pub description: Option<String>,
    pub code: Option<String>,
    pub street: Option<String>,
    pub location: Option<Position>,
    pub address: Option<String>,
    pub source: String,
    pub priority: Option<String>,
    pub about: Option<Iri>,
    pub parent: Option<EntityId>,
    pub alert: Option<Iri>,
    pub organisation: Option<String>,
    pub person: Option<String>,
    pub files: Vec<FileRef>,
    pub fields: serde_json::Map<String, serde_json::Value>,
    pub reporter_name: Option<String>,
    pub reporter_phone: Option<String>,
    pub anonymous: bool,
    pub track: Option<String>,
    pub simulated: bool,
}

/// Opens a case in the first state of its workflow.
pub fn open(
    id: EntityId,
    number: String,
    opening: &Opening,
    who: &Who,
    workflow: &Workflow,
    calendar: &Calendar,
    now: Instant,
) -> Result<Case, CaseError> {
    check(opening, workflow)?;
    let start = workflow.def.start.clone();
    let state = workflow.state(&start).ok_or_else(|| CaseError::NoWorkflow(workflow.id.clone()))?;
    let holder = Holder {
        roles: state.holder.clone(),
        organisation: opening.organisation.clone().filter(|o| !o.is_empty()),
        person: opening.person.clone(),
    };
    let step = Step {
        verb: "open".into(),
        by: who.actor.clone(),
        at: At(now),
        note: None,
        from: None,
        to: Some(start.clone()),
        files: opening.files.iter().map(|f| f.sha256.clone()).collect(),
        data: serde_json::Value::Null,
    };
    let attached =
        |f: &FileRef| FileRef { by: who.actor.clone(), verb: "open".into(), at: Some(At(now)), ..f.clone() };
    let mut case = Case {
        id,
        number,
        workflow: workflow.id.clone(),
        title: opening.title.trim().to_owned(),
        description: opening.description.clone(),
        state: start,
        since: now,
        created: now,
        filed: state.files.then_some(now),
        closed: None,
        code: opening.code.clone(),
        street: opening.street.clone(),
        location: opening.location,
        address: opening.address.clone(),
        source: opening.source.clone(),
        priority: opening.priority.clone().unwrap_or_else(|| "normal".into()),
        about: opening.about.clone(),
        parent: opening.parent.clone(),
        merged_into: None,
        alert: opening.alert.clone(),
        fields: opening.fields.clone(),
        files: opening.files.iter().map(attached).collect(),
        reporter_name: opening.reporter_name.clone().filter(|_| !opening.anonymous),
        reporter_phone: opening.reporter_phone.clone().filter(|_| !opening.anonymous),
        anonymous: opening.anonymous,
        track: opening.track.clone(),
        rating: None,
        simulated: opening.simulated,
        duty: Duty { holder, last: Some((who.actor.clone(), "open".into())), ..Duty::default() },
        step: Some(step),
        seq: 0,
    };
    case.duty.due = due_of(&case, state, workflow, calendar, now);
    Ok(case)
}

fn check(opening: &Opening, workflow: &Workflow) -> Result<(), CaseError> {
    let length = opening.title.trim().chars().count();
    if !(1..=200).contains(&length) {
        return Err(CaseError::form("title", "标题 1 到 200 字", "a title of 1 to 200 characters is needed"));
    }
    let long = |text: &Option<String>, max: usize| text.as_ref().is_some_and(|t| t.chars().count() > max);
    if long(&opening.description, 5_000) {
        return Err(CaseError::form("description", "最多 5000 字", "at most 5,000 characters"));
    }
    if long(&opening.address, 200) {
        return Err(CaseError::form("address", "最多 200 字", "at most 200 characters"));
    }
    if long(&opening.reporter_name, 60) || long(&opening.reporter_phone, 40) {
        return Err(CaseError::form(
            "reporter",
            "姓名最多 60 字，电话最多 40 字",
            "a name of at most 60, a number of at most 40 characters",
        ));
    }
    if let Some(priority) = &opening.priority
        && !["normal", "high", "urgent"].contains(&priority.as_str())
    {
        return Err(CaseError::form("priority", "是 normal、high 或 urgent", "is normal, high or urgent"));
    }
    let unknown = opening.fields.keys().find(|name| !workflow.def.fields.contains_key(*name));
    if let Some(name) = unknown {
        let (zh, en) = (format!("没有字段 `{name}`"), format!("there is no field `{name}`"));
        return Err(CaseError::form("fields", zh, en));
    }
    if let Some(code) = opening.code.as_ref().filter(|_| workflow.def.codes.is_some())
        && workflow.codes.get(code).is_none_or(|c| c.heading)
    {
        let list = workflow.def.codes.clone().unwrap_or_default();
        let (zh, en) =
            (format!("`{code}` 不是代码表 {list} 的代码"), format!("`{code}` is no code of `{list}`"));
        return Err(CaseError::form("code", zh, en));
    }
    check_files(&opening.files)
}
