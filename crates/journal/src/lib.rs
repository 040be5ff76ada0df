//! The journal: records in one total order a tenant, in segment files, durable before anybody hears of them.
//!
//! Reading order: [`codec`] (a record as bytes) → [`frame`] (a group commit) → [`segment`] (a file of frames) →
//! [`walk`] (how a segment ends: clean, torn or damaged) → [`disk`] (the only door to files) → [`writer`] →
//! [`reader`] → [`scrub`] → [`backup`]; [`error`] lists what can go wrong. The format, and what it assumes of a disk:
//! `docs/formats/journal.md`.
//!
//! Feature `sim` (optional, for tests): `sim`, a disk in memory that fails as disks do.
//!
//! Records are opaque bytes to everything but [`codec`].

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test stops at the first surprise"))]

pub mod backup;
pub mod codec;
pub mod disk;
pub mod error;
pub mod frame;
mod inspect;
mod prepare;
pub mod reader;
pub mod scrub;
pub mod segment;
#[cfg(any(test, feature = "sim"))]
pub mod sim;
mod table;
#[cfg(test)]
mod tests;
pub mod walk;
pub mod writer;

pub use backup::{Manifest, ManifestFile, backup, restore, verify_backup};
pub use disk::{Disk, DiskFile, DiskLock, OsDisk};
pub use error::{Damage, JournalError, Place};
pub use reader::{Reader, Records};
pub use scrub::{Finding, FindingKind, ScrubReport, scrub};
pub use writer::{Appender, Durable, Journal, Options, Recovery, TornTail};
