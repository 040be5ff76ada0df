//! The desk: every case in memory, in few bytes, for lists, maps, tasks and figures.
//!
//! It follows the records: [`Desk::put`] takes a case as it stands after a record. Everything it answers can be made again
//! from the entities; nothing is decided by it.

mod figures;
mod filter;
mod map;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use nacre_model::{Entity, EntityId, Instant};

use crate::case::Case;
use crate::workflow::{StateKind, Workflow};

pub use figures::{Figures, Group, GroupBy};
pub use filter::{Filter, Light, Sort};
pub use map::{Cluster, Clusters};

/// A case as a line of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The case; files, fields and finished parts of its duty are kept short.
    pub case: Case,
    /// How its state counts.
    pub kind: StateKind,
    /// When something happens by itself next.
    pub timer: Option<Instant>,
    /// Lower-case text that a search looks into.
    search: Box<str>,
}

/// See the module.
#[derive(Default)]
pub struct Desk {
    workflows: HashMap<String, Arc<Workflow>>,
    lines: Vec<Option<Arc<Line>>>,
    by_id: HashMap<EntityId, usize>,
    by_number: HashMap<String, usize>,
    /// Open cases: most questions are about them.
    open: BTreeSet<usize>,
    timers: BTreeSet<(Instant, usize)>,
    children: BTreeMap<EntityId, BTreeSet<usize>>,
    merged: BTreeMap<EntityId, BTreeSet<usize>>,
}

impl Desk {
    /// An empty desk.
    pub fn new(workflows: HashMap<String, Arc<Workflow>>) -> Desk {
        Desk { workflows, ..Desk::default() }
    }

    /// A case as it stands after a record, or that it is gone.
    pub fn put(&mut self, id: &EntityId, entity: Option<&Entity>) {
        self.take_out(id);
        let Some(mut case) = entity.filter(|e| Case::is(e)).and_then(|e| Case::read(e).ok()) else { return };
        let workflow = self.workflows.get(&case.workflow);
        let kind = workflow.and_then(|w| w.state(&case.state)).map_or(StateKind::Void, |s| s.kind);
        let timer = case.duty.next_timer().filter(|_| kind == StateKind::Open);
        let search = [&case.number, &case.title, case.address.as_deref().unwrap_or_default()]
            .join("\n")
            .to_lowercase()
            .into_boxed_str();
        let index = match self.by_id.get(id) {
            Some(index) => *index,
            None => {
                self.lines.push(None);
                self.lines.len() - 1
            }
        };
        self.by_id.insert(id.clone(), index);
        self.by_number.insert(case.number.clone(), index);
        if kind == StateKind::Open {
            self.open.insert(index);
        }
        if let Some(at) = timer {
            self.timers.insert((at, index));
        }
        if let Some(parent) = &case.parent {
            self.children.entry(parent.clone()).or_default().insert(index);
        }
        if let Some(into) = &case.merged_into {
            self.merged.entry(into.clone()).or_default().insert(index);
        }
        slim(&mut case, kind);
        self.lines[index] = Some(Arc::new(Line { case, kind, timer, search }));
    }

    /// What depended on the case as it was; its place is kept for it.
    fn take_out(&mut self, id: &EntityId) {
        let Some(&index) = self.by_id.get(id) else { return };
        let Some(line) = self.lines.get_mut(index).and_then(Option::take) else { return };
        self.open.remove(&index);
        if let Some(at) = line.timer {
            self.timers.remove(&(at, index));
        }
    }

    /// A case by id or number.
    pub fn find(&self, text: &str) -> Option<&Arc<Line>> {
        let by_number = || self.by_number.get(text).copied();
        let by_id = || {
            let urn = if text.starts_with("urn:") { text.to_owned() } else { crate::case::urn("Case", text) };
            self.by_id.get(&EntityId::new(&urn).ok()?).copied()
        };
        self.lines.get(by_number().or_else(by_id)?)?.as_ref()
    }

    /// Whether it holds a case.
    pub fn knows(&self, id: &EntityId) -> bool {
        self.by_id.contains_key(id)
    }

    /// All cases, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Line>> {
        self.lines.iter().flatten()
    }

    /// Open cases, oldest first.
    pub fn open(&self) -> impl DoubleEndedIterator<Item = &Arc<Line>> {
        self.open.iter().filter_map(|i| self.lines.get(*i)?.as_ref())
    }

    /// Parts of a case.
    pub fn children(&self, id: &EntityId) -> Vec<&Arc<Line>> {
        self.listed(self.children.get(id))
    }

    /// Cases merged into a case.
    pub fn merged(&self, id: &EntityId) -> Vec<&Arc<Line>> {
        self.listed(self.merged.get(id))
    }

    fn listed(&self, indexes: Option<&BTreeSet<usize>>) -> Vec<&Arc<Line>> {
        let indexes = indexes.into_iter().flatten();
        indexes.filter_map(|i| self.lines.get(*i)?.as_ref()).collect()
    }

    /// Cases for which something is due by `now`.
    pub fn due(&self, now: Instant) -> Vec<EntityId> {
        let until = (now, usize::MAX);
        let due = self.timers.range(..=until);
        due.filter_map(|(_, i)| Some(self.lines.get(*i)?.as_ref()?.case.id.clone())).collect()
    }

    /// When something happens by itself next.
    pub fn next_due(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _)| *at)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.lines.iter().flatten().count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The workflow of a case.
    pub fn workflow(&self, id: &str) -> Option<&Arc<Workflow>> {
        self.workflows.get(id)
    }

    /// Workflows.
    pub fn workflows(&self) -> impl Iterator<Item = &Arc<Workflow>> {
        self.workflows.values()
    }

    /// Open cases that may be the same thing: near, recent, of the same code and workflow.
    pub fn duplicates(&self, of: &Case) -> Vec<&Arc<Line>> {
        let rule = self.workflows.get(&of.workflow).and_then(|w| w.def.duplicates);
        let (Some(rule), Some(here)) = (rule, of.location) else { return Vec::new() };
        let window = i64::from(rule.hours) * 3_600_000;
        let same = |line: &&Arc<Line>| {
            let case = &line.case;
            case.id != of.id
                && case.workflow == of.workflow
                && case.code == of.code
                && (case.created.0 - of.created.0).abs() <= window
                && case.location.is_some_and(|there| map::metres(here, there) <= f64::from(rule.metres))
        };
        self.open().filter(same).take(10).collect()
    }
}

/// What no list, map or figure needs is not kept in memory.
fn slim(case: &mut Case, kind: StateKind) {
    (case.description, case.step) = (None, None);
    case.fields.clear();
    case.duty.passed.clear();
    if kind == StateKind::Open {
        return;
    }
    let duty = &mut case.duty;
    (duty.approvals, duty.back, duty.undo, duty.delegation) = (None, None, None, None);
    duty.agreed.clear();
    duty.done.clear();
    duty.held.retain(|_, holder| holder.organisation.is_some());
}
