//! National standards as pure functions: values in, a judgement with its reasons out.
//!
//! [`gb3838`] grades surface water by its worst parameter; [`river`] judges a river by its sections.

pub mod gb3838;
pub mod river;
