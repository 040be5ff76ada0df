//! The engine: takes observations and the passing of time, gives firings.
//!
//! An observation touches only the rules that watch its type and one of the attributes that changed; rules that demand
//! one id are found by that id. What time alone brings about (holding, absence, values leaving a window, the clock) is
//! kept as deadlines in one ordered set; the caller asks [`Engine::next_tick`] and calls [`Engine::tick`].
//!
//! Layout: this file is the outside and the two ways in; `index` finds rules, `weigh` decides one rule about one
//! entity, `tell` makes the firing.
//!
//! Invariants: at most one timer for a rule and an entity, and it stands in the set and in the state alike; rules are
//! weighed in the order given, so that the same input gives the same output.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use nacre_model::{EntityId, Instant, Seq};

use crate::fence::Area;
use crate::firing::Firing;
use crate::rule::{AreaOf, Rule, Waking};
use crate::scene::{Names, Scene, Sym};
use crate::state::{Phase, State, Terms};
use crate::window::Window;
use crate::world::{Observed, World};

mod index;
mod tell;
#[cfg(test)]
mod tests;
mod weigh;

use index::Index;
use weigh::{Cause, Weighing};

/// What a rule did so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RuleStats {
    /// How often its condition was looked at.
    pub evaluations: u64,
    /// How often it fired.
    pub firings: u64,
    /// How often it was over.
    pub clears: u64,
    /// How often a condition or a text had no value.
    pub errors: u64,
    /// The last reason, Chinese and English.
    pub last_error: Option<String>,
    /// When it last fired.
    pub last_fired: Option<Instant>,
}

/// A rule with what the engine keeps of it.
struct Entry {
    rule: Arc<Rule>,
    enabled: bool,
    stats: RuleStats,
    terms: Terms,
    /// Numbers of the attributes of the fast forms of selection, condition and clear.
    selection: Vec<Sym>,
    condition: Vec<Sym>,
    clear: Vec<Sym>,
    /// The number of its window.
    window: Option<u32>,
    /// Next time of a rule of the clock.
    next: Option<Instant>,
}

/// What the engine keeps of an entity.
#[derive(Default)]
struct Track {
    /// The last record taken.
    seq: Seq,
    /// By rule, ascending.
    states: Vec<(u32, State)>,
    /// By attribute and reach.
    windows: Vec<(u32, Window)>,
}

type Timers = BTreeSet<(Instant, u32, EntityId)>;
type Areas = HashMap<(String, String), Vec<Area>>;

/// Rules at work.
pub struct Engine {
    entries: Vec<Entry>,
    by_id: HashMap<String, u32>,
    names: Names,
    index: Index,
    tracks: HashMap<EntityId, Track>,
    timers: Timers,
    areas: Areas,
    /// Whether all entities that absence rules watch are known, and the next times of the clock.
    warm: bool,
}

impl Engine {
    /// Rules at work, all enabled. Of two with the same id the first counts.
    pub fn new(rules: Vec<Arc<Rule>>) -> Engine {
        let mut names = Names::default();
        let mut index = Index::default();
        let mut entries: Vec<Entry> = Vec::new();
        let mut by_id = HashMap::new();
        let mut stretches: HashMap<(String, i64), u32> = HashMap::new();
        for rule in rules {
            if by_id.contains_key(rule.id()) {
                continue;
            }
            let Ok(number) = u32::try_from(entries.len()) else { break };
            by_id.insert(rule.id().to_string(), number);
            index.add(number, &rule, &mut names);
            let mut syms = |condition: Option<&crate::rule::Condition>| -> Vec<Sym> {
                let fast = condition.and_then(|c| c.fast.as_ref());
                fast.map(|f| f.attributes().iter().map(|a| names.intern(a)).collect()).unwrap_or_default()
            };
            let (selection, condition, clear) =
                (syms(rule.selection.as_ref()), syms(rule.condition.as_ref()), syms(rule.clear.as_ref()));
            let terms = Terms {
                hold_ms: rule.hold_ms,
                clear_hold_ms: rule.clear_hold_ms,
                cooldown_ms: rule.cooldown_ms,
            };
            // Rules that look at the same stretch of the same attribute share a window.
            let window = match &rule.waking {
                Waking::Window { attribute, over_ms, .. } => {
                    let key = (attribute.clone(), *over_ms);
                    let next = stretches.len() as u32;
                    Some(*stretches.entry(key).or_insert(next))
                }
                _ => None,
            };
            entries.push(Entry {
                rule,
                enabled: true,
                stats: RuleStats::default(),
                terms,
                selection,
                condition,
                clear,
                window,
                next: None,
            });
        }
        let (tracks, timers, areas) = (HashMap::new(), Timers::new(), Areas::new());
        Engine { entries, by_id, names, index, tracks, timers, areas, warm: false }
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.entries.iter().map(|e| &e.rule)
    }

    /// What a rule did so far; all zero for one that is not known.
    pub fn stats(&self, rule: &str) -> RuleStats {
        self.by_id
            .get(rule)
            .and_then(|n| self.entries.get(*n as usize))
            .map(|e| e.stats.clone())
            .unwrap_or_default()
    }

    /// Entities about which a rule fired and is not over, in order of their ids.
    pub fn active(&self, rule: &str) -> Vec<EntityId> {
        let Some(number) = self.by_id.get(rule) else { return Vec::new() };
        let stands = |t: &Track| t.states.iter().any(|(n, s)| n == number && s.active());
        let mut found: Vec<EntityId> =
            self.tracks.iter().filter(|(_, t)| stands(t)).map(|(id, _)| id.clone()).collect();
        found.sort_unstable();
        found
    }

    /// After a start: an alert of the rule about the entity stands already, since then.
    pub fn restore(&mut self, rule: &str, about: &EntityId, since: Instant) {
        let Some(number) = self.by_id.get(rule) else { return };
        let track = self.tracks.entry(about.clone()).or_default();
        let state = State {
            phase: Phase::Active { since, ending: None },
            last_fired: Some(since),
            ..State::default()
        };
        match track.states.binary_search_by_key(number, |(n, _)| *n) {
            Ok(at) => {
                if let Some(timer) = track.states[at].1.timer {
                    self.timers.remove(&(timer, *number, about.clone()));
                }
                track.states[at].1 = state;
            }
            Err(at) => track.states.insert(at, (*number, state)),
        }
    }

    /// Switches a rule on or off. One that is off neither fires nor ends; what stands, stands.
    pub fn set_enabled(&mut self, rule: &str, enabled: bool) {
        let Some(entry) = self.by_id.get(rule).and_then(|n| self.entries.get_mut(*n as usize)) else {
            return;
        };
        if enabled && !entry.enabled {
            self.warm = false;
            entry.next = None;
        }
        entry.enabled = enabled;
    }

    /// When [`Engine::tick`] has something to do; in the past when it never ran.
    pub fn next_tick(&self) -> Option<Instant> {
        let timed = |e: &&Entry| matches!(e.rule.waking, Waking::Absence { .. } | Waking::Schedule(_));
        if !self.warm && self.entries.iter().filter(|e| e.enabled).any(|e| timed(&e)) {
            return Some(Instant::MIN);
        }
        let clock = self.entries.iter().filter(|e| e.enabled).filter_map(|e| e.next).min();
        let timer = self.timers.first().map(|(at, ..)| *at);
        clock.into_iter().chain(timer).min()
    }

    /// Takes an observation.
    pub fn observe(&mut self, o: &Observed<'_>, world: &dyn World) -> Vec<Firing> {
        let mut out = Vec::new();
        let types = o.before.into_iter().chain(o.after).flat_map(|e| e.types.iter());
        self.names.learn(types.chain(o.changed), world);
        self.forget_areas(o);
        let Some(after) = o.after else {
            self.gone(o.id, Some(o.seq), o.at, &mut out);
            return out;
        };
        let fresh = o.before.is_none_or(|before| before.types != after.types);
        if fresh {
            self.names.learn(after.attributes.keys(), world);
        }
        let picked = self.index.pick(o.id, after, o.changed, fresh, &self.names);
        let leaves = fresh && o.before.is_some() && self.tracks.contains_key(o.id);
        if picked.is_empty() && !leaves {
            return out;
        }
        self.load_areas(&picked, world);
        let kinds = |names: &Names| -> Vec<String> {
            after.types.iter().filter_map(|t| names.get(t)).map(|(s, _)| s.to_string()).collect()
        };
        let kinds = if leaves { kinds(&self.names) } else { Vec::new() };
        let changed: Vec<Arc<str>> =
            o.changed.iter().filter_map(|iri| self.names.get(iri)).map(|(s, _)| s.clone()).collect();
        let reported = |short: &str| changed.iter().any(|c| **c == *short);
        let names = RefCell::new(std::mem::take(&mut self.names));
        let track = self.tracks.entry(o.id.clone()).or_default();
        let stale = o.seq != Seq::ZERO && o.seq <= track.seq;
        track.seq = track.seq.max(o.seq);
        let seq = Some(o.seq).filter(|s| *s != Seq::ZERO);
        let parts = (&mut self.entries, &mut self.timers, &self.areas);
        let mut weighing = Weighing::new(parts, track, &mut out, seq);
        let scene = Scene::new(world, &names, o.id, (o.before, after), o.at);
        let fed = weighing.feed(&picked, &scene, &reported);
        if stale {
            // The entity as it stood then says nothing of how it stands now; only windows gained a value.
            if let (false, Some(entity)) = (fed.is_empty(), world.entity(o.id)) {
                let scene = Scene::new(world, &names, o.id, (None, &entity), o.at);
                fed.iter().for_each(|number| weighing.weigh(*number, &scene, Cause::Time));
            }
        } else {
            picked.iter().for_each(|number| weighing.weigh(*number, &scene, Cause::Observed(&reported)));
            if leaves {
                weighing.leave(&kinds, &scene);
            }
        }
        drop(scene);
        self.names = names.into_inner();
        out
    }

    /// Lets time pass. Times of the clock that were missed are made up for once.
    pub fn tick(&mut self, now: Instant, world: &dyn World) -> Vec<Firing> {
        let mut out = Vec::new();
        if !self.warm {
            self.warm_up(now, world);
        }
        while let Some((at, number, id)) = self.timers.first().cloned() {
            if at > now {
                break;
            }
            self.timers.pop_first();
            let Some(track) = self.tracks.get_mut(&id) else { continue };
            if let Ok(place) = track.states.binary_search_by_key(&number, |(n, _)| *n) {
                track.states[place].1.timer = None;
            }
            self.look(number, &id, now, world, Cause::Time, &mut out);
        }
        for number in 0..self.entries.len() {
            let entry = &mut self.entries[number];
            if !entry.enabled || entry.next.is_none_or(|next| next > now) {
                continue;
            }
            entry.next = entry.rule.next_time(now.plus_ms(1));
            let rule = entry.rule.clone();
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            for id in watched(&rule, world) {
                self.look(number, &id, now, world, Cause::Clock, &mut out);
            }
        }
        out
    }

    /// Weighs one rule about one entity as it stands.
    fn look(
        &mut self,
        number: u32,
        id: &EntityId,
        now: Instant,
        world: &dyn World,
        cause: Cause<'_>,
        out: &mut Vec<Firing>,
    ) {
        let Some(entity) = world.entity(id) else {
            self.gone(id, None, now, out);
            return;
        };
        self.load_areas(&[number], world);
        let names = RefCell::new(std::mem::take(&mut self.names));
        let scene = Scene::new(world, &names, id, (None, &entity), now);
        let track = self.tracks.entry(id.clone()).or_default();
        let parts = (&mut self.entries, &mut self.timers, &self.areas);
        Weighing::new(parts, track, out, None).weigh(number, &scene, cause);
        if track.states.is_empty() && track.windows.is_empty() && track.seq == Seq::ZERO {
            self.tracks.remove(id);
        }
        drop(scene);
        self.names = names.into_inner();
    }

    /// The entity ceased to be: all that stood about it is over.
    fn gone(&mut self, id: &EntityId, seq: Option<Seq>, at: Instant, out: &mut Vec<Firing>) {
        let Some(track) = self.tracks.remove(id) else { return };
        for (number, state) in track.states {
            if let Some(timer) = state.timer {
                self.timers.remove(&(timer, number, id.clone()));
            }
            let Some(entry) = self.entries.get_mut(number as usize) else { continue };
            if state.active() && entry.enabled {
                entry.stats.clears += 1;
                out.push(tell::ended(&entry.rule, id, at, seq.filter(|s| *s != Seq::ZERO)));
            }
        }
    }

    /// Finds what absence rules watch and when rules of the clock are next due.
    fn warm_up(&mut self, now: Instant, world: &dyn World) {
        self.warm = true;
        for number in 0..self.entries.len() {
            let entry = &mut self.entries[number];
            if !entry.enabled {
                continue;
            }
            let rule = entry.rule.clone();
            if entry.next.is_none() {
                entry.next = rule.next_time(now);
            }
            let Waking::Absence { attribute, .. } = &rule.waking else { continue };
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            for id in watched(&rule, world) {
                let Some(entity) = world.entity(&id) else { continue };
                let names = RefCell::new(std::mem::take(&mut self.names));
                let scene = Scene::new(world, &names, &id, (None, &entity), now);
                let reported = scene.row(attribute).map_or(entity.created_at, |r| r.at());
                let track = self.tracks.entry(id.clone()).or_default();
                let mut out = Vec::new();
                let parts = (&mut self.entries, &mut self.timers, &self.areas);
                Weighing::new(parts, track, &mut out, None).expect(number, &id, reported);
                drop(scene);
                self.names = names.into_inner();
            }
        }
    }

    fn forget_areas(&mut self, o: &Observed<'_>) {
        if self.areas.is_empty() {
            return;
        }
        let names = &self.names;
        let is = |iri: &nacre_model::Iri, short: &str| names.get(iri).is_some_and(|(s, _)| &**s == short);
        let whole = o.before.is_none() || o.after.is_none();
        self.areas.retain(|(kind, attribute), _| {
            let of_kind =
                o.before.into_iter().chain(o.after).flat_map(|e| e.types.iter()).any(|t| is(t, kind));
            !(of_kind && (whole || o.changed.iter().any(|a| is(a, attribute))))
        });
    }

    fn load_areas(&mut self, picked: &[u32], world: &dyn World) {
        for number in picked {
            let Some(entry) = self.entries.get(*number as usize) else { continue };
            let Waking::Geofence { area: AreaOf::Carried { kind, attribute }, .. } = &entry.rule.waking
            else {
                continue;
            };
            let key = (kind.clone(), attribute.clone());
            self.areas.entry(key).or_insert_with(|| index::areas(kind, attribute, world));
        }
    }
}

/// The entities a rule watches.
fn watched(rule: &Rule, world: &dyn World) -> Vec<EntityId> {
    match rule.only() {
        Some(id) => EntityId::new(id).into_iter().collect(),
        None => world.of_type(rule.on()),
    }
}
