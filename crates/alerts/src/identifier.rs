//! The number of a warning message after GB/T 35965.1: `ZZZZZZDDDUUUXX_YYYYMMDDhhmmss_N`, 31 characters.

use nacre_model::Instant;
use thiserror::Error;

use crate::local_time;

/// How long a number is, characters.
pub const LENGTH: usize = 31;

/// Why there is no number.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum IdentifierError {
    /// A part is not made of so many digits.
    #[error("{part} `{text}` 须为 {digits} 位数字 / `{text}` is no {part}: {digits} digits are needed")]
    Part {
        /// Which part.
        part: &'static str,
        /// As given.
        text: String,
        /// How many digits.
        digits: usize,
    },
    /// More than ten in one second.
    #[error("同一秒内最多 10 条，序号须为 0 至 9 / at most ten in one second: the serial must be 0 to 9")]
    Serial,
}

impl IdentifierError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            IdentifierError::Part { .. } => "cap_identifier_part",
            IdentifierError::Serial => "cap_identifier_serial",
        }
    }
}

/// Who issues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    /// ZZZZZZ: code of the administrative division, six digits.
    pub division: String,
    /// DDD: organisation and trade, three digits.
    pub organisation: String,
    /// UUU: number inside the organisation, three digits.
    pub unit: String,
    /// XX: extension, two digits.
    pub extension: String,
}

/// The number of a message: its issuer, the local time it is sent, and which it is in that second.
pub fn identifier(
    issuer: &Issuer,
    at: Instant,
    offset_minutes: i32,
    serial: u8,
) -> Result<String, IdentifierError> {
    let parts = [
        ("区划代码 division", &issuer.division, 6),
        ("机构行业代码 organisation", &issuer.organisation, 3),
        ("内部编码 unit", &issuer.unit, 3),
        ("扩展码 extension", &issuer.extension, 2),
    ];
    for (part, text, digits) in parts {
        if text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(IdentifierError::Part { part, text: text.chars().take(40).collect(), digits });
        }
    }
    if serial > 9 {
        return Err(IdentifierError::Serial);
    }
    let Issuer { division, organisation, unit, extension } = issuer;
    let time = local_time::digits(at, offset_minutes);
    Ok(format!("{division}{organisation}{unit}{extension}_{time}_{serial}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer() -> Issuer {
        Issuer {
            division: "440105".into(),
            organisation: "000".into(),
            unit: "001".into(),
            extension: "00".into(),
        }
    }

    #[test]
    fn a_number_has_31_characters_and_local_time() {
        let at = Instant::parse("2026-11-22T17:30:05Z").expect("a date-time");
        let number = identifier(&issuer(), at, 480, 3).expect("a number");
        assert_eq!(number, "44010500000100_20261123013005_3");
        assert_eq!(number.len(), LENGTH);
        assert_eq!(identifier(&issuer(), at, 480, 10), Err(IdentifierError::Serial));
        let short = Issuer { division: "4401".into(), ..issuer() };
        assert_eq!(identifier(&short, at, 480, 0).expect_err("short").code(), "cap_identifier_part");
    }
}
