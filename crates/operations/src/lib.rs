//! What follows from records by itself: the desk of cases, terms that pass, rules that fire.
//!
//! [`Operations`] follows the records of a tenant. Readers call it before they look, so that they see their own writes; the
//! server calls [`Operations::step`] when something was recorded or is due. Scenarios of packs call the same step on a manual
//! clock. Everything it holds can be made again from records; what it decides is decided by verbs on the sequencer.

mod follow;
mod house;
pub mod ingest;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use nacre_calendar::{Calendar, Hours};
use nacre_cases::acts::Office;
use nacre_cases::desk::Desk;
use nacre_cases::{Tick, Workflow};
use nacre_devices::Feed;
use nacre_kernel::{Act, Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{EntityId, Instant, Seq};
use nacre_pack::Pack;
use parking_lot::{Mutex, RwLock};

pub use house::CALENDAR_YEARS;

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
        self.pass_terms()
    }

    /// When something is due next.
    pub fn next_due(&self) -> Option<Instant> {
        self.0.desk.read().next_due()
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
