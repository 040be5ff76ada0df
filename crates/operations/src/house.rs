//! The calendar of the house: tables of years that users entered come on top of those of the packs.

use std::sync::Arc;

use nacre_calendar::Year;
use nacre_cases::value;
use nacre_kernel::command::PutMode;
use nacre_kernel::{Command, Principal, Refusal, Submission};
use nacre_model::{DocumentKey, EntityId};

use super::{Inner, Operations, system};

/// Collection of the tables of years that were entered.
pub const CALENDAR_YEARS: &str = "calendar-year";

impl Inner {
    /// The calendar from packs and entered years.
    pub(crate) fn reckon_calendar(&self) -> Result<(), Refusal> {
        let mut calendar = self.printed.clone();
        for (_, document) in self.tenant.documents(&system(), CALENDAR_YEARS)? {
            if let Some(year) = value::read::<Year>(&document) {
                calendar.enter(year);
            }
        }
        *self.calendar.write() = Arc::new(calendar);
        Ok(())
    }
}

impl Operations {
    /// Whether the table of a year was entered by a user.
    pub fn entered(&self, year: i32) -> bool {
        let key = DocumentKey::new(CALENDAR_YEARS, &year.to_string());
        matches!(self.0.tenant.document(&system(), &key), Ok(Some(_)))
    }

    /// Enters the table of a year, and reckons provisional terms again: how many changed.
    pub fn enter_year(&self, who: Principal, year: &Year) -> Result<usize, Refusal> {
        let key = DocumentKey::new(CALENDAR_YEARS, &year.year.to_string());
        let put = Command::PutDocument { key, value: value::of(year), mode: PutMode::Either };
        let answer = self.0.tenant.submit_blocking(vec![Submission::new(who, put)]).pop();
        answer.unwrap_or(Err(Refusal::ShuttingDown))?;
        self.follow()?;
        let provisional = |duty: &nacre_cases::Duty| duty.due.as_ref().is_some_and(|d| d.provisional);
        let ids: Vec<EntityId> = {
            let desk = self.0.desk.read();
            desk.open().filter(|l| provisional(&l.case.duty)).map(|l| l.case.id.clone()).collect()
        };
        let mut changed = 0;
        for ids in ids.chunks(500) {
            let before = self.0.tenant.status().durable;
            let ticks = ids.iter().map(|id| self.tick(id, true)).collect();
            self.0.tenant.submit_blocking(ticks).into_iter().collect::<Result<Vec<_>, _>>()?;
            changed += (self.0.tenant.status().durable.0 - before.0) as usize;
        }
        self.follow()?;
        Ok(changed)
    }
}
