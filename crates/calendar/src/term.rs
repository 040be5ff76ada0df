//! Terms: four kinds in use in city management, and when they end.

use std::collections::BTreeMap;

use nacre_model::Instant;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::year::Year;

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermKind {
    /// 紧急工作时: hours that run on, by night and on days off.
    UrgentHours,
    /// 工作时: hours inside office hours.
    WorkingHours,
    /// 工作日: working days; the day of receipt is not counted.
    WorkingDays,
    /// 自然日: calendar days; the day of receipt is not counted.
    NaturalDays,
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How it is counted.
    pub kind: TermKind,
    /// How many; at most [`AMOUNT_MAX`].
    pub amount: u32,
}

/// Longest term: hours or days.
pub const AMOUNT_MAX: u32 = 3_660;

/// When a term ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// The last instant that is in time.
    pub at: Instant,
    /// A year without a table was passed.
    pub provisional: bool,
}

/// Office hours of a day, as minutes since midnight, in order and apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours(pub Vec<(u16, u16)>);

impl Default for Hours {
    /// 9:00–12:00 and 14:00–18:00.
    fn default() -> Hours {
        Hours(vec![(540, 720), (840, 1080)])
    }
}

/// Days and hours that are worked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    offset_minutes: i32,
    hours: Hours,
    years: BTreeMap<i32, Year>,
    count_first_day: bool,
}

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

impl Calendar {
    /// A calendar of the zone UTC+8 in which the day of receipt is not counted.
    pub fn new(hours: Hours, years: impl IntoIterator<Item = Year>) -> Calendar {
        let years = years.into_iter().map(|y| (y.year, y)).collect();
        Calendar { offset_minutes: 480, hours, years, count_first_day: false }
    }

    /// Counts the day of receipt as the first.
    #[must_use]
    pub fn counting_the_first_day(mut self) -> Calendar {
        self.count_first_day = true;
        self
    }

    /// Adds or replaces the table of a year.
    pub fn enter(&mut self, year: Year) {
        self.years.insert(year.year, year);
    }

    /// The tables.
    pub fn years(&self) -> impl Iterator<Item = &Year> {
        self.years.values()
    }

    /// Minutes east of UTC.
    pub fn offset_minutes(&self) -> i32 {
        self.offset_minutes
    }

    /// Office hours.
    pub fn hours(&self) -> &Hours {
        &self.hours
    }

    /// Whether a day is worked, and whether the table of its year is known.
    pub fn works(&self, day: Date) -> (bool, bool) {
        let weekday = day.weekday() < 5;
        match self.years.get(&day.year()) {
            None => (weekday, false),
            Some(year) if year.workdays.contains(&day) => (true, true),
            Some(year) => (weekday && !year.holidays.contains(&day), true),
        }
    }

    /// When a term that begins at `from` ends.
    pub fn end(&self, from: Instant, term: Term) -> End {
        let amount = term.amount.min(AMOUNT_MAX);
        match term.kind {
            TermKind::UrgentHours => {
                End { at: from.plus_ms(i64::from(amount) * HOUR_MS), provisional: false }
            }
            TermKind::NaturalDays => self.days(from, amount, |_| (true, true)),
            TermKind::WorkingDays => self.days(from, amount, |day| self.works(day)),
            TermKind::WorkingHours => self.office_hours(from, i64::from(amount) * HOUR_MS),
        }
    }

    /// The end of the day that is the last of `amount` counted days.
    fn days(&self, from: Instant, amount: u32, counts: impl Fn(Date) -> (bool, bool)) -> End {
        let mut day = Date::of(from, self.offset_minutes);
        let (mut left, mut provisional) = (amount, false);
        if self.count_first_day && left > 0 {
            let (worked, known) = counts(day);
            provisional |= !known;
            left -= u32::from(worked);
        }
        while left > 0 {
            day = day.next();
            let (worked, known) = counts(day);
            provisional |= !known;
            left -= u32::from(worked);
        }
        End { at: day.next().start(self.offset_minutes).plus_ms(-1), provisional }
    }

    /// Where `left` milliseconds of office hours after `from` are over.
    fn office_hours(&self, from: Instant, mut left: i64) -> End {
        let mut day = Date::of(from, self.offset_minutes);
        let mut since = Date::minutes_ms(from, self.offset_minutes);
        let mut provisional = false;
        // A calendar without office hours would never end: such a term runs on.
        if self.hours.0.iter().all(|(open, close)| close <= open) {
            return End { at: from.plus_ms(left), provisional: true };
        }
        loop {
            let (worked, known) = self.works(day);
            provisional |= !known;
            for &(open, close) in self.hours.0.iter().filter(|_| worked) {
                let (open, close) = (i64::from(open) * MINUTE_MS, i64::from(close) * MINUTE_MS);
                let begin = open.max(since);
                let here = (close - begin).max(0);
                if here >= left {
                    return End { at: day.start(self.offset_minutes).plus_ms(begin + left), provisional };
                }
                left -= here;
            }
            day = day.next();
            since = 0;
        }
    }

    /// What is left of a term that ends at `end`, when it stops running at `now`: given back when it runs on. Days count
    /// whole, hours to the millisecond.
    pub fn resumed(&self, kind: TermKind, stopped: Instant, resumed: Instant, end: Instant) -> End {
        if end <= stopped {
            return End { at: end, provisional: false };
        }
        match kind {
            TermKind::UrgentHours => End { at: resumed.plus_ms(end.0 - stopped.0), provisional: false },
            TermKind::WorkingHours => {
                let left = self.worked_ms(stopped, end);
                self.office_hours(resumed, left)
            }
            TermKind::NaturalDays | TermKind::WorkingDays => {
                let counts = |day: Date| match kind {
                    TermKind::NaturalDays => (true, true),
                    _ => self.works(day),
                };
                let (mut day, last) =
                    (Date::of(stopped, self.offset_minutes), Date::of(end, self.offset_minutes));
                let mut left = 0;
                while day < last {
                    day = day.next();
                    left += u32::from(counts(day).0);
                }
                let plain = Calendar { count_first_day: false, ..self.clone() };
                plain.days(resumed, left, counts)
            }
        }
    }

    /// Office time between two instants.
    pub fn worked_ms(&self, from: Instant, to: Instant) -> i64 {
        let (mut day, mut total) = (Date::of(from, self.offset_minutes), 0);
        while day.start(self.offset_minutes) < to {
            if self.works(day).0 {
                let midnight = day.start(self.offset_minutes).0;
                for &(open, close) in &self.hours.0 {
                    let open = (midnight + i64::from(open) * MINUTE_MS).max(from.0);
                    let close = (midnight + i64::from(close) * MINUTE_MS).min(to.0);
                    total += (close - open).max(0);
                }
            }
            day = day.next();
        }
        total
    }
}
