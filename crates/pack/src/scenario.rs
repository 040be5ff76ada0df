//! Scenarios as parsed: a story, what is given, what happens on a manual clock, what holds then.

use nacre_cases::{Input, Opening, Who};
use nacre_model::{Attribute, Instant};
use serde_json::Value as Json;

use crate::entity_check::Rule;
use crate::finding::Place;

/// A scenario of a pack.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// File as shown in findings.
    pub file: String,
    /// The story in a sentence.
    pub story: String,
    /// Entities that exist at the start.
    pub given: Vec<GivenEntity>,
    /// Steps in time order.
    pub when: Vec<Step>,
    /// What holds at the end.
    pub then: Vec<Expectation>,
}

/// An entity as a scenario writes it.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenEntity {
    /// URN.
    pub id: String,
    /// Short type name.
    pub entity_type: String,
    /// Short name → attribute.
    pub attributes: Vec<(String, Attribute)>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Where it stands.
    pub place: Place,
    /// The instant written; `None` keeps the clock where it is.
    pub at: Option<Instant>,
    /// What happens.
    pub action: StepAction,
    /// Why it is expected to be refused; `None` expects acceptance.
    pub refused: Option<Refusal>,
}

/// What happens in a step.
#[derive(Debug, Clone)]
pub enum StepAction {
    /// Somebody creates an entity.
    Create(GivenEntity),
    /// Something is observed of an entity.
    Observe {
        /// URN.
        id: String,
        /// Short name → attribute.
        attributes: Vec<(String, Attribute)>,
    },
    /// A device sends a message, which its feed reads.
    Report {
        /// URN of the device.
        device: String,
        /// The message.
        payload: Json,
    },
    /// Time passes.
    Wait {
        /// How long, in milliseconds.
        ms: i64,
    },
    /// Somebody opens a case.
    Open(Box<OpenStep>),
    /// Somebody acts on a case.
    Act(Box<CaseStep>),
    /// Somebody acts on an alert.
    Alert(Box<AlertStep>),
    /// Nothing happens; this is what holds now.
    Then(Vec<Expectation>),
}

/// Somebody opens a case.
#[derive(Debug, Clone)]
pub struct OpenStep {
    /// What the scenario calls it; without a name it is found by its workflow.
    pub name: Option<String>,
    /// What is reported.
    pub opening: Opening,
    /// By whom.
    pub by: Who,
}

/// Somebody acts on a case.
#[derive(Debug, Clone)]
pub struct CaseStep {
    /// Which.
    pub case: CaseRef,
    /// The verb.
    pub verb: String,
    /// What is given with it; `into` is what the scenario calls the other case.
    pub input: Input,
    /// By whom.
    pub by: Who,
}

/// Somebody acts on an alert.
#[derive(Debug, Clone)]
pub struct AlertStep {
    /// Which.
    pub alert: AlertRef,
    /// The verb.
    pub verb: String,
    /// In words.
    pub note: Option<String>,
    /// Until when it is shelved.
    pub until: Option<Instant>,
    /// Workflow of the case that is opened for it.
    pub workflow: Option<String>,
    /// Organisation that gets the case.
    pub organisation: Option<String>,
    /// By whom.
    pub by: Who,
}

/// A case as a scenario names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseRef {
    /// The name after `as:`.
    Named(String),
    /// The newest of a workflow, perhaps about an entity.
    Of {
        /// `pack.workflow`.
        workflow: String,
        /// URN.
        about: Option<String>,
    },
}

/// An alert as a scenario names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AlertRef {
    /// An entity that was given or created; its URN.
    Entity(String),
    /// The newest of a rule, perhaps about an entity.
    Of {
        /// `pack.rule`.
        rule: String,
        /// URN.
        about: Option<String>,
    },
}

impl CaseRef {
    /// The workflow, where it is named.
    pub fn workflow(&self) -> Option<&str> {
        match self {
            CaseRef::Of { workflow, .. } => Some(workflow),
            CaseRef::Named(_) => None,
        }
    }
}

impl AlertRef {
    /// The rule, where it is named.
    pub fn rule(&self) -> Option<&str> {
        match self {
            AlertRef::Of { rule, .. } => Some(rule),
            AlertRef::Entity(_) => None,
        }
    }
}

/// Why a world refuses a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// A rule of the type.
    Rule(Rule),
    /// The entity exists already.
    Exists,
    /// The entity does not exist.
    Missing,
    /// A stable code of cases, alerts, posts and devices.
    Code(&'static str),
}

/// Stable codes after `refused:`, besides rules of types.
pub const CODES: &[&str] = &[
    // Cases
    "case_state",
    "case_moved",
    "case_role",
    "case_holder",
    "case_same_person",
    "case_note_missing",
    "case_form",
    "case_workflow_unknown",
    "case_unknown",
    "case_children_open",
    "case_urged_before",
    "case_unreadable",
    // Alerts
    "alert_unknown",
    "alert_state",
    "alert_reason_missing",
    "alert_shelve_until",
    "alert_form",
    "alert_case_exists",
    // Posts
    "post_required",
    "invalid_post",
    // Devices
    "device_unknown",
    "device_revoked",
    "asset_unknown",
    "feed_unknown",
    "feed_other",
    "payload_too_large",
    "payload_too_many",
    "payload_unreadable",
    "payload_nothing_known",
    "field_missing",
    "field_no_number",
    "field_out_of_range",
    "field_no_instant",
    "observation_contradicts",
];

impl Refusal {
    /// The name after `refused:`.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Rule(rule) => rule.name(),
            Refusal::Exists => "exists",
            Refusal::Missing => "missing",
            Refusal::Code(code) => code,
        }
    }

    /// The refusal with a name.
    pub fn parse(name: &str) -> Option<Refusal> {
        use Rule::{Check, Code, Enum, Pattern, Range, Required, Target, Type, Unit, UnknownAttribute};
        let rules = [Required, Type, Range, Enum, Code, Pattern, Check, Unit, UnknownAttribute, Target];
        let rule = || rules.into_iter().find(|rule| rule.name() == name).map(Refusal::Rule);
        match name {
            "exists" => Some(Refusal::Exists),
            "missing" => Some(Refusal::Missing),
            _ => rule().or_else(|| CODES.iter().find(|code| **code == name).map(|code| Refusal::Code(code))),
        }
    }
}

/// What a member of an expectation is to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where it stands.
    pub place: Place,
    /// The member: `state`, `severity`.
    pub name: String,
    /// What it is to be; null expects nothing there.
    pub value: Json,
}

/// What is expected.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// Attributes of an entity have these values.
    Value {
        /// Where it stands.
        place: Place,
        /// URN.
        id: String,
        /// Short name → value, in the reduced form of [`crate::written::reduced`].
        values: Vec<(String, Json)>,
    },
    /// An entity does not exist.
    Absent {
        /// Where it stands.
        place: Place,
        /// URN.
        id: String,
    },
    /// A case is as said.
    Case {
        /// Where it stands.
        place: Place,
        /// Which.
        case: CaseRef,
        /// What is said of it.
        wanted: Vec<Wanted>,
    },
    /// So many cases are as said.
    Cases {
        /// Where it stands.
        place: Place,
        /// `pack.workflow`.
        workflow: String,
        /// URN.
        about: Option<String>,
        /// What is said of each that counts.
        wanted: Vec<Wanted>,
        /// How many.
        count: u64,
    },
    /// An alert is as said.
    Alert {
        /// Where it stands.
        place: Place,
        /// Which.
        alert: AlertRef,
        /// What is said of it.
        wanted: Vec<Wanted>,
    },
    /// So many alerts are as said.
    Alerts {
        /// Where it stands.
        place: Place,
        /// `pack.rule`.
        rule: String,
        /// URN.
        about: Option<String>,
        /// What is said of each that counts.
        wanted: Vec<Wanted>,
        /// How many.
        count: u64,
    },
    /// A rule fired so many times.
    Fired {
        /// Where it stands.
        place: Place,
        /// `pack.rule`.
        rule: String,
        /// URN.
        about: Option<String>,
        /// How often.
        times: u64,
    },
    /// A post was told something so many times.
    Notices {
        /// Where it stands.
        place: Place,
        /// The role that is told.
        role: String,
        /// Local id of its organisation.
        organisation: Option<String>,
        /// What it is about.
        about: Option<Subject>,
        /// What its line contains.
        says: Option<String>,
        /// How many.
        count: u64,
    },
}

/// What a notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A case.
    Case(CaseRef),
    /// An entity; its URN.
    Entity(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema that editors complete from and the reader know the same refusals.
    #[test]
    fn the_schema_lists_every_refusal() {
        let schema = include_str!("../../../packs/schema/scenario.schema.json");
        let schema: Json = serde_json::from_str(schema).expect("JSON");
        let listed = schema.pointer("/properties/when/items/properties/refused/enum").expect("a list");
        let listed: Vec<&str> = listed.as_array().expect("a list").iter().filter_map(Json::as_str).collect();
        for name in &listed {
            assert_eq!(Refusal::parse(name).map(Refusal::name), Some(*name), "{name}");
        }
        for code in CODES {
            assert!(listed.contains(code), "{code} is not in the schema");
        }
    }
}
