//! Verbs of services above the kernel: a case is dispatched, an alert is acknowledged, a device observes.
//!
//! A service brings its own data and its own pure `decide`; the kernel runs it on the sequencer like any other command, so
//! that two who act on one thing at the same moment are decided one after the other, and what one act changes in several
//! entities is one record.

use std::fmt;
use std::sync::Arc;

use nacre_model::{EntityId, Instant};

use crate::commands::{Decision, State};
use crate::refusal::Refusal;

/// A verb with everything it needs to be decided.
pub trait Verb: fmt::Debug + Send + Sync {
    /// The stable name written into records and asked of the door: `case.act`.
    fn name(&self) -> &'static str;

    /// The entity it is about.
    fn entity(&self) -> Option<&EntityId>;

    /// Pure: from state and the present instant to changes, or a refusal.
    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal>;
}

/// A verb on its way.
#[derive(Clone)]
pub struct Act(pub Arc<dyn Verb>);

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl PartialEq for Act {
    /// The very same act.
    fn eq(&self, other: &Act) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
