//! Rules of a pack: when something changes, builds up, stays away, comes round or crosses a line, then alert, open a
//! case, set an attribute or notify. Pure: entities and the time are passed in, what should happen is passed out.
//!
//! Reading order: [`definition`] (as a pack author writes it) → [`duration`] → [`value`] → [`expression`] (CEL, within
//! limits) → [`functions`] (what other crates add to CEL) → [`compile`] (all complaints at once) → [`rule`] and
//! [`sentence`] → [`world`] and [`scene`] (what an expression sees) → [`window`], [`schedule`], [`fence`] →
//! [`state`] (idle, holding, active) → [`engine`] → [`firing`] → [`mod@dry_run`].
//!
//! Invariants: no function here panics on any text or entity; the same observations and ticks give the same firings;
//! what is unknown (a missing attribute, an error) neither raises nor clears.

pub mod compile;
pub mod definition;
pub mod dry_run;
pub mod duration;
pub mod engine;
pub mod expression;
pub mod fence;
pub mod firing;
pub mod functions;
pub mod rule;
pub mod scene;
pub mod schedule;
pub mod sentence;
pub mod state;
pub mod value;
pub mod window;
pub mod world;

pub use compile::{Complaint, Options};
pub use definition::RuleDef;
pub use dry_run::{DryRun, Past, dry_run};
pub use engine::{Engine, RuleStats};
pub use firing::{Effect, Firing, Input, Kind};
pub use functions::Functions;
pub use rule::Rule;
pub use value::Val;
pub use world::{Observed, World};
