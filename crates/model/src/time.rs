//! Instants: UTC with millisecond precision, nothing finer is stored (invariant 8).

use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

impl Instant {
    /// The earliest and latest instants that have a four-digit year.
    pub const MIN: Instant = Instant(-62_167_219_200_000);
    /// See [`Instant::MIN`].
    pub const MAX: Instant = Instant(253_402_300_799_999);

    /// Reads an RFC 3339 date-time; a date-time without zone is taken as UTC (CIM 009 §4.6.3 wants `Z`,
    /// real clients omit it). Finer than a millisecond is cut off.
    pub fn parse(text: &str) -> Option<Instant> {
        let at = if let Ok(at) = OffsetDateTime::parse(text, &Rfc3339) {
            at
        } else {
            let plain = time::macros::format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]]"
            );
            PrimitiveDateTime::parse(text, plain).ok()?.assume_utc()
        };
        let ms = at.to_offset(UtcOffset::UTC).unix_timestamp_nanos().div_euclid(1_000_000);
        let at = Instant(i64::try_from(ms).ok()?);
        (Instant::MIN..=Instant::MAX).contains(&at).then_some(at)
    }

    /// The instant `ms` later (earlier when negative), held inside the years 0 to 9999.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Instant {
        Instant(self.0.saturating_add(ms)).clamp(Instant::MIN, Instant::MAX)
    }

    fn date_time(self) -> OffsetDateTime {
        let at = self.clamp(Instant::MIN, Instant::MAX);
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Instant {
    /// `2026-11-23T01:30:00.000Z`: always UTC, always three digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let t = self.date_time();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second(),
            t.millisecond()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_offsets_and_cuts_to_milliseconds() {
        let at = Instant::parse("2026-11-20T09:00:00.123987+08:00").expect("valid");
        assert_eq!(at.to_string(), "2026-11-20T01:00:00.123Z");
        assert_eq!(
            Instant::parse("2026-11-20T01:00:00").map(|t| t.to_string()),
            Instant::parse("2026-11-20T01:00:00Z").map(|t| t.to_string())
        );
        for bad in ["", "2026-11-20", "2026-02-30T00:00:00Z", "yesterday", "2026-11-20 09:00"] {
            assert_eq!(Instant::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn print_then_parse_is_the_same(ms in Instant::MIN.0..=Instant::MAX.0) {
            let at = Instant(ms);
            prop_assert_eq!(Instant::parse(&at.to_string()), Some(at));
        }
    }
}
