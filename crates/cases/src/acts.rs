//! Verbs of cases as commands of the kernel: what [`crate::decide`] decides becomes one record.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use nacre_calendar::{Calendar, Date};
use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Output, Refusal, Verb};
use nacre_model::{Attribute, Change, Content, DocumentKey, EntityId, Instant, Iri, Value};

use crate::case::{Case, iri, urn};
use crate::decide::{Input, Notice, Opening, Outcome, Scene, Who, act, enter_year, open, tick};
use crate::duty::Holder;
use crate::error::CaseError;
use crate::workflow::Workflow;

/// Workflows and the calendar, as they are when a verb is asked for.
#[derive(Clone)]
pub struct Office {
    /// By id.
    pub workflows: Arc<HashMap<String, Arc<Workflow>>>,
    /// Days and hours.
    pub calendar: Arc<Calendar>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} workflows", self.workflows.len())
    }
}

impl Office {
    /// A workflow.
    pub fn workflow(&self, id: &str) -> Result<&Arc<Workflow>, CaseError> {
        self.workflows.get(id).ok_or_else(|| CaseError::NoWorkflow(id.to_owned()))
    }
}

/// A case comes to be.
#[derive(Debug, Clone)]
pub struct OpenCase {
    /// Its id, from the edge.
    pub id: EntityId,
    /// What is reported.
    pub opening: Opening,
    /// By whom.
    pub who: Who,
    /// Rules of the house.
    pub office: Office,
}

/// Somebody acts on a case.
#[derive(Debug, Clone)]
pub struct ActOnCase {
    /// Which.
    pub id: EntityId,
    /// The verb.
    pub verb: String,
    /// What is given.
    pub input: Input,
    /// By whom.
    pub who: Who,
    /// Id of a part, should one be opened.
    pub part: EntityId,
    /// Rules of the house.
    pub office: Office,
}

/// Time passes for a case, or its term is reckoned again.
#[derive(Debug, Clone)]
pub struct Tick {
    /// Which.
    pub id: EntityId,
    /// A table of a year was entered: only the term is reckoned again.
    pub reckon: bool,
    /// Rules of the house.
    pub office: Office,
}

fn find(state: &dyn State, id: &EntityId) -> Result<Case, Refusal> {
    let entity = state.entity(id)?.filter(|e| Case::is(e));
    let entity = entity.ok_or_else(|| CaseError::NoCase(id.to_string()))?;
    Ok(Case::read(&entity)?)
}

/// The next number of a workflow on a day, and the change that uses it up.
fn number(state: &dyn State, workflow: &Workflow, calendar: &Calendar, now: Instant) -> (String, Change) {
    let day = Date::of(now, calendar.offset_minutes()).to_string().replace('-', "");
    let prefix = &workflow.def.number;
    let key = DocumentKey::new("case-number", &format!("{prefix}-{day}"));
    let last = match state.document(&key).as_deref() {
        Some(Value::Int(n)) => *n,
        _ => 0,
    };
    let next = last + 1;
    (format!("{prefix}-{day}-{next:05}"), Change::PutDocument { key, value: Value::Int(next) })
}

impl Verb for OpenCase {
    fn name(&self) -> &'static str {
        "case.open"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        if state.entity(&self.id)?.is_some() {
            return Err(Refusal::EntityExists(self.id.clone()));
        }
        let changes = opened(state, self, now)?;
        Ok(Decision { changes, output: Output::Created })
    }
}

/// Changes with which a case comes to be; other services open cases with them inside their own records.
pub fn opened(state: &dyn State, opening: &OpenCase, now: Instant) -> Result<Vec<Change>, Refusal> {
    let workflow = opening.office.workflow(&opening.opening.workflow)?;
    let (number, counted) = number(state, workflow, &opening.office.calendar, now);
    let id = opening.id.clone();
    let case = open(id, number, &opening.opening, &opening.who, workflow, &opening.office.calendar, now)?;
    let mut changes = case.changes(None);
    changes.push(counted);
    Ok(changes)
}

impl Verb for ActOnCase {
    fn name(&self) -> &'static str {
        "case.act"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let case = find(state, &self.id)?;
        let workflow = self.office.workflow(&case.workflow)?.clone();
        let find = |id: &EntityId| find(state, id).map_err(|_| CaseError::NoCase(id.to_string()));
        let scene = Scene { workflow: &workflow, calendar: &self.office.calendar, now, find: &find };
        let outcome = act(case, &self.who, &self.verb, &self.input, &scene)?;
        let mut changes = written(state, &outcome, &self.who.actor, now)?;
        if let Some(part) = &outcome.part {
            let (id, who, office) = (self.part.clone(), self.who.clone(), self.office.clone());
            let opening = OpenCase { id, opening: part.clone(), who, office };
            changes.extend(opened(state, &opening, now)?);
        }
        Ok(Decision::done(changes))
    }
}

impl Verb for Tick {
    fn name(&self) -> &'static str {
        "case.tick"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let case = find(state, &self.id)?;
        let workflow = self.office.workflow(&case.workflow)?.clone();
        let outcome = match self.reckon {
            true => enter_year(case, &self.office.calendar, now).map(|case| Outcome {
                case,
                others: Vec::new(),
                part: None,
                notices: Vec::new(),
            }),
            false => tick(case, &workflow, &self.office.calendar, now),
        };
        let changes = match outcome {
            None => Vec::new(),
            Some(outcome) => written(state, &outcome, "system:cases", now)?,
        };
        Ok(Decision::done(changes))
    }
}

/// An outcome as changes.
fn written(state: &dyn State, outcome: &Outcome, by: &str, now: Instant) -> Result<Vec<Change>, Refusal> {
    let mut case = outcome.case.clone();
    let first = case.duty.notices;
    case.duty.notices += u32::try_from(outcome.notices.len()).unwrap_or_default();
    let mut changes = case.changes(state.entity(&case.id)?.as_deref());
    for other in &outcome.others {
        changes.extend(other.changes(state.entity(&other.id)?.as_deref()));
    }
    for (i, notice) in (first..).zip(&outcome.notices) {
        let id = urn("Notice", &format!("{}-{i}", crate::case::local(case.id.as_str())));
        changes.extend(noted(&id, notice, &Iri::trusted(case.id.as_str()), by, case.simulated, now));
    }
    Ok(changes)
}

/// Changes with which a notice comes to be.
pub fn noted(id: &str, notice: &Notice, about: &Iri, by: &str, simulated: bool, now: Instant) -> Vec<Change> {
    let Ok(entity) = EntityId::new(id) else { return Vec::new() };
    let create = Change::CreateEntity {
        entity: entity.clone(),
        types: vec![iri("Notice")],
        scopes: Vec::new(),
        expires_at: None,
    };
    let text = |t: &str| Attribute::new(Content::Property(Value::text(t)));
    let to = |urn: Iri| {
        Attribute::new(Content::Relationship { objects: vec![urn], many: false, object_types: Vec::new() })
    };
    let Holder { roles, organisation, person } = &notice.to;
    let mut all: Vec<(&str, Attribute)> = vec![
        ("name", text(&notice.subject)),
        ("noticeText", text(&notice.text)),
        ("noticeSeverity", text(notice.severity)),
        ("noticeState", text("unread")),
        ("toRole", text(&roles.join("|"))),
        ("sentBy", text(by)),
        ("sentAt", text(&now.to_string())),
        ("about", to(about.clone())),
    ];
    if let Some(organisation) = organisation {
        all.push(("toOrganisation", to(Iri::trusted(&urn("Organization", organisation)))));
    }
    if let Some(person) = person {
        all.push(("toPerson", text(person)));
    }
    if simulated {
        all.push(("simulated", Attribute::new(Content::Property(Value::Bool(true)))));
    }
    let set = |(name, attribute): (&str, Attribute)| Change::SetAttribute {
        entity: entity.clone(),
        name: iri(name),
        attribute,
    };
    std::iter::once(create).chain(all.into_iter().map(set)).collect()
}
