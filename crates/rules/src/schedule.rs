//! Times that come round: every so often, counted from a time of day of the district.

use nacre_model::Instant;

use crate::duration;

/// Shortest distance between two times, milliseconds.
pub const EVERY_MS_MIN: i64 = 60_000;
/// 1970-01-05 was the first Monday; counting from it makes whole weeks begin on Mondays, and whole days at midnight.
const MONDAY_MS: i64 = 4 * 86_400_000;
const DAY_MS: i64 = 86_400_000;
const WEEK_MS: i64 = 7 * DAY_MS;

/// Times that come round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    /// Distance.
    every_ms: i64,
    /// One of the times.
    anchor: i64,
}

impl Schedule {
    /// Every `every_ms` from `at_ms` after midnight (on weekday `weekday`, Monday is 0) of a district that is
    /// `offset_minutes` ahead of UTC.
    pub fn new(every_ms: i64, at_ms: i64, weekday: i64, offset_minutes: i32) -> Schedule {
        let anchor = MONDAY_MS + weekday * DAY_MS + at_ms - i64::from(offset_minutes) * 60_000;
        Schedule { every_ms: every_ms.max(EVERY_MS_MIN), anchor }
    }

    /// The first time at or after `from`.
    pub fn at_or_after(&self, from: Instant) -> Instant {
        let past = (from.0.saturating_sub(self.anchor)).rem_euclid(self.every_ms);
        if past == 0 { from } else { from.plus_ms(self.every_ms - past) }
    }
}

/// Milliseconds after midnight of `hh:mm`.
pub fn time_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let two =
        |t: &str| (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<i64>().ok())?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 3_600_000 + minutes * 60_000)
}

/// The number of a weekday, Monday is 0.
pub fn weekday(text: &str) -> Option<i64> {
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .position(|d| *d == text)
        .and_then(|d| i64::try_from(d).ok())
}

/// Whether a distance gives the same times of day: it divides a day, or is made of whole days.
pub fn even(every_ms: i64) -> bool {
    every_ms >= EVERY_MS_MIN && (DAY_MS % every_ms == 0 || every_ms % DAY_MS == 0)
}

/// Whether a distance is made of whole weeks.
pub fn whole_weeks(every_ms: i64) -> bool {
    every_ms % WEEK_MS == 0
}

/// A distance as it is written.
pub fn every(text: &str) -> Option<i64> {
    duration::parse(text).filter(|ms| even(*ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).expect("a date-time")
    }

    #[test]
    fn a_daily_time_is_that_of_the_district() {
        let daily = Schedule::new(DAY_MS, time_of_day("08:00").expect("a time"), 0, 480);
        assert_eq!(daily.at_or_after(at("2026-11-23T01:00:00+08:00")), at("2026-11-23T08:00:00+08:00"));
        assert_eq!(daily.at_or_after(at("2026-11-23T08:00:00+08:00")), at("2026-11-23T08:00:00+08:00"));
        assert_eq!(daily.at_or_after(at("2026-11-23T08:00:00.001+08:00")), at("2026-11-24T08:00:00+08:00"));
    }

    #[test]
    fn a_weekly_time_has_its_weekday_and_quarters_their_minutes() {
        let weekly = Schedule::new(WEEK_MS, 0, weekday("wed").expect("a day"), 480);
        // 2026-11-23 is a Monday.
        assert_eq!(weekly.at_or_after(at("2026-11-23T10:00:00+08:00")), at("2026-11-25T00:00:00+08:00"));
        let quarter = Schedule::new(900_000, 0, 0, 480);
        assert_eq!(quarter.at_or_after(at("2026-11-23T10:01:00+08:00")), at("2026-11-23T10:15:00+08:00"));
    }

    #[test]
    fn odd_distances_are_refused() {
        assert_eq!(every("7m"), None);
        assert_eq!(every("30s"), None);
        assert_eq!(every("15m"), Some(900_000));
        assert_eq!(every("2d"), Some(2 * DAY_MS));
        assert_eq!((time_of_day("24:00"), time_of_day("8:00"), weekday("Mon")), (None, None, None));
    }
}
