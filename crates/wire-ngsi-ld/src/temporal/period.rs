//! Durations of ISO 8601 (CIM 009 §4.5.19.1) and the periods they make from an anchor.

use nacre_model::Instant;
use time::{Date, Month, OffsetDateTime};

/// A duration: months are counted in the calendar, the rest in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Period {
    months: i64,
    ms: i64,
}

const SECOND_MS: i64 = 1_000;
const DAY_MS: i64 = 86_400 * SECOND_MS;
/// No part of a duration may be larger.
const PART_MAX: i64 = 1_000_000_000;

impl Period {
    /// Reads `P3Y6M4DT12H30M5S` or `P2W`; parts of nought may be left out, the order not changed.
    pub fn parse(text: &str) -> Option<Period> {
        let body = text.strip_prefix('P')?;
        let (date, time) = match body.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (body, ""),
        };
        if body.is_empty() {
            return None;
        }
        let mut period = Period::default();
        if let Some(weeks) = date.strip_suffix('W').filter(|_| time.is_empty()) {
            period.ms = whole(weeks)? * 7 * DAY_MS;
            return Some(period);
        }
        for (unit, n) in parts(date, "YMD")? {
            match unit {
                'Y' => period.months += n * 12,
                'M' => period.months += n,
                _ => period.ms += n * DAY_MS,
            }
        }
        for (unit, n) in parts(time, "HMS")? {
            period.ms += n * match unit {
                'H' => 3_600 * SECOND_MS,
                'M' => 60 * SECOND_MS,
                _ => SECOND_MS,
            };
        }
        Some(period)
    }

    /// Whether it stands for the whole range.
    pub fn is_zero(self) -> bool {
        self.months == 0 && self.ms == 0
    }

    /// The instant `n` periods after an anchor.
    pub fn after(self, anchor: Instant, n: i64) -> Instant {
        let at = add_months(anchor, self.months.saturating_mul(n));
        at.plus_ms(self.ms.saturating_mul(n))
    }

    /// Which period an instant at or after the anchor lies in.
    pub fn number_of(self, anchor: Instant, at: Instant) -> i64 {
        // A month has 28 days at least: the guess is never too small, and few steps lead back from it.
        let shortest = (self.months * 28 * DAY_MS + self.ms).max(1);
        let mut n = (at.0 - anchor.0).max(0) / shortest;
        if self.months > 0 {
            let longest = self.months * 31 * DAY_MS + self.ms;
            let mut low = (at.0 - anchor.0).max(0) / longest;
            while low < n {
                let middle = low + (n - low + 1) / 2;
                if self.after(anchor, middle) <= at { low = middle } else { n = middle - 1 }
            }
        }
        n
    }
}

fn whole(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|n| plain && *n <= PART_MAX)
}

/// Numbers with their units; each unit once, in the order of `units`.
fn parts(text: &str, units: &str) -> Option<Vec<(char, i64)>> {
    let (mut rest, mut left, mut found) = (text, units, Vec::new());
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[end..].chars().next()?;
        let place = left.find(unit)?;
        left = &left[place + 1..];
        found.push((unit, whole(&rest[..end])?));
        rest = &rest[end + unit.len_utf8()..];
    }
    Some(found)
}

/// The same day and time some months later; a day the month does not have becomes its last.
fn add_months(at: Instant, months: i64) -> Instant {
    if months == 0 {
        return at;
    }
    let Ok(date_time) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000) else {
        return at;
    };
    let count = i64::from(date_time.year()) * 12 + i64::from(u8::from(date_time.month())) - 1 + months;
    let year = i32::try_from(count.div_euclid(12)).unwrap_or(i32::MAX);
    let month = u8::try_from(count.rem_euclid(12) + 1).ok().and_then(|m| Month::try_from(m).ok());
    let Some(month) = month.filter(|_| (0..=9999).contains(&year)) else { return Instant::MAX };
    let day = date_time.day().min(month.length(year));
    let Ok(date) = Date::from_calendar_date(year, month, day) else { return Instant::MAX };
    let days = i64::from(date.to_julian_day()) - i64::from(date_time.date().to_julian_day());
    at.plus_ms(days * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("a date-time")
    }

    #[test]
    fn durations_of_the_standard_are_read() {
        let full = Period { months: 42, ms: 4 * DAY_MS + (12 * 3600 + 30 * 60 + 5) * 1000 };
        assert_eq!(Period::parse("P3Y6M4DT12H30M5S"), Some(full));
        assert_eq!(Period::parse("P2W"), Some(Period { months: 0, ms: 14 * DAY_MS }));
        assert_eq!(Period::parse("PT1H").map(|p| p.ms), Some(3_600_000));
        assert!(
            Period::parse("PT0S").is_some_and(Period::is_zero)
                && Period::parse("P0D").is_some_and(Period::is_zero)
        );
        for bad in [
            "", "P", "PT", "1H", "PT1", "P1H", "PT1D", "PT1S1H", "P1.5D", "P-1D", "P1WT1H", "P1D2W",
            "PT1H1H", "P1區",
        ] {
            assert_eq!(Period::parse(bad), None, "{bad}");
        }
        assert_eq!(Period::parse("P9999999999D"), None);
    }

    #[test]
    fn months_end_on_the_last_day_there_is() {
        let month = Period::parse("P1M").expect("valid");
        let anchor = at("2024-01-31T10:00:00Z");
        assert_eq!(month.after(anchor, 1), at("2024-02-29T10:00:00Z"));
        assert_eq!(month.after(anchor, 2), at("2024-03-31T10:00:00Z"));
        assert_eq!(month.number_of(anchor, at("2024-03-31T09:59:59Z")), 1);
        assert_eq!(month.number_of(anchor, at("2024-03-31T10:00:00Z")), 2);
    }

    proptest! {
        #[test]
        fn an_instant_lies_in_the_period_of_its_number(
            months in 0_i64..30,
            ms in 1_i64..10_000_000_000,
            anchor in 0_i64..2_000_000_000_000,
            later in 0_i64..2_000_000_000_000,
        ) {
            let (period, anchor) = (Period { months, ms }, Instant(anchor));
            let at = anchor.plus_ms(later);
            let n = period.number_of(anchor, at);
            prop_assert!(period.after(anchor, n) <= at && at < period.after(anchor, n + 1));
        }
    }
}
