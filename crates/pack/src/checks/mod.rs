//! Numbers with a check digit that Chinese users write every day. Each reads what people type (lower case, blanks,
//! full-width digits), checks it after its standard, and gives the one form that is stored.

pub mod citizen_id;
pub mod region;
pub mod uscc;

use thiserror::Error;

/// The named checks a pack can ask for with `check:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    /// 统一社会信用代码, GB 32100-2015.
    Uscc,
    /// 公民身份号码, GB 11643.
    CitizenId,
}

/// Why a number is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckError {
    /// Wrong number of characters.
    #[error("has {found} characters, needs {needed}")]
    Length {
        /// Needed.
        needed: usize,
        /// Found.
        found: usize,
    },
    /// A character the standard does not use.
    #[error("`{character}` at position {position} is not used in this number")]
    Character {
        /// Position, from 1.
        position: usize,
        /// The character.
        character: char,
    },
    /// The administrative division does not exist.
    #[error("`{0}` is no province of GB/T 2260")]
    Region(String),
    /// The date of birth does not exist.
    #[error("`{0}` is no date")]
    Date(String),
    /// The check character does not fit.
    #[error("check character is `{found}`, the number asks for `{expected}`")]
    CheckCharacter {
        /// What the standard computes.
        expected: char,
        /// What was written.
        found: char,
    },
    /// The organisation's own code inside the number has a wrong check digit.
    #[error("the organisation code inside ends in `{found}`, it asks for `{expected}`")]
    OrganisationCode {
        /// What the standard computes.
        expected: char,
        /// What was written.
        found: char,
    },
}

impl Check {
    /// All checks, for messages.
    pub const NAMES: [&'static str; 2] = ["uscc", "citizen-id"];

    /// The check with a name.
    pub fn parse(name: &str) -> Option<Check> {
        match name {
            "uscc" => Some(Check::Uscc),
            "citizen-id" => Some(Check::CitizenId),
            _ => None,
        }
    }

    /// The name a pack writes.
    pub fn name(self) -> &'static str {
        match self {
            Check::Uscc => "uscc",
            Check::CitizenId => "citizen-id",
        }
    }

    /// Checks a number as typed and gives the form that is stored.
    pub fn normalise(self, text: &str) -> Result<String, CheckError> {
        match self {
            Check::Uscc => uscc::normalise(text),
            Check::CitizenId => citizen_id::normalise(text),
        }
    }
}

/// Upper case, without blanks and hyphens, full-width letters and digits as plain ones.
fn tidy(text: &str) -> Vec<char> {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .map(|c| c.to_ascii_uppercase())
        .collect()
}
