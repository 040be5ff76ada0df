//! Runs scenarios on a manual clock against a [`World`]. The kernel is one; [`MemoryWorld`] is a small one that knows
//! the types of packs and nothing else, so that `nacre pack try` answers in milliseconds.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use nacre_model::{Attribute, Instant};
use serde_json::Value as Json;

use crate::code;
use crate::entity_check::{Extent, Violation};
use crate::finding::{Finding, Findings, Place};
use crate::pack::Pack;
use crate::scenario::{Expectation, GivenEntity, Refusal, Scenario, StepAction};
use crate::type_def::TypeDef;
use crate::written;

/// A refused step: the reason in a word, and in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// In a word.
    pub reason: Refusal,
    /// In a sentence.
    pub message: String,
}

/// Where scenarios run.
pub trait World {
    /// Somebody creates an entity.
    fn create(&mut self, entity: &GivenEntity) -> Result<(), Refused>;
    /// Something is observed of an entity.
    fn observe(&mut self, id: &str, attributes: &[(String, Attribute)]) -> Result<(), Refused>;
    /// The clock moves to an instant; everything that is due by then happens.
    fn advance(&mut self, to: Instant);
    /// The value alone of an attribute now; see [`written::reduced`].
    fn value(&self, id: &str, attribute: &str) -> Option<Json>;
    /// True when the entity exists.
    fn exists(&self, id: &str) -> bool;
}

/// The clock of a scenario that names no instant: 2026-01-01T00:00:00Z.
const EPOCH: Instant = Instant(1_767_225_600_000);

/// Runs a scenario; no finding means that it holds.
pub fn run(scenario: &Scenario, world: &mut dyn World) -> Vec<Finding> {
    let mut findings = Findings::default();
    let mut fail =
        |at: Place, message: String| findings.push(code::SCENARIO_FAILED, &scenario.file, at, message);
    let mut clock = scenario.when.iter().find_map(|step| step.at).unwrap_or(EPOCH);
    world.advance(clock);
    for entity in &scenario.given {
        if let Err(refused) = world.create(entity) {
            fail(Place::START, format!("given `{}` was refused: {}", entity.id, refused.message));
        }
    }
    for step in &scenario.when {
        if let Some(at) = step.at {
            clock = at;
            world.advance(clock);
        }
        let outcome = match &step.action {
            StepAction::Create(entity) => world.create(entity),
            StepAction::Observe { id, attributes } => world.observe(id, attributes),
            StepAction::Wait { ms } => {
                clock = clock.plus_ms(*ms);
                world.advance(clock);
                Ok(())
            }
        };
        match (outcome, step.refused) {
            (Ok(()), None) => {}
            (Ok(()), Some(wanted)) => {
                fail(step.place, format!("the step was accepted, `{}` was to refuse it", wanted.name()));
            }
            (Err(refused), None) => fail(step.place, format!("the step was refused: {}", refused.message)),
            (Err(refused), Some(wanted)) if refused.reason == wanted => {}
            (Err(refused), Some(wanted)) => {
                let (found, wanted) = (refused.reason.name(), wanted.name());
                let message = format!("refused for `{found}`, not `{wanted}`: {}", refused.message);
                fail(step.place, message);
            }
        }
    }
    for expectation in &scenario.then {
        match expectation {
            Expectation::Absent { place, id } if world.exists(id) => fail(*place, format!("`{id}` exists")),
            Expectation::Absent { .. } => {}
            Expectation::Value { place, id, values } => {
                for (name, wanted) in values {
                    let found = world.value(id, name);
                    if !found.as_ref().is_some_and(|found| written::same(found, wanted)) {
                        let found = found.map_or_else(|| "nothing".to_owned(), |json| json.to_string());
                        fail(*place, format!("`{name}` of `{id}` is {found}, expected {wanted}"));
                    }
                }
            }
        }
    }
    findings.into_sorted()
}

/// Runs every scenario of a pack in a fresh [`MemoryWorld`]: scenario name → findings. `needs` are the packs whose
/// types it uses.
pub fn try_all<'a>(pack: &'a Pack, needs: &[Arc<Pack>]) -> BTreeMap<&'a str, Vec<Finding>> {
    let types: Vec<Arc<TypeDef>> =
        needs.iter().flat_map(|need| need.types.values()).chain(pack.types.values()).cloned().collect();
    let one = |scenario| run(scenario, &mut MemoryWorld::new(types.iter().cloned()));
    pack.scenarios.iter().map(|(name, scenario)| (name.as_str(), one(scenario))).collect()
}

/// Entities in memory, checked by their types.
pub struct MemoryWorld {
    types: HashMap<String, Arc<TypeDef>>,
    entities: HashMap<String, GivenEntity>,
    now: Instant,
}

impl MemoryWorld {
    /// An empty world that knows these types.
    pub fn new(types: impl IntoIterator<Item = Arc<TypeDef>>) -> MemoryWorld {
        let types = types.into_iter().map(|def| (def.name.clone(), def)).collect();
        MemoryWorld { types, entities: HashMap::new(), now: EPOCH }
    }

    /// The type of an entity that exists.
    pub fn entity_type(&self, id: &str) -> Option<&str> {
        self.entities.get(id).map(|entity| entity.entity_type.as_str())
    }

    /// The instant of the manual clock.
    pub fn now(&self) -> Instant {
        self.now
    }

    fn check(
        &self,
        entity_type: &str,
        extent: Extent,
        attributes: &[(String, Attribute)],
    ) -> Result<(), Refused> {
        let Some(def) = self.types.get(entity_type) else { return Ok(()) };
        let broken = def.check(extent, attributes.iter().map(|(n, a)| (n.as_str(), a)));
        let first = broken.into_iter().next();
        first.map_or(Ok(()), |Violation { rule, message, .. }| {
            Err(Refused { reason: Refusal::Rule(rule), message })
        })
    }

    /// Attributes in the form in which they are stored: numbers with check digits as their standard writes them.
    pub fn stored(&self, entity_type: &str, attributes: &[(String, Attribute)]) -> Vec<(String, Attribute)> {
        let mut stored = attributes.to_vec();
        if let Some(def) = self.types.get(entity_type) {
            def.normalise(stored.iter_mut().map(|(name, attribute)| (name.as_str(), attribute)));
        }
        stored
    }
}

impl World for MemoryWorld {
    fn create(&mut self, entity: &GivenEntity) -> Result<(), Refused> {
        if self.exists(&entity.id) {
            let message = format!("`{}` exists already", entity.id);
            return Err(Refused { reason: Refusal::Exists, message });
        }
        self.check(&entity.entity_type, Extent::Whole, &entity.attributes)?;
        let attributes = self.stored(&entity.entity_type, &entity.attributes);
        self.entities.insert(entity.id.clone(), GivenEntity { attributes, ..entity.clone() });
        Ok(())
    }

    fn observe(&mut self, id: &str, attributes: &[(String, Attribute)]) -> Result<(), Refused> {
        let Some(entity_type) = self.entities.get(id).map(|entity| entity.entity_type.clone()) else {
            let message = format!("there is no `{id}`");
            return Err(Refused { reason: Refusal::Missing, message });
        };
        self.check(&entity_type, Extent::Part, attributes)?;
        let stored = self.stored(&entity_type, attributes);
        let Some(entity) = self.entities.get_mut(id) else { return Ok(()) };
        for (name, attribute) in stored {
            entity.attributes.retain(|(known, _)| *known != name);
            entity.attributes.push((name, attribute));
        }
        Ok(())
    }

    fn advance(&mut self, to: Instant) {
        self.now = to;
    }

    fn value(&self, id: &str, attribute: &str) -> Option<Json> {
        let entity = self.entities.get(id)?;
        entity.attributes.iter().find(|(name, _)| name == attribute).map(|(_, found)| written::reduced(found))
    }

    fn exists(&self, id: &str) -> bool {
        self.entities.contains_key(id)
    }
}
