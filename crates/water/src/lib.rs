//! Surface water quality: classes by GB 3838-2002, the verdict of a river, and the import of readings others published.
//!
//! Reading order: [`gb3838`] (limits, the class of one value, the class of one section) → [`mod@river`] (several sections) →
//! [`observed`] (from a dirty entity to values, each change stated).
//!
//! Everything here is pure: no clock, no files, no network. No input makes it panic; what cannot be judged has no class, and
//! what cannot be read is refused or dropped with the reason.

pub mod gb3838;
pub mod observed;
pub mod river;

pub use gb3838::{
    Body, Class, Deciding, Judgement, Limit, Parameter, classify, judge, judge_against, limit, meets,
    saturation,
};
pub use observed::{
    Cleaned, CleanedAll, Correction, CorrectionCode, Duplicate, Refused, Tide, clean, clean_all,
};
pub use river::{RiverVerdict, SectionReading, river};
