//! Seeded simulation: the kernel as it is, on a disk that fails, beside a model that is too simple to be wrong.
//!
//! Reading order: [`world`] (the model) → [`action`] (what clients ask, and how the kernel is asked the same) → [`rig`]
//! (the disk, the power switch) → [`door`] (holds the sequencer where a test wants it) → [`run`] (one seed from beginning to
//! end, and all that must hold).
//!
//! One number, the seed, decides commands, accidents and the moments at which they happen. Threads run freely, but every
//! place where their order could change what reaches the disk is held until the order is known; that the same seed gives
//! the same history is itself tested.

pub mod action;
pub mod door;
pub mod rig;
pub mod run;
pub mod world;

pub use run::{Summary, run};
