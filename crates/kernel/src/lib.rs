//! The kernel: one sequencer a tenant turns commands into records; queries, history and subscriptions follow.
//!
//! Reading order: [`command`] and [`refusal`] (what is asked and answered) → [`commands`] (how each is decided) →
//! [`door`] → [`query`].

pub mod command;
pub mod door;
pub mod query;
pub mod refusal;
