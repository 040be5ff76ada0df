//! Code lists: closed words with their standard and days of validity.

use time::Date;

use crate::type_def::Words;
use crate::units::Unit;

/// A code list of a pack.
#[derive(Debug, Clone)]
pub struct CodeList {
    /// File name without extension.
    pub name: String,
    /// Name for people.
    pub title: Words,
    /// Number of the standard; `nacre` where there is none.
    pub standard: String,
    /// Version of the standard or list.
    pub version: Option<String>,
    /// Where it comes from.
    pub source: Option<String>,
    /// Codes in the order shown.
    pub codes: Vec<CodeEntry>,
}

/// One code.
#[derive(Debug, Clone)]
pub struct CodeEntry {
    /// The code.
    pub code: String,
    /// Name for people.
    pub title: Words,
    /// Definition.
    pub description: Option<Words>,
    /// The broader code.
    pub parent: Option<String>,
    /// For lists of written units: unit and factor to which a number converts.
    pub converts: Option<(&'static Unit, f64)>,
    /// First day of validity.
    pub valid_from: Option<Date>,
    /// Last day of validity.
    pub valid_to: Option<Date>,
}

impl CodeList {
    /// The entry of a code; of several with different validity the last.
    pub fn find(&self, code: &str) -> Option<&CodeEntry> {
        self.codes.iter().rev().find(|entry| entry.code == code)
    }

    /// The entry of a code that is valid on a day.
    pub fn find_on(&self, code: &str, day: Date) -> Option<&CodeEntry> {
        self.codes.iter().find(|entry| entry.code == code && entry.valid_on(day))
    }
}

impl CodeEntry {
    /// True when the code may be used on a day.
    pub fn valid_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// True when both may be used on some day.
    pub fn overlaps(&self, other: &CodeEntry) -> bool {
        let before = |a: Option<Date>, b: Option<Date>| matches!((a, b), (Some(to), Some(from)) if to < from);
        !before(self.valid_to, other.valid_from) && !before(other.valid_to, self.valid_from)
    }
}
