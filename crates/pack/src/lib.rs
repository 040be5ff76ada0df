//! Packs: city systems as data. This crate reads a pack folder, checks it, and compiles it to typed structs.

pub mod checks;
pub mod code;
pub mod finding;
mod near;
pub mod schema;
pub mod units;
pub mod yaml;
