//! What is announced for a year: days off and days worked in their place.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::date::Date;

/// The table of one year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Year {
    /// Which year.
    pub year: i32,
    /// Days off, weekends inside a holiday included.
    pub holidays: BTreeSet<Date>,
    /// Saturdays and Sundays that are worked 调休上班.
    pub workdays: BTreeSet<Date>,
    /// Where it was announced.
    pub source: String,
}

/// What is wrong with a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum YearError {
    /// A day of another year.
    #[error("{0} is not a day of {1}")]
    OtherYear(Date, i32),
    /// A day both off and worked.
    #[error("{0} is both a day off and a day worked")]
    Both(Date),
    /// A make-up day must be a weekend.
    #[error("{0} is a weekday; only Saturdays and Sundays are worked in place of others")]
    NoWeekend(Date),
    /// No holidays at all.
    #[error("the table of {0} has no day off")]
    Empty(i32),
    /// Nobody says where it comes from.
    #[error("the table of {0} names no source")]
    NoSource(i32),
}

impl Year {
    /// Everything wrong with the table.
    pub fn check(&self) -> Vec<YearError> {
        let mut wrong = Vec::new();
        for day in self.holidays.iter().chain(&self.workdays).filter(|d| d.year() != self.year) {
            wrong.push(YearError::OtherYear(*day, self.year));
        }
        wrong.extend(self.holidays.intersection(&self.workdays).map(|d| YearError::Both(*d)));
        wrong.extend(self.workdays.iter().filter(|d| d.weekday() < 5).map(|d| YearError::NoWeekend(*d)));
        if self.holidays.is_empty() {
            wrong.push(YearError::Empty(self.year));
        }
        if self.source.trim().is_empty() {
            wrong.push(YearError::NoSource(self.year));
        }
        wrong
    }

    /// Days off given as ranges, `2026-02-15..2026-02-23` or single days.
    pub fn days(ranges: &[String]) -> Option<BTreeSet<Date>> {
        let mut days = BTreeSet::new();
        for range in ranges {
            let (from, to) = range.split_once("..").unwrap_or((range, range));
            let (mut day, last) = (Date::parse(from)?, Date::parse(to)?);
            if last.0 - day.0 > 366 {
                return None;
            }
            while day <= last {
                days.insert(day);
                day = day.next();
            }
        }
        Some(days)
    }
}
