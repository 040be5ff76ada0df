//! What follows from records by itself: the desk of cases, terms that pass, rules that fire.
//!
//! [`Operations`] follows the records of a tenant. Readers call it before they look, so that they see their own writes; the
//! server calls [`Operations::step`] when something was recorded or is due. Scenarios of packs call the same step on a manual
//! clock. Everything it holds can be made again from records; what it decides is decided by verbs on the sequencer.

pub mod alert;
pub mod fire;
mod follow;
mod house;
pub mod ingest;
mod watch;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use nacre_calendar::{Calendar, Hours};
use nacre_cases::acts::Office;
use nacre_cases::desk::Desk;
use nacre_cases::duty::Holder;
use nacre_cases::{Tick, Workflow};
use nacre_devices::Feed;
use nacre_kernel::{Act, Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{EntityId, Instant, Seq};
use nacre_pack::Pack;
use nacre_rules::{Engine, Firing, Rule};
use parking_lot::{Mutex, RwLock};

pub use alert::{Alert, AlertState};
pub use house::CALENDAR_YEARS;

use alert::{Escalation, TickAlert};

/// Between two writes of the cursor of the rules.
const KEEP_MS: i64 = 500;
/// Most things done by one step.
const STEP_MAX: usize = 500;

/// See the module.
#[derive(Clone)]
pub struct Operations(Arc<Inner>);

struct Inner {
    tenant: Tenant,
    workflows: Arc<HashMap<String, Arc<Workflow>>>,
    /// The calendar of the packs; years that were entered come on top.
    printed: Calendar,
    calendar: RwLock<Arc<Calendar>>,
    desk: RwLock<Desk>,
    /// How far the records were followed.
    at: Mutex<Option<Seq>>,
    /// Cases whose tick was refused: left alone until they change.
    stuck: Mutex<HashSet<EntityId>>,
    feeds: Vec<Arc<Feed>>,
    tallies: ingest::Tallies,
    rules: Vec<Arc<Rule>>,
    /// The cursor of the rules as it was written last, and when.
    kept: Mutex<Option<(Seq, Instant)>>,
    /// How far back any rule looks.
    reach_ms: i64,
    engine: Mutex<Engine>,
    /// Rules that somebody has switched off.
    disabled: RwLock<HashSet<String>>,
    /// What fired and was not handed in yet.
    pending: Mutex<Vec<Firing>>,
    alerts: RwLock<HashMap<EntityId, Arc<Alert>>>,
    alert_timers: Mutex<BTreeSet<(Instant, EntityId)>>,
    escalation: Vec<Escalation>,
    serial: AtomicU64,
}

/// The platform, when it acts by itself.
pub fn system() -> Principal {
    Principal::system("cases")
}

impl Operations {
    /// For a tenant and its packs; nothing is read yet.
    pub fn new(tenant: Tenant, packs: &[Arc<Pack>]) -> Operations {
        let all = packs.iter().flat_map(|p| p.workflows.values());
        let workflows: HashMap<String, Arc<Workflow>> = all.map(|w| (w.id.clone(), w.clone())).collect();
        let printed = packs.iter().find_map(|p| p.calendar.clone());
        let rules: Vec<Arc<Rule>> =
            packs.iter().flat_map(|p| p.rules.values().map(|(r, _)| r.clone())).collect();
        let printed = printed.unwrap_or_else(|| Calendar::new(Hours::default(), []));
        Operations(Arc::new(Inner {
            tenant,
            desk: RwLock::new(Desk::new(workflows.clone())),
            workflows: Arc::new(workflows),
            calendar: RwLock::new(Arc::new(printed.clone())),
            printed,
            at: Mutex::default(),
            stuck: Mutex::default(),
            feeds: packs.iter().flat_map(|p| p.feeds.values().cloned()).collect(),
            tallies: ingest::Tallies::default(),
            kept: Mutex::default(),
            reach_ms: rules.iter().map(|r| r.reach_ms()).max().unwrap_or(0),
            engine: Mutex::new(Engine::new(rules.clone())),
            rules,
            disabled: RwLock::default(),
            pending: Mutex::default(),
            alerts: RwLock::default(),
            alert_timers: Mutex::default(),
            escalation: packs
                .iter()
                .flat_map(|p| p.escalation.iter().cloned())
                .map(|(minutes, role)| Escalation { minutes, role })
                .collect(),
            serial: AtomicU64::new(0),
        }))
    }

    /// The tenant it follows.
    pub fn tenant(&self) -> &Tenant {
        &self.0.tenant
    }

    /// Workflows and calendar as they are now.
    pub fn office(&self) -> Office {
        Office { workflows: self.0.workflows.clone(), calendar: self.calendar() }
    }

    /// Days and hours.
    pub fn calendar(&self) -> Arc<Calendar> {
        self.0.calendar.read().clone()
    }

    /// The desk, complete to everything recorded before the call.
    pub fn desk(&self) -> Result<parking_lot::RwLockReadGuard<'_, Desk>, Refusal> {
        self.follow()?;
        Ok(self.0.desk.read())
    }

    /// Follows the records and does what is due; true when there may be more to do at once.
    pub fn step(&self) -> Result<bool, Refusal> {
        self.follow()?;
        let now = self.0.tenant.now();
        self.tick_rules(now);
        let fired = self.hand_in()?;
        if self.0.pending.lock().is_empty()
            && let Some(at) = *self.0.at.lock()
        {
            // Everything up to here was weighed, and what fired is recorded. Written now and then: what is weighed once more
            // after a restart fires once all the same.
            let mut kept = self.0.kept.lock();
            if kept.is_none_or(|(seq, since)| seq != at && (now.0 - since.0).abs() >= KEEP_MS) {
                self.0.tenant.set_cursors(&[(watch::CURSOR.to_owned(), Some(at))])?;
                *kept = Some((at, now));
            }
        }
        let escalated = self.pass_alerts(now)?;
        let passed = self.pass_terms()?;
        Ok(fired || escalated || passed)
    }

    /// Alerts that nobody acknowledged, and shelves that end.
    fn pass_alerts(&self, now: Instant) -> Result<bool, Refusal> {
        let due: Vec<EntityId> = {
            let timers = self.0.alert_timers.lock();
            timers.iter().take_while(|(at, _)| *at <= now).map(|(_, id)| id.clone()).take(STEP_MAX).collect()
        };
        if due.is_empty() {
            return Ok(false);
        }
        let ticks = due.iter().map(|id| {
            let tick = TickAlert {
                id: id.clone(),
                escalation: self.0.escalation.clone(),
                on_call: self.on_call(now),
            };
            Submission::new(Principal::system("alerts"), Command::Act(Act(Arc::new(tick))))
        });
        for (id, answer) in due.iter().zip(self.0.tenant.submit_blocking(ticks.collect())) {
            match answer {
                Ok(_) => {}
                Err(refusal @ (Refusal::Overloaded(_) | Refusal::ShuttingDown)) => return Err(refusal),
                Err(refusal) => {
                    tracing::warn!(alert = %id, code = refusal.code(), "an alert could not be passed on: {refusal}");
                    self.0.alert_timers.lock().retain(|(_, other)| other != id);
                }
            }
        }
        self.follow()?;
        Ok(true)
    }

    /// Who is on call now, a role at a time.
    pub fn on_call(&self, now: Instant) -> Vec<(String, Holder)> {
        use nacre_devices::names::{instant, local, object, text};
        use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
        let kind = nacre_devices::names::iri("OnCallShift");
        let query = Query { types: Some(TypeSelection::Is(kind)), ..Query::default() };
        let page = Page { offset: 0, limit: 1_000, count: false };
        let Ok(answer) = self.0.tenant.scan(&system(), &query, page, AsOf::Now) else { return Vec::new() };
        let shift = |e: &Arc<nacre_model::Entity>| {
            let (from, to) = (instant(e, "shiftFrom")?, instant(e, "shiftTo")?);
            let role = text(e, "shiftRole").filter(|_| (from..to).contains(&now))?;
            let organisation = object(e, "organisation").map(|o| local(&o).to_owned());
            Some((role.clone(), Holder { roles: vec![role], organisation, person: text(e, "shiftPerson") }))
        };
        answer.entities.iter().filter_map(shift).collect()
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Instant> {
        let alerts = self.0.alert_timers.lock().first().map(|(at, _)| *at);
        let rules = self.0.engine.lock().next_tick();
        [self.0.desk.read().next_due(), alerts, rules].into_iter().flatten().min()
    }

    /// Terms that have passed.
    fn pass_terms(&self) -> Result<bool, Refusal> {
        let now = self.0.tenant.now();
        let due: Vec<EntityId> = {
            let stuck = self.0.stuck.lock();
            let desk = self.0.desk.read();
            desk.due(now).into_iter().filter(|id| !stuck.contains(id)).take(STEP_MAX).collect()
        };
        if due.is_empty() {
            return Ok(false);
        }
        let ticks = due.iter().map(|id| self.tick(id, false)).collect();
        let answers = self.0.tenant.submit_blocking(ticks);
        for (id, answer) in due.iter().zip(answers) {
            match answer {
                Ok(_) => {}
                Err(refusal @ (Refusal::Overloaded(_) | Refusal::ShuttingDown)) => return Err(refusal),
                Err(refusal) => {
                    tracing::warn!(case = %id, code = refusal.code(), "a term could not be passed: {refusal}");
                    self.0.stuck.lock().insert(id.clone());
                }
            }
        }
        self.follow()?;
        Ok(true)
    }

    fn tick(&self, id: &EntityId, reckon: bool) -> Submission {
        let tick = Tick { id: id.clone(), reckon, office: self.office() };
        Submission::new(system(), Command::Act(Act(Arc::new(tick))))
    }
}
