//! "Would have fired 14 times": a rule over what was observed in the past, by the same engine, with time passing in
//! between.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use nacre_model::{
    Attribute, Content, Entity, EntityId, Geometry, Instance, Instant, Iri, Position, Seq, Value,
};

use crate::engine::{Engine, RuleStats};
use crate::firing::{Firing, Kind};
use crate::rule::Rule;
use crate::world::{Observed, World};

/// Most ticks of one run: a quarter-hourly rule over 25 years.
pub const TICKS_MAX: usize = 1_000_000;
/// Most firings that are kept; more are counted.
pub const FIRINGS_MAX: usize = 10_000;

/// Something observed in the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// Which entity.
    pub id: EntityId,
    /// Expanded name of the attribute.
    pub name: Iri,
    /// Its value; a position as `{type: Point, coordinates: [longitude, latitude]}`.
    pub value: Value,
    /// When.
    pub observed_at: Instant,
}

/// What a run gave.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// How often it would have fired.
    pub raised: u64,
    /// How often it would have been over.
    pub cleared: u64,
    /// The firings, in order, at most [`FIRINGS_MAX`].
    pub firings: Vec<Firing>,
    /// Evaluations and errors.
    pub stats: RuleStats,
    /// Observations that were taken.
    pub taken: u64,
    /// Observations that came out of order of time and were left out.
    pub out_of_order: u64,
    /// Time between two observations was cut short, since more than [`TICKS_MAX`] ticks were due.
    pub cut_short: bool,
}

/// Runs a rule over the past, which must come in order of time, until `until`.
///
/// `base` gives what the past does not: related entities, areas, and of the watched entities the attributes that do
/// not wake the rule, as they stand today.
pub fn dry_run(
    rule: &Arc<Rule>,
    base: &dyn World,
    past: impl Iterator<Item = Past>,
    until: Instant,
) -> DryRun {
    let mut run = Run {
        engine: Engine::new(vec![rule.clone()]),
        replay: Replay { rule: rule.clone(), base, entities: RefCell::default() },
        ticks: 0,
        result: DryRun {
            raised: 0,
            cleared: 0,
            firings: Vec::new(),
            stats: RuleStats::default(),
            taken: 0,
            out_of_order: 0,
            cut_short: false,
        },
    };
    let mut now: Option<Instant> = None;
    for one in past {
        if one.observed_at > until {
            break;
        }
        if now.is_some_and(|now| one.observed_at < now) {
            run.result.out_of_order += 1;
            continue;
        }
        if now.is_none() {
            // The clock starts with the first observation, not at the beginning of time.
            run.tick(one.observed_at);
        }
        run.pass(one.observed_at);
        now = Some(one.observed_at);
        run.take(&one);
    }
    if now.is_some() {
        run.pass(until);
    }
    run.result.stats = run.engine.stats(rule.id());
    run.result
}

struct Run<'a> {
    engine: Engine,
    replay: Replay<'a>,
    ticks: usize,
    result: DryRun,
}

impl Run<'_> {
    fn tick(&mut self, at: Instant) {
        let firings = self.engine.tick(at, &self.replay);
        self.keep(firings);
    }

    /// Lets time pass up to `to`.
    fn pass(&mut self, to: Instant) {
        while let Some(at) = self.engine.next_tick().filter(|at| *at <= to) {
            if self.ticks >= TICKS_MAX {
                self.result.cut_short = true;
                return;
            }
            self.ticks += 1;
            self.tick(at);
        }
    }

    fn take(&mut self, one: &Past) {
        self.result.taken += 1;
        let before = self.replay.entity(&one.id);
        let after = Arc::new(self.replay.after(one, before.as_deref()));
        self.replay.entities.borrow_mut().insert(one.id.clone(), after.clone());
        let observed = Observed {
            id: &one.id,
            before: before.as_deref(),
            after: Some(&after),
            changed: std::slice::from_ref(&one.name),
            seq: Seq(self.result.taken),
            at: one.observed_at,
        };
        let firings = self.engine.observe(&observed, &self.replay);
        self.keep(firings);
    }

    fn keep(&mut self, firings: Vec<Firing>) {
        for firing in firings {
            match firing.kind {
                Kind::Raise => self.result.raised += 1,
                Kind::Clear => self.result.cleared += 1,
            }
            if self.result.firings.len() < FIRINGS_MAX {
                self.result.firings.push(firing);
            }
        }
    }
}

/// The world as far as the past has been told.
struct Replay<'a> {
    rule: Arc<Rule>,
    base: &'a dyn World,
    entities: RefCell<BTreeMap<EntityId, Arc<Entity>>>,
}

impl Replay<'_> {
    fn after(&self, one: &Past, before: Option<&Entity>) -> Entity {
        let at = one.observed_at;
        let mut entity = before.cloned().unwrap_or_else(|| self.first(&one.id, at));
        let content = match point(&one.value) {
            Some(place) => Content::Geo(place),
            None => Content::Property(one.value.clone()),
        };
        let attribute = Attribute::new(content).observed(at);
        entity
            .attributes
            .insert(one.name.clone(), vec![Instance { attribute, created_at: at, modified_at: at }]);
        entity.modified_at = at;
        entity.seq = Seq(self.entities.borrow().len() as u64 + 1);
        entity.revision += 1;
        entity
    }

    /// An entity before anything was observed of it: as it stands today, without what wakes the rule.
    fn first(&self, id: &EntityId, at: Instant) -> Entity {
        let today = self.base.entity(id);
        let mut entity = match today {
            Some(today) => (*today).clone(),
            None => Entity {
                id: id.clone(),
                types: Vec::new(),
                scopes: Vec::new(),
                attributes: IndexMap::new(),
                created_at: at,
                modified_at: at,
                expires_at: None,
                seq: Seq::ZERO,
                revision: 0,
            },
        };
        if entity.types.is_empty() {
            // Only the short name is known; `short` gives it back unchanged.
            entity.types.push(Iri::trusted(self.rule.on()));
        }
        let wakes = self.rule.attributes();
        entity.attributes.retain(|iri, _| !wakes.contains(&self.base.short(iri)));
        entity.created_at = at;
        entity
    }
}

impl World for Replay<'_> {
    fn entity(&self, id: &EntityId) -> Option<Arc<Entity>> {
        if let Some(found) = self.entities.borrow().get(id) {
            return Some(found.clone());
        }
        // An entity the rule watches exists from its first observation on.
        let found = self.base.entity(id)?;
        let watched = found.types.iter().any(|t| self.base.short(t) == self.rule.on());
        (!watched).then_some(found)
    }

    fn history(&self, _: &EntityId, _: &str, _: Instant, _: Instant) -> Vec<(Instant, f64)> {
        Vec::new()
    }

    fn of_type(&self, short: &str) -> Vec<EntityId> {
        if short == self.rule.on() {
            return self.entities.borrow().keys().cloned().collect();
        }
        self.base.of_type(short)
    }

    fn short(&self, iri: &Iri) -> String {
        if iri.as_str() == self.rule.on() { iri.as_str().to_string() } else { self.base.short(iri) }
    }
}

/// The point of a GeoJSON value.
fn point(value: &Value) -> Option<Geometry> {
    if value.get("type")?.as_text()? != "Point" {
        return None;
    }
    let Value::List(pair) = value.get("coordinates")? else { return None };
    let [longitude, latitude, ..] = pair.as_slice() else { return None };
    let (longitude, latitude) = (longitude.as_number()?, latitude.as_number()?);
    Geometry::Point(Position { longitude, latitude, altitude: None }).checked().ok()
}
