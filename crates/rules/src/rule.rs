//! A rule that was understood: durations counted, expressions read, areas made. It never changes.

use nacre_model::Instant;

use crate::definition::{GeoEvent, RuleDef};
use crate::expression::Expression;
use crate::expression::fast::Fast;
use crate::expression::node::Read;
use crate::fence::Area;
use crate::schedule::Schedule;

/// A condition: the expression, and its fast form where it has one.
#[derive(Debug, Clone)]
pub struct Condition {
    /// The expression.
    pub expression: Expression,
    /// Its fast form.
    pub fast: Option<Fast>,
}

impl Condition {
    /// A condition of an expression.
    pub fn new(expression: Expression) -> Condition {
        let fast = Fast::of(expression.root());
        Condition { expression, fast }
    }
}

/// What wakes a rule, with what belongs to it.
#[derive(Debug, Clone)]
pub enum Waking {
    /// A change.
    Change,
    /// A window.
    Window {
        /// Attribute.
        attribute: String,
        /// How far back, milliseconds.
        over_ms: i64,
        /// Fewest values.
        least: usize,
    },
    /// An absence.
    Absence {
        /// Attribute.
        attribute: String,
        /// How long, milliseconds.
        lasting_ms: i64,
    },
    /// The clock.
    Schedule(Schedule),
    /// A line on the map.
    Geofence {
        /// Attribute.
        attribute: String,
        /// What is seen.
        event: GeoEvent,
        /// Which area.
        area: AreaOf,
    },
}

/// Where the areas are.
#[derive(Debug, Clone)]
pub enum AreaOf {
    /// Written out.
    Written(Box<Area>),
    /// Carried by entities of a type, in an attribute.
    Carried {
        /// Type.
        kind: String,
        /// Attribute.
        attribute: String,
    },
}

/// A thing to happen, its expressions read.
#[derive(Debug, Clone)]
pub enum Act {
    /// Alert.
    Alert {
        /// Level.
        severity: Expression,
        /// Scheme.
        scheme: String,
        /// Category.
        category: String,
        /// Title.
        title: Expression,
        /// Group.
        group: Option<Expression>,
    },
    /// Case.
    Case {
        /// Workflow.
        workflow: String,
        /// Title.
        title: Expression,
        /// Description.
        description: Option<Expression>,
        /// Organisation.
        organisation: Option<Expression>,
        /// Role.
        role: Option<String>,
        /// Fields.
        fields: Vec<(String, Expression)>,
    },
    /// Set.
    Set {
        /// Attribute.
        attribute: String,
        /// Value.
        value: Expression,
        /// Unit.
        unit: Option<String>,
    },
    /// Notify.
    Notify {
        /// Role.
        role: String,
        /// Organisation.
        organisation: Option<Expression>,
        /// Text.
        text: Expression,
    },
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    pub(crate) id: String,
    pub(crate) def: RuleDef,
    pub(crate) selection: Option<Condition>,
    pub(crate) only: Option<String>,
    pub(crate) condition: Option<Condition>,
    pub(crate) clear: Option<Condition>,
    pub(crate) hold_ms: i64,
    pub(crate) clear_hold_ms: i64,
    pub(crate) cooldown_ms: i64,
    pub(crate) waking: Waking,
    pub(crate) acts: Vec<Act>,
    pub(crate) wakes: Vec<String>,
    pub(crate) reads: Vec<Read>,
}

impl Rule {
    /// `pack.name`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// As it was written.
    pub fn def(&self) -> &RuleDef {
        &self.def
    }

    /// Short name of the type it watches.
    pub fn on(&self) -> &str {
        &self.def.on.kind
    }

    /// How far back it looks, milliseconds.
    pub fn reach_ms(&self) -> i64 {
        match &self.waking {
            Waking::Window { over_ms, .. } => *over_ms,
            Waking::Absence { lasting_ms, .. } => *lasting_ms,
            _ => 0,
        }
    }

    /// The one entity it watches, where `on.where` demands an id.
    pub fn only(&self) -> Option<&str> {
        self.only.as_deref()
    }

    /// Short names of the attributes that wake it, sorted.
    pub fn attributes(&self) -> &[String] {
        &self.wakes
    }

    /// All that its conditions and texts read, sorted: who knows the types checks the names.
    pub fn reads(&self) -> &[Read] {
        &self.reads
    }

    /// Its next time at or after `from`, for a rule of the clock.
    pub fn next_time(&self, from: Instant) -> Option<Instant> {
        match &self.waking {
            Waking::Schedule(schedule) => Some(schedule.at_or_after(from)),
            _ => None,
        }
    }

    /// The rule as a sentence for people, Chinese and English.
    pub fn sentence(&self) -> (String, String) {
        crate::sentence::of(&self.def)
    }
}
