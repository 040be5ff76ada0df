//! Rules at work: what is recorded goes through the engine; what fires waits to be handed in.

use std::collections::HashMap;
use std::sync::Arc;

use nacre_cases::case::{attribute, iri, names};
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_kernel::{Act, Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{Change, Content, Entity, EntityId, Instant, Iri, Seq, Value};
use nacre_rules::window::AHEAD_MS_MAX;
use nacre_rules::{DryRun, Engine, Firing, Observed, Past, Rule, RuleStats, World};
use nacre_views::{Applied, HistoryRow};

use crate::alert::{Alert, AlertState};
use crate::fire::{Fire, rule_entity};
use crate::{Operations, system};

/// The durable cursor of the rules.
pub(crate) const CURSOR: &str = "rules";
/// Records of an entity looked at for one window.
const HISTORY_MAX: usize = 20_000;
/// Records of an entity looked at by a trial over the past.
const REPLAY_MAX: usize = 500_000;
/// Records read at once.
const PAGE: usize = 1_000;
/// Firings handed in at once.
const FIRINGS: usize = 500;

/// What conditions look at.
pub(crate) struct Sight<'a>(pub(crate) &'a Tenant);

impl World for Sight<'_> {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        self.0.entity(&system(), id, AsOf::Now).ok()?
    }

    fn history(&self, id: &EntityId, attribute: &str, from: Instant, to: Instant) -> Vec<(Instant, f64)> {
        let mut found: Vec<(Instant, f64)> = past(self.0, id, &[iri(attribute)], (from, to), HISTORY_MAX)
            .into_iter()
            .filter_map(|p| Some((p.observed_at, p.value.as_number()?)))
            .collect();
        found.sort_by_key(|(at, _)| *at);
        found
    }

    fn of_type(&self, short: &str) -> Vec<EntityId> {
        let query = Query { types: Some(TypeSelection::Is(iri(short))), ..Query::default() };
        let page = Page { offset: 0, limit: u64::MAX, count: false };
        let answer = self.0.scan(&system(), &query, page, AsOf::Now);
        answer.map(|a| a.entities.iter().map(|e| e.id.clone()).collect()).unwrap_or_default()
    }

    fn short(&self, iri: &Iri) -> String {
        short(iri).to_owned()
    }
}

/// The short form of an expanded name.
pub(crate) fn short(iri: &Iri) -> &str {
    let text = iri.as_str();
    text.strip_prefix(names::OWN).unwrap_or_else(|| text.rsplit(['/', '#']).next().unwrap_or(text))
}

/// Values of attributes of an entity, by when they were observed: in pages, newest records first, until records are so old
/// that nothing in them was observed after `from`.
fn past(
    tenant: &Tenant,
    id: &EntityId,
    wanted: &[Iri],
    (from, to): (Instant, Instant),
    rows_max: usize,
) -> Vec<Past> {
    let mut found = Vec::new();
    let (mut newest, mut read) = (Seq(u64::MAX), 0);
    while read < rows_max {
        let rows = tenant.history(&system(), id, (Seq(1), newest), true, PAGE).unwrap_or_default();
        let (count, last) = (rows.len(), rows.last().map(|r| (r.seq, r.at)));
        rows.into_iter().for_each(|row| found.extend(observed(row, id, wanted, (from, to))));
        read += count;
        match last {
            Some((seq, at)) if count == PAGE && at.plus_ms(AHEAD_MS_MAX) > from && seq > Seq(1) => {
                newest = Seq(seq.0 - 1)
            }
            _ => break,
        }
    }
    found
}

/// The values of a record that were observed between two instants.
fn observed(row: HistoryRow, id: &EntityId, wanted: &[Iri], (from, to): (Instant, Instant)) -> Vec<Past> {
    let mut found = Vec::new();
    for change in row.changes {
        let (Change::SetAttribute { name, attribute, .. } | Change::AddHistory { name, attribute, .. }) =
            change
        else {
            continue;
        };
        let observed_at = attribute.observed_at.unwrap_or(row.at);
        if !wanted.contains(&name) || observed_at <= from || observed_at > to {
            continue;
        }
        let value = match attribute.content {
            Content::Property(value) => value,
            Content::Geo(nacre_model::Geometry::Point(p)) => Value::Map(vec![
                ("type".into(), Value::text("Point")),
                (
                    "coordinates".into(),
                    Value::List(vec![Value::Float(p.longitude), Value::Float(p.latitude)]),
                ),
            ]),
            _ => continue,
        };
        found.push(Past { id: id.clone(), name, value, observed_at });
    }
    found
}

impl Operations {
    /// Rules of the packs, as they are compiled.
    pub fn rules(&self) -> &[Arc<Rule>] {
        &self.0.rules
    }

    /// What a rule did since the start.
    pub fn rule_stats(&self, rule: &str) -> RuleStats {
        self.0.engine.lock().stats(rule)
    }

    /// Whether a rule is at work.
    pub fn rule_enabled(&self, rule: &str) -> bool {
        !self.0.disabled.read().contains(rule)
    }

    /// Alerts that stand are known to the engine, so that their end is seen; switched-off rules stay off.
    pub(crate) fn warm(&self) -> Result<(), Refusal> {
        let mut engine = self.0.engine.lock();
        for alert in self.0.alerts.read().values().filter(|a| a.state != AlertState::Cleared) {
            if let (Some(rule), Some(about)) = (&alert.rule, &alert.about)
                && let Ok(about) = EntityId::new(about.as_str())
            {
                engine.restore(rule, &about, alert.first_at);
            }
        }
        for rule in &self.0.rules {
            self.switch(&mut engine, rule.id());
        }
        Ok(())
    }

    fn switch(&self, engine: &mut Engine, rule: &str) {
        let Some(id) = rule_entity(rule) else { return };
        let entity = self.0.tenant.entity(&system(), &id, AsOf::Now).ok().flatten();
        let off =
            entity.is_some_and(|e| attribute(&e, "enabled") == Some(&Content::Property(Value::Bool(false))));
        engine.set_enabled(rule, !off);
        let mut disabled = self.0.disabled.write();
        if off {
            disabled.insert(rule.to_owned())
        } else {
            disabled.remove(rule)
        };
    }

    /// What a record changed goes through the engine.
    pub(crate) fn watch(&self, commit: &Applied) {
        let record = &commit.record;
        if matches!(
            &*record.command,
            "rule.fire" | "case.act" | "case.open" | "case.tick" | "alert.act" | "alert.tick"
        ) && !record.changes.iter().any(|c| c.entity().is_some_and(|e| !ours(e)))
        {
            return;
        }
        let mut engine = self.0.engine.lock();
        let sight = Sight(&self.0.tenant);
        let mut ids: Vec<&EntityId> = Vec::new();
        for id in record.changes.iter().filter_map(Change::entity) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        for id in ids {
            if id.as_str().starts_with("urn:ngsi-ld:Rule:") {
                if let Some(rule) = id.as_str().strip_prefix("urn:ngsi-ld:Rule:") {
                    self.switch(&mut engine, rule);
                }
                continue;
            }
            if ours(id) {
                continue;
            }
            let changed: Vec<Iri> = record
                .changes
                .iter()
                .filter(|c| c.entity() == Some(id))
                .filter_map(|c| c.attribute_name().cloned())
                .collect();
            let touched = commit.touched.iter().find(|t| t.id == *id);
            let own = record.changes.iter().filter(|c| c.entity() == Some(id));
            let stands = touched.and_then(|t| t.after.as_deref());
            let since = record.at.plus_ms(-self.0.reach_ms);
            if stands.is_some_and(|entity| own.into_iter().all(|c| bygone(c, entity, since))) {
                continue;
            }
            // From the journal no states come along: the condition is held against what stands now.
            let now = if touched.is_none() { sight.entity(id) } else { None };
            let (before, after) = match touched {
                Some(t) => (t.before.as_deref(), t.after.as_deref()),
                None => (None, now.as_deref()),
            };
            let observed = Observed { id, before, after, changed: &changed, seq: record.seq, at: record.at };
            let fired = engine.observe(&observed, &sight);
            if !fired.is_empty() {
                self.0.pending.lock().extend(fired);
            }
        }
    }

    /// What waits by the clock: absence, hold, schedules.
    pub(crate) fn tick_rules(&self, now: Instant) {
        let mut engine = self.0.engine.lock();
        if engine.next_tick().is_some_and(|at| at <= now) {
            let fired = engine.tick(now, &Sight(&self.0.tenant));
            self.0.pending.lock().extend(fired);
        }
    }

    /// Hands in what fired; true when there was something.
    pub(crate) fn hand_in(&self) -> Result<bool, Refusal> {
        let firings: Vec<Firing> = {
            let mut pending = self.0.pending.lock();
            let count = pending.len().min(FIRINGS);
            pending.drain(..count).collect()
        };
        if firings.is_empty() {
            return Ok(false);
        }
        let submissions = firings.iter().filter_map(|firing| {
            let cause = firing.seq;
            let serial = self.0.serial.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let case = format!("urn:ngsi-ld:Case:c-r{:x}{serial:x}", self.0.tenant.now().0);
            let fire = Fire {
                rule: rule_entity(firing.rule.id())?,
                case: EntityId::new(&case).ok()?,
                standing: self.standing(firing),
                firing: firing.clone(),
                office: self.office(),
            };
            let submission = Submission::new(Principal::system("rules"), Command::Act(Act(Arc::new(fire))));
            Some(Submission { cause, ..submission })
        });
        for (answer, firing) in self.0.tenant.submit_blocking(submissions.collect()).into_iter().zip(&firings)
        {
            match answer {
                Ok(_) => {}
                Err(refusal @ (Refusal::Overloaded(_) | Refusal::ShuttingDown)) => {
                    self.0.pending.lock().push(firing.clone());
                    return Err(refusal);
                }
                Err(refusal) => {
                    tracing::warn!(rule = firing.rule.id(), about = %firing.about, code = refusal.code(), "a firing was refused: {refusal}");
                }
            }
        }
        Ok(true)
    }

    /// Alerts of a rule about an entity that are not cleared.
    fn standing(&self, firing: &Firing) -> Vec<EntityId> {
        if firing.kind == nacre_rules::Kind::Raise {
            return Vec::new();
        }
        let alerts = self.0.alerts.read();
        let same = |a: &&Arc<Alert>| {
            a.state != AlertState::Cleared
                && a.rule.as_deref() == Some(firing.rule.id())
                && a.about.as_ref().is_some_and(|x| x.as_str() == firing.about.as_str())
        };
        alerts.values().filter(same).map(|a| a.id.clone()).collect()
    }

    /// A rule over the past: what would have fired between two instants.
    pub fn dry_run(&self, rule: &str, from: Instant, to: Instant) -> Option<(DryRun, usize)> {
        let rule = self.0.rules.iter().find(|r| r.id() == rule)?;
        let sight = Sight(&self.0.tenant);
        let wanted: Vec<Iri> = rule.attributes().iter().map(|a| iri(a)).collect();
        let mut all: Vec<Past> = Vec::new();
        for id in sight.of_type(rule.on()) {
            all.extend(past(&self.0.tenant, &id, &wanted, (from, to), REPLAY_MAX));
            if all.len() > 2_000_000 {
                break;
            }
        }
        all.sort_by(|a, b| a.observed_at.cmp(&b.observed_at).then_with(|| a.id.cmp(&b.id)));
        let count = all.len();
        Some((nacre_rules::dry_run(rule, &sight, all.into_iter(), to), count))
    }

    /// Alerts, by id, complete to everything recorded before the call.
    pub fn alerts(&self) -> Result<HashMap<EntityId, Arc<Alert>>, Refusal> {
        self.follow()?;
        Ok(self.0.alerts.read().clone())
    }
}

/// Whether a change says nothing of the present: an instance of the past, older than what stands and than any window reaches.
fn bygone(change: &Change, entity: &Entity, since: Instant) -> bool {
    let Change::AddHistory { name, attribute, .. } = change else { return false };
    let stands = entity.instance(name.as_str(), attribute.dataset_id.as_ref());
    let newer = stands.is_some_and(|i| i.attribute.observed_at > attribute.observed_at);
    newer && attribute.observed_at.is_some_and(|at| at < since)
}

/// Entities that rules do not watch: what rules and cases write themselves.
fn ours(id: &EntityId) -> bool {
    let kind = id.as_str().strip_prefix("urn:ngsi-ld:").and_then(|t| t.split(':').next());
    matches!(kind, Some("Case" | "Alert" | "Notice" | "Rule" | "QuarantinedMessage"))
}
