//! The bytes of records, entities and attributes, format 1: deterministic, self-contained, versioned.
//!
//! The same state always gives the same bytes, whatever the machine; a leaf of the log is computed from bytes as
//! they lie on the disk, never from a second encoding. `docs/formats/record.md` describes the layout.
//!
//! Layout: [`write`] and [`read`] are the primitives (varints, lengths, limits); [`iri`] shortens well-known
//! prefixes; [`value`], [`attribute`], [`entity`], [`change`] and [`record`] build on each other.
//!
//! Invariants: decoding never panics and never allocates more than the input could fill; `decode(encode(x)) = x`;
//! unknown tags are errors, never skipped.

pub mod attribute;
pub mod change;
pub mod entity;
pub mod iri;
pub mod read;
pub mod record;
pub mod value;
pub mod write;

use thiserror::Error;

/// Format of everything in this module.
pub const FORMAT: u8 = 1;

/// Why bytes are no record (entity, attribute…).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CodecError {
    /// The bytes end too early.
    #[error("the bytes end at {at}, more were expected")]
    Truncated {
        /// Offset.
        at: usize,
    },
    /// A tag, a text or a number that format 1 does not have.
    #[error("at byte {at}: {what}")]
    Malformed {
        /// Offset.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A newer format.
    #[error("format {0} is newer than this program, which reads up to {FORMAT}")]
    NewerFormat(u8),
    /// The part asked for is sealed and its key is not there, or was erased.
    #[error("the content is sealed or erased")]
    Sealed,
}
