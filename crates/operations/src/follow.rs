//! Following the records: what they say of cases goes to the desk.

use std::sync::Arc;

use nacre_cases::Case;
use nacre_cases::case::{iri, names};
use nacre_kernel::Refusal;
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_model::{Change, Entity, EntityId, Seq};
use nacre_views::Applied;

use super::watch::CURSOR;
use super::{Alert, Operations, system};

/// Records taken at once.
const COMMITS: usize = 1_024;
/// Cases read at once when the desk is filled.
const FILL: u64 = 20_000;

impl Operations {
    /// Up to the newest record; fills the desk first, where that was not done yet.
    pub(crate) fn follow(&self) -> Result<(), Refusal> {
        let mut at = self.0.at.lock();
        let mut from = match *at {
            Some(seq) => seq,
            None => {
                let seq = self.fill()?;
                self.0.reckon_calendar()?;
                self.fill_alerts()?;
                self.warm()?;
                // Rules go on where they stopped: what was recorded meanwhile is weighed once more, and fires once.
                let seq = self.0.tenant.cursor(CURSOR)?.map_or(seq, |cursor| cursor.min(seq));
                *at = Some(seq);
                seq
            }
        };
        loop {
            let commits = self.0.tenant.commits_after(&system(), from, COMMITS)?;
            let Some(last) = commits.last() else { return Ok(()) };
            from = last.record.seq;
            for commit in &commits {
                self.taken(commit)?;
            }
            *at = Some(from);
        }
    }

    /// Every case there is. Records made meanwhile are followed afterwards: a case taken twice is the same case.
    fn fill(&self) -> Result<Seq, Refusal> {
        let seq = self.0.tenant.status().applied;
        let query = Query { types: Some(TypeSelection::Is(iri(names::CASE))), ..Query::default() };
        let mut found = Vec::new();
        for offset in (0..).step_by(FILL as usize) {
            let page = Page { offset, limit: FILL, count: false };
            let answer = self.0.tenant.scan(&system(), &query, page, AsOf::Now)?;
            found.extend(answer.entities.iter().map(|e| (e.created_at, e.id.clone())));
            if !answer.more {
                break;
            }
        }
        // The desk keeps cases in the order in which they came.
        found.sort();
        for (_, id) in found {
            let entity = self.0.tenant.entity(&system(), &id, AsOf::Now)?;
            self.0.desk.write().put(&id, entity.as_deref());
        }
        Ok(seq)
    }

    fn fill_alerts(&self) -> Result<(), Refusal> {
        let query = Query { types: Some(TypeSelection::Is(iri(crate::alert::ALERT))), ..Query::default() };
        let page = Page { offset: 0, limit: u64::MAX, count: false };
        for entity in self.0.tenant.scan(&system(), &query, page, AsOf::Now)?.entities {
            self.put_alert(&entity.id, Some(&entity));
        }
        Ok(())
    }

    fn put_alert(&self, id: &EntityId, entity: Option<&Entity>) {
        let alert = entity.and_then(Alert::read);
        let mut timers = self.0.alert_timers.lock();
        let mut alerts = self.0.alerts.write();
        if let Some(at) = alerts.get(id).and_then(|a| a.timer(&self.0.escalation)) {
            timers.remove(&(at, id.clone()));
        }
        match alert {
            None => drop(alerts.remove(id)),
            Some(alert) => {
                if let Some(at) = alert.timer(&self.0.escalation) {
                    timers.insert((at, id.clone()));
                }
                alerts.insert(id.clone(), Arc::new(alert));
            }
        }
    }

    fn taken(&self, commit: &Applied) -> Result<(), Refusal> {
        let record = &commit.record;
        self.watch(commit);
        let mut years = false;
        for change in &record.changes {
            if let Change::PutDocument { key, .. } | Change::DeleteDocument { key } = change {
                years |= &*key.collection == super::CALENDAR_YEARS;
            }
        }
        if years {
            self.0.reckon_calendar()?;
        }
        if commit.touched.is_empty() {
            // From the journal: no states come along.
            let mut ids: Vec<_> = record.changes.iter().filter_map(Change::entity).collect();
            ids.dedup();
            for id in ids {
                let known = self.0.desk.read().knows(id);
                let entity = self.0.tenant.entity(&system(), id, AsOf::Now)?;
                if known || entity.as_ref().is_some_and(|e| Case::is(e)) {
                    self.0.desk.write().put(id, entity.as_deref());
                } else if entity.as_ref().is_some_and(|e| Alert::is(e)) {
                    self.put_alert(id, entity.as_deref());
                }
            }
            return Ok(());
        }
        for touched in &commit.touched {
            let case = touched.after.as_ref().or(touched.before.as_ref()).is_some_and(|e| Case::is(e));
            if case {
                self.0.stuck.lock().remove(&touched.id);
                self.0.desk.write().put(&touched.id, touched.after.as_deref());
            } else if touched.after.as_ref().or(touched.before.as_ref()).is_some_and(|e| Alert::is(e)) {
                self.put_alert(&touched.id, touched.after.as_deref());
            }
        }
        Ok(())
    }
}
