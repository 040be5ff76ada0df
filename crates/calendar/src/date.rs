//! A day of the Gregorian calendar, without zone.

use std::fmt;

use nacre_model::Instant;
use serde::{Deserialize, Serialize};

/// Days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

const DAY_MS: i64 = 86_400_000;

impl Date {
    /// The day of an instant at an offset from UTC in minutes.
    pub fn of(at: Instant, offset_minutes: i32) -> Date {
        let local = at.0 + i64::from(offset_minutes) * 60_000;
        Date(i32::try_from(local.div_euclid(DAY_MS)).unwrap_or(0))
    }

    /// Minutes since midnight of an instant at an offset.
    pub fn minutes_ms(at: Instant, offset_minutes: i32) -> i64 {
        (at.0 + i64::from(offset_minutes) * 60_000).rem_euclid(DAY_MS)
    }

    /// The first instant of the day at an offset.
    pub fn start(self, offset_minutes: i32) -> Instant {
        Instant(i64::from(self.0) * DAY_MS - i64::from(offset_minutes) * 60_000)
    }

    /// Reads `2026-11-23`.
    pub fn parse(text: &str) -> Option<Date> {
        let plain = text.len() == 10 && text.is_ascii();
        let at = plain.then(|| Instant::parse(&format!("{text}T00:00:00Z"))).flatten()?;
        Some(Date::of(at, 0))
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Date {
        Date(self.0.saturating_add(1))
    }

    /// Monday is 0, Sunday 6.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// Its year.
    pub fn year(self) -> i32 {
        self.to_string().get(..4).and_then(|y| y.parse().ok()).unwrap_or(1970)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.start(0).to_string();
        f.write_str(text.get(..10).unwrap_or_default())
    }
}

impl Serialize for Date {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || serde::de::Error::custom(format!("`{text}` is no day; needed: 2026-11-23"));
        Date::parse(&text).ok_or_else(wrong)
    }
}
