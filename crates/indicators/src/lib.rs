//! The plan at work, without any I/O: what an indicator is, which figures are known, how they are derived, where they
//! contradict each other, how far the goals are, and which returns and tasks stand.
//!
//! Reading order: [`definition`] (what a pack writes) → [`figure`] (one value with its way back) → [`formula`] (CEL) →
//! [`ledger`] (all figures of one moment, chosen and derived) → [`conflict`] → [`board`] (indicators as people see them).
//! Beside them: [`returns`] (figures coming in, checked and approved by level) and [`task`] (the plan's work items).
//!
//! Everything is a function of its arguments: the same figures, definitions and resolutions give the same board, which
//! is what makes a frozen report the same next year.

pub mod board;
pub mod conflict;
pub mod definition;
pub mod figure;
pub mod formula;
pub mod ledger;
pub mod returns;
pub mod task;
mod words;

pub use words::{Party, Words};

#[cfg(test)]
mod tests;
