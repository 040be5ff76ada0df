//! What the engine says: a rule fired about an entity, or is over; with what it saw and what is to happen.

use std::sync::Arc;

use nacre_model::{EntityId, Instant, Seq, Value};

use crate::rule::Rule;

/// Whether it began or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The condition became true.
    Raise,
    /// It is over.
    Clear,
}

/// One thing a condition saw.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Its name as the expression writes it: `level`, `previous.level`, `rel.section.name`, `window.avg`.
    pub name: String,
    /// Its value; null when it was missing.
    pub value: serde_json::Value,
    /// When it was observed, where that is known.
    pub observed_at: Option<Instant>,
}

/// What is to happen; all texts are final.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Raise an alert.
    Alert {
        /// Id of a level of the scheme; none when the expression gave none (see the rule's last error).
        severity: Option<String>,
        /// Id of the scheme.
        scheme: String,
        /// Category.
        category: String,
        /// Title; the rule's id when the expression gave none.
        title: String,
        /// Group.
        group: Option<String>,
    },
    /// Open a case.
    Case {
        /// `pack.workflow`.
        workflow: String,
        /// Title; the rule's id when the expression gave none.
        title: String,
        /// Description.
        description: Option<String>,
        /// Organisation.
        organisation: Option<String>,
        /// Role.
        role: Option<String>,
        /// Fields that have a value.
        fields: Vec<(String, Value)>,
    },
    /// Set an attribute of the entity.
    Set {
        /// Short name.
        attribute: String,
        /// Its value.
        value: Value,
        /// Unit code.
        unit: Option<String>,
    },
    /// Tell somebody.
    Notify {
        /// Role.
        role: String,
        /// Organisation.
        organisation: Option<String>,
        /// Text; the rule's id when the expression gave none.
        text: String,
    },
}

/// A rule began or ended about an entity.
#[derive(Debug, Clone)]
pub struct Firing {
    /// Which rule.
    pub rule: Arc<Rule>,
    /// Which entity.
    pub about: EntityId,
    /// Began or ended.
    pub kind: Kind,
    /// When.
    pub at: Instant,
    /// The record that made it so; none when time alone did.
    pub seq: Option<Seq>,
    /// What the conditions saw.
    pub inputs: Vec<Input>,
    /// What is to happen, in order; empty when it ended.
    pub effects: Vec<Effect>,
}

/// A model value as JSON, for [`Input`].
pub fn json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Int(n) => (*n).into(),
        Value::Float(n) => (*n).into(),
        Value::Text(text) => text.to_string().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(members) => {
            serde_json::Value::Object(members.iter().map(|(n, v)| (n.to_string(), json(v))).collect())
        }
    }
}
