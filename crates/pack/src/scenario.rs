//! Scenarios as parsed: a story, what is given, what happens on a manual clock, what holds then.

use nacre_model::{Attribute, Instant};

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
    /// The rule that is expected to refuse it; `None` expects acceptance.
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
    /// Time passes.
    Wait {
        /// How long, in milliseconds.
        ms: i64,
    },
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
}

impl Refusal {
    /// The name after `refused:`.
    pub fn name(self) -> &'static str {
        match self {
            Refusal::Rule(rule) => rule.name(),
            Refusal::Exists => "exists",
            Refusal::Missing => "missing",
        }
    }

    /// The refusal with a name.
    pub fn parse(name: &str) -> Option<Refusal> {
        use Rule::{Check, Code, Enum, Pattern, Range, Required, Target, Type, Unit, UnknownAttribute};
        let rules = [Required, Type, Range, Enum, Code, Pattern, Check, Unit, UnknownAttribute, Target];
        match name {
            "exists" => Some(Refusal::Exists),
            "missing" => Some(Refusal::Missing),
            _ => rules.into_iter().find(|rule| rule.name() == name).map(Refusal::Rule),
        }
    }
}

/// What is expected at the end.
#[derive(Debug, Clone)]
pub enum Expectation {
    /// Attributes of an entity have these values.
    Value {
        /// Where it stands.
        place: Place,
        /// URN.
        id: String,
        /// Short name → value, in the reduced form of [`crate::runner::reduced`].
        values: Vec<(String, serde_json::Value)>,
    },
    /// An entity does not exist.
    Absent {
        /// Where it stands.
        place: Place,
        /// URN.
        id: String,
    },
}
