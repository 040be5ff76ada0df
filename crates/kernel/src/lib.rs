//! The kernel: one sequencer a tenant turns commands into records; queries, history and subscriptions follow.
//!
//! Reading order: [`command`] and [`refusal`] (what is asked and answered) → [`commands`] (how each is decided) →
//! [`door`] → `sequencer` → `committer` → `applier` (the way of a command, a thread each) → [`recent`] and [`feed`] (what
//! readers and followers see at once) → [`tenant`] and [`reading`] (the handle) → [`query`] → [`open`] and [`kernel`].
//!
//! Invariants: nothing changes state but a record; acknowledged means durable; readers see only what is durable; a
//! query never shows what a point read would refuse.

pub mod act;
mod applier;
pub mod command;
pub mod commands;
mod committer;
pub mod door;
pub mod feed;
pub mod kernel;
pub mod open;
pub mod options;
pub mod query;
pub mod reading;
pub mod recent;
pub mod refusal;
mod sequencer;
pub mod tenant;

pub use act::{Act, Verb};
pub use command::{Accepted, Command, EntityDraft, Output, Submission};
pub use door::{Door, Principal, Right};
pub use kernel::Kernel;
pub use options::Options;
pub use reading::Answer;
pub use refusal::{Fault, Refusal};
pub use tenant::{Status, Tenant};
