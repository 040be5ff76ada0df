//! Packs: city systems as data. This crate reads a pack folder (YAML, CSV, NDJSON and Markdown, nothing else), checks
//! it, and compiles it to typed structs; it reads the seed data of a district by the same rules, and runs scenarios.
//!
//! ```no_run
//! let loaded = nacre_pack::load("packs/layout".as_ref());
//! for finding in &loaded.findings {
//!     eprintln!("{finding}");
//! }
//! if let Some(pack) = loaded.pack {
//!     for (entity_type, attribute) in pack.indexes() {
//!         eprintln!("index {entity_type}.{attribute}");
//!     }
//! }
//! ```
//!
//! Reading order: [`finding`] and [`code`] (what is said) → [`yaml`] and [`schema`] (form) → [`type_def`] and
//! [`entity_check`] (meaning) → `compile` (file by file) → [`rows`] and [`district`] (data) → [`scenario`] and
//! [`runner`]. All limits stand at the top of the module that enforces them; no input makes this crate panic.

pub mod access;
pub mod capabilities;
pub mod checks;
pub mod code;
pub mod code_list;
mod compile;
pub mod district;
pub mod entity_check;
pub mod explain;
pub mod finding;
mod folder;
mod near;
pub mod pack;
pub mod quality;
pub mod rows;
pub mod runner;
pub mod scaffold;
pub mod scenario;
pub mod schema;
pub mod type_def;
pub mod units;
pub mod view;
pub mod written;
pub mod yaml;

pub use compile::{Library, Loaded, check_all, load};
pub use district::{District, LoadedDistrict, load_district, seed_entities};
pub use entity_check::{Extent, Rule, Violation};
pub use finding::{Finding, Severity, is_loadable};
pub use pack::Pack;
pub use rows::{Origin, SeedEntity};
pub use runner::World;
pub use scaffold::scaffold;
pub use type_def::{AttributeDef, Classification, TypeDef};
