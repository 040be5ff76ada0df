//! Figures of cases: filed, closed, in time.
//!
//! 办结率 is closed cases by filed ones. 按期率 is those of the closed that never passed a term, by closed ones. Void cases
//! (refused, merged, withdrawn) are in neither. Cases of a workflow without a state that `files` count as filed when opened.

use std::collections::BTreeMap;

use nacre_calendar::Date;
use nacre_model::Instant;

use super::{Desk, Filter, Light, Line};
use crate::workflow::StateKind;

/// How cases are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum GroupBy {
    Street,
    Code,
    Organisation,
    Hour,
    Day,
    Source,
    State,
}

impl GroupBy {
    /// The grouping of a name.
    pub fn parse(name: &str) -> Option<GroupBy> {
        Some(match name {
            "street" => GroupBy::Street,
            "code" => GroupBy::Code,
            "organisation" => GroupBy::Organisation,
            "hour" => GroupBy::Hour,
            "day" => GroupBy::Day,
            "source" => GroupBy::Source,
            "state" => GroupBy::State,
            _ => return None,
        })
    }
}

/// Counts of a group.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Group {
    /// Filed 立案.
    pub filed: u64,
    /// Filed and closed 结案.
    pub closed: u64,
    /// Refused, merged, withdrawn.
    pub void: u64,
    /// Filed and open, and those that wait to be filed.
    pub open: u64,
    /// Open and past their term.
    pub overdue: u64,
    /// Closed without ever passing a term.
    pub on_time: u64,
    /// Hours from filing to closing, summed over closed cases.
    pub hours: f64,
}

/// Counts of all, and of each group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// All.
    pub all: Group,
    /// By key.
    pub groups: BTreeMap<String, Group>,
}

impl Group {
    fn add(&mut self, line: &Line, files: bool, now: Instant) {
        let case = &line.case;
        if line.kind == StateKind::Void {
            self.void += 1;
            return;
        }
        let filed = if files { case.filed } else { Some(case.created) };
        self.filed += u64::from(filed.is_some());
        match (line.kind, case.closed, filed) {
            (StateKind::Done, Some(closed), Some(filed)) => {
                self.closed += 1;
                self.on_time += u64::from(case.duty.overdue == 0);
                self.hours += (closed.0 - filed.0).max(0) as f64 / 3_600_000.0;
            }
            (StateKind::Done, ..) => {}
            _ => {
                self.open += 1;
                self.overdue += u64::from(line.light(now) == Light::Red);
            }
        }
    }

    /// 办结率; nothing where nothing was filed.
    pub fn closure_rate(&self) -> Option<f64> {
        (self.filed > 0).then(|| self.closed as f64 / self.filed as f64)
    }

    /// 按期率; nothing where nothing was closed.
    pub fn on_time_rate(&self) -> Option<f64> {
        (self.closed > 0).then(|| self.on_time as f64 / self.closed as f64)
    }

    /// Hours from filing to closing, on average.
    pub fn average_hours(&self) -> Option<f64> {
        (self.closed > 0).then(|| self.hours / self.closed as f64)
    }
}

impl Desk {
    /// Counts the cases that fit.
    pub fn figures(
        &self,
        filter: &Filter,
        by: Option<GroupBy>,
        offset_minutes: i32,
        now: Instant,
    ) -> Figures {
        let mut figures = Figures::default();
        let files: BTreeMap<&str, bool> = self
            .workflows
            .iter()
            .map(|(id, w)| (id.as_str(), w.def.states.values().any(|s| s.files)))
            .collect();
        for line in self.all().filter(|l| filter.fits(l, now)) {
            let case = &line.case;
            let files = files.get(case.workflow.as_str()).copied().unwrap_or(false);
            figures.all.add(line, files, now);
            let Some(by) = by else { continue };
            let key = match by {
                GroupBy::Street => case.street.clone().unwrap_or_default(),
                GroupBy::Code => case.code.clone().unwrap_or_default(),
                GroupBy::Organisation => organisation(line).unwrap_or_default(),
                GroupBy::Hour => {
                    format!("{:02}", Date::minutes_ms(case.created, offset_minutes) / 3_600_000)
                }
                GroupBy::Day => Date::of(case.created, offset_minutes).to_string(),
                GroupBy::Source => case.source.clone(),
                GroupBy::State => case.state.clone(),
            };
            figures.groups.entry(key).or_default().add(line, files, now);
        }
        figures
    }
}

/// Who holds it, or held it last: the organisation that did the work.
pub(super) fn organisation(line: &Line) -> Option<String> {
    let duty = &line.case.duty;
    let held = duty.held.values().filter_map(|h| h.organisation.clone()).next_back();
    duty.holder.organisation.clone().or(held)
}
