//! Units of measure: UN/CEFACT Recommendation 20 common codes (the part a district uses) and ISO 4217 currencies.
//!
//! NGSI-LD wants the common code in `unitCode` (CIM 009 §4.5.2). Free text such as "千瓦时" or "kWh" is refused, and
//! the finding names the code to write. A code that is missing here but stands in Recommendation 20 is added as one
//! row of `units.csv`.

use std::sync::LazyLock;

use crate::near;

/// A unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// The common code, as it is stored.
    pub code: &'static str,
    /// Name in Recommendation 20.
    pub name_en: &'static str,
    /// 中文名称.
    pub name_zh: &'static str,
    /// What stands behind a number on a screen.
    pub symbol: &'static str,
    /// True for a currency of ISO 4217, which Recommendation 20 does not list.
    pub currency: bool,
}

const TABLE: &str = include_str!("units.csv");

static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let row = |line: &'static str| {
        let mut cells = line.split(',');
        Some(Unit {
            code: cells.next()?,
            name_en: cells.next()?,
            name_zh: cells.next()?,
            symbol: cells.next()?,
            currency: cells.next()? == "iso4217",
        })
    };
    TABLE.lines().skip(1).filter_map(row).collect()
});

/// All units known.
pub fn all() -> &'static [Unit] {
    &UNITS
}

/// The unit with a code.
pub fn find(code: &str) -> Option<&'static Unit> {
    UNITS.iter().find(|unit| unit.code == code)
}

/// The code for what somebody wrote instead of a code: a symbol, a name, a slip.
pub fn suggest(written: &str) -> Option<&'static Unit> {
    let plain = |text: &str| {
        let kept = text.chars().filter(|c| !matches!(c, '·' | '*' | '.' | ' ' | '_'));
        kept.collect::<String>().to_lowercase().replace('²', "2").replace('³', "3").replace(['μ', 'µ'], "u")
    };
    let written_plain = plain(written);
    UNITS
        .iter()
        .find(|u| [u.symbol, u.name_zh, u.name_en, u.code].iter().any(|name| plain(name) == written_plain))
        .or_else(|| near::nearest(written, UNITS.iter().map(|unit| unit.code)).and_then(find))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert_eq!(all().len(), TABLE.lines().count() - 1, "every row has five cells");
        for (i, unit) in all().iter().enumerate() {
            assert!(!unit.name_zh.is_empty() && !unit.symbol.is_empty(), "{unit:?}");
            assert!(all()[..i].iter().all(|other| other.code != unit.code), "{} stands twice", unit.code);
        }
    }

    #[test]
    fn words_lead_to_codes() {
        for (written, code) in [
            ("kWh", "KWH"),
            ("千瓦时", "KWH"),
            ("mg/L", "M1"),
            ("KWHH", "KWH"),
            ("平方米", "MTK"),
            ("m2", "MTK"),
            ("%", "P1"),
        ] {
            assert_eq!(suggest(written).map(|u| u.code), Some(code), "{written}");
        }
        assert_eq!(suggest("furlongs per fortnight"), None);
    }
}
