//! Runs scenarios on a manual clock against a [`World`]: the kernel with all that follows from records by itself.
//!
//! A world does what a step says or refuses it; what is expected afterwards is read from its entities, since cases, alerts and
//! notices are entities too. A finding says what was expected and what was there.

mod facts;

use std::collections::HashMap;

use nacre_model::{Attribute, Instant};
use serde_json::Value as Json;

use crate::code;
use crate::finding::{Finding, Findings, Place};
use crate::scenario::{AlertStep, CaseStep, GivenEntity, OpenStep, Scenario, Step, StepAction};

/// A refused step: the reason in a word, and in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What stands after `refused:`.
    pub reason: String,
    /// In a sentence.
    pub message: String,
}

impl Refused {
    /// A refusal.
    pub fn new(reason: &str, message: impl Into<String>) -> Refused {
        Refused { reason: reason.to_owned(), message: message.into() }
    }
}

/// Where scenarios run. What follows by itself from a step has happened when the step returns.
pub trait World {
    /// Somebody creates an entity.
    fn create(&mut self, entity: &GivenEntity) -> Result<(), Refused>;
    /// Something is observed of an entity.
    fn observe(&mut self, id: &str, attributes: &[(String, Attribute)]) -> Result<(), Refused>;
    /// A device, by its URN, sends a message.
    fn report(&mut self, device: &str, payload: &Json) -> Result<(), Refused>;
    /// Somebody opens a case; its URN.
    fn open(&mut self, step: &OpenStep) -> Result<String, Refused>;
    /// Somebody acts on a case; `into` of the input is a URN.
    fn act(&mut self, case: &str, step: &CaseStep) -> Result<(), Refused>;
    /// Somebody acts on an alert.
    fn alert(&mut self, alert: &str, step: &AlertStep) -> Result<(), Refused>;
    /// The clock moves to an instant; everything that is due by then happens, each at its own time.
    fn advance(&mut self, to: Instant);
    /// The value alone of an attribute now; see [`crate::written::reduced`].
    fn value(&self, id: &str, attribute: &str) -> Option<Json>;
    /// True when the entity exists.
    fn exists(&self, id: &str) -> bool;
    /// URNs of the entities of a type, oldest first.
    fn entities(&self, entity_type: &str) -> Vec<String>;
    /// How often a rule fired, perhaps about one entity.
    fn fired(&self, rule: &str, about: Option<&str>) -> u64;
}

/// The clock of a scenario that names no instant: 2026-01-01T00:00:00Z.
const EPOCH: Instant = Instant(1_767_225_600_000);

/// Runs a scenario; no finding means that it holds.
pub fn run(scenario: &Scenario, world: &mut dyn World) -> Vec<Finding> {
    let clock = scenario.when.iter().find_map(|step| step.at).unwrap_or(EPOCH);
    let findings = Findings::default();
    let mut run = Run { file: &scenario.file, world, clock, names: HashMap::new(), findings };
    run.world.advance(clock);
    for entity in &scenario.given {
        if let Err(refused) = run.world.create(entity) {
            run.fail(Place::START, format!("given `{}` was refused: {}", entity.id, refused.message));
        }
    }
    for step in &scenario.when {
        run.step(step);
    }
    for expectation in &scenario.then {
        run.expect(expectation);
    }
    run.findings.into_sorted()
}

/// A scenario at work.
struct Run<'a> {
    file: &'a str,
    world: &'a mut dyn World,
    clock: Instant,
    /// Cases by what the scenario calls them.
    names: HashMap<String, String>,
    findings: Findings,
}

impl Run<'_> {
    fn fail(&mut self, at: Place, message: impl Into<String>) {
        self.findings.push(code::SCENARIO_FAILED, self.file, at, message);
    }

    fn step(&mut self, step: &Step) {
        if let Some(at) = step.at {
            self.clock = at;
            self.world.advance(at);
        }
        match (self.action(&step.action), step.refused) {
            (Ok(()), None) => {}
            (Ok(()), Some(wanted)) => {
                self.fail(step.place, format!("the step was accepted, `{}` was to refuse it", wanted.name()));
            }
            (Err(refused), None) => {
                let Refused { reason, message } = refused;
                self.fail(step.place, format!("the step was refused for `{reason}`: {message}"));
            }
            (Err(refused), Some(wanted)) if refused.reason == wanted.name() => {}
            (Err(Refused { reason, message }), Some(wanted)) => {
                self.fail(step.place, format!("refused for `{reason}`, not `{}`: {message}", wanted.name()));
            }
        }
    }

    fn action(&mut self, action: &StepAction) -> Result<(), Refused> {
        match action {
            StepAction::Create(entity) => self.world.create(entity),
            StepAction::Observe { id, attributes } => self.world.observe(id, attributes),
            StepAction::Report { device, payload } => self.world.report(device, payload),
            StepAction::Wait { ms } => {
                self.clock = self.clock.plus_ms(*ms);
                self.world.advance(self.clock);
                Ok(())
            }
            StepAction::Open(open) => {
                let id = self.world.open(open)?;
                if let Some(name) = &open.name {
                    self.names.insert(name.clone(), id);
                }
                Ok(())
            }
            StepAction::Act(step) => {
                let id = self.case(&step.case).map_err(|why| Refused::new("case_unknown", why))?;
                let mut step = (**step).clone();
                if let Some(other) = step.input.into.as_ref().and_then(|name| self.names.get(name)) {
                    step.input.into = Some(other.clone());
                }
                self.world.act(&id, &step)
            }
            StepAction::Alert(step) => {
                let id = self.alert(&step.alert).map_err(|why| Refused::new("alert_unknown", why))?;
                self.world.alert(&id, step)
            }
            StepAction::Then(expectations) => {
                expectations.iter().for_each(|expectation| self.expect(expectation));
                Ok(())
            }
        }
    }
}
