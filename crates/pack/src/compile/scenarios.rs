//! `scenarios/*.yaml`: stories, what is given, steps and what holds then.

mod acts;
mod names;
mod outcome;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nacre_cases::Workflow;
use nacre_model::{Attribute, Instant};

use super::{Located, Scope};
use crate::code;
use crate::entity_check::{Extent, Rule};
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::rows;
use crate::scenario::{CaseRef, Expectation, GivenEntity, Refusal, Scenario, Step, StepAction};
use crate::schema::Schema;
use crate::type_def::TypeDef;
use crate::written;
use crate::yaml::{Node, Yaml};

/// Scenarios come last: they name workflows, rules and posts of the pack.
pub(super) fn compile(
    file: &File,
    files: &[File],
    scope: &Scope,
    pack: &Pack,
    findings: &mut Findings,
) -> Option<Scenario> {
    let Located { tree, .. } = Located::read(file, Schema::Scenario, findings)?;
    let mut reader = Reader {
        file: &file.shown,
        files,
        scope,
        pack,
        known: Vec::new(),
        cases: Vec::new(),
        clock: None,
        blind: false,
        findings,
    };
    let mut given = Vec::new();
    for (key, node) in tree.get("given").map(Node::members).unwrap_or_default() {
        let Some(def) = reader.entity_type(&key.name, key.at) else { continue };
        for item in node.items() {
            given.extend(reader.entity(&def, item, &["id"], Expect::Accepted));
        }
    }
    let when = tree.get("when").into_iter().flat_map(Node::items);
    let when = when.filter_map(|item| reader.step(item)).collect();
    let then = tree.get("then").into_iter().flat_map(Node::items);
    let then = then.filter_map(|item| reader.expectation(item)).collect();
    let story = tree.text_of("story").unwrap_or_default().to_owned();
    Some(Scenario { file: file.shown.clone(), story, given, when, then })
}

impl Scenario {
    /// Short names of all types that the scenario is about.
    pub fn types(&self) -> BTreeSet<&str> {
        let created = self.when.iter().filter_map(|step| match &step.action {
            StepAction::Create(entity) => Some(entity),
            _ => None,
        });
        self.given.iter().chain(created).map(|entity| entity.entity_type.as_str()).collect()
    }

    /// Verbs that the scenario does and that are not refused, each with the full name of its workflow.
    pub fn verbs(&self) -> BTreeSet<(&str, &str)> {
        let mut named: BTreeMap<&str, &str> = BTreeMap::new();
        let mut done = BTreeSet::new();
        for step in self.when.iter().filter(|step| step.refused.is_none()) {
            match &step.action {
                StepAction::Open(open) => {
                    let name = open.name.iter().map(|name| (name.as_str(), open.opening.workflow.as_str()));
                    named.extend(name);
                }
                StepAction::Act(act) => {
                    let workflow = match &act.case {
                        CaseRef::Named(name) => named.get(name.as_str()).copied(),
                        CaseRef::Of { workflow, .. } => Some(workflow.as_str()),
                    };
                    done.extend(workflow.map(|workflow| (workflow, act.verb.as_str())));
                }
                _ => {}
            }
        }
        done
    }

    /// Full names of the workflows and rules that the scenario is about.
    pub fn names(&self) -> BTreeSet<&str> {
        let mut named = BTreeSet::new();
        let mut expected: Vec<&Expectation> = self.then.iter().collect();
        for step in &self.when {
            match &step.action {
                StepAction::Open(step) => drop(named.insert(step.opening.workflow.as_str())),
                StepAction::Act(step) => named.extend(step.case.workflow()),
                StepAction::Alert(step) => named.extend(step.alert.rule()),
                StepAction::Then(more) => expected.extend(more),
                _ => {}
            }
        }
        for expectation in expected {
            match expectation {
                Expectation::Case { case, .. } => named.extend(case.workflow()),
                Expectation::Cases { workflow: name, .. }
                | Expectation::Alerts { rule: name, .. }
                | Expectation::Fired { rule: name, .. } => drop(named.insert(name.as_str())),
                Expectation::Alert { alert, .. } => named.extend(alert.rule()),
                _ => {}
            }
        }
        named
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Accepted,
    Refused,
}

struct Reader<'a> {
    file: &'a str,
    files: &'a [File],
    scope: &'a Scope,
    /// The pack so far: its workflows, rules and roles.
    pack: &'a Pack,
    /// URN and local id of the entities known so far.
    known: Vec<(String, String, Arc<TypeDef>)>,
    /// Cases by what the scenario calls them.
    cases: Vec<(String, Arc<Workflow>)>,
    clock: Option<Instant>,
    /// A type was missing: ids of its entities are not known, and not reported either.
    blind: bool,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn step(&mut self, item: &Node) -> Option<Step> {
        let verb = self.verb(item)?;
        let refused = item.text_of("refused").and_then(Refusal::parse);
        let expect = if item.get("refused").is_some() { Expect::Refused } else { Expect::Accepted };
        let at = self.instant(item);
        let action = match verb {
            "wait" => {
                let text = item.text_of("wait")?;
                let Some(ms) = duration_ms(text) else {
                    let message = format!("`{text}` is no duration: `15 min`, `2 h`, `3 d`");
                    self.wrong(item.key_place("wait"), message);
                    return None;
                };
                StepAction::Wait { ms }
            }
            "create" => {
                let name = item.text_of("create")?;
                let def = self.entity_type(name, item.key_place("create"))?;
                StepAction::Create(self.entity(&def, item, &["at", "create", "id", "refused"], expect)?)
            }
            "observe" => {
                let id = item.text_of("observe")?;
                let (id, def) = self.entity_named(id, item.key_place("observe"))?;
                let attributes = self.attributes(&def, item, &["at", "observe", "refused"], expect)?;
                StepAction::Observe { id, attributes }
            }
            "report" => {
                let (device, _) = self.entity_named(item.text_of("report")?, item.key_place("report"))?;
                let own = ["at", "report", "refused"];
                let members = item.members().iter().filter(|(key, _)| !own.contains(&key.name.as_str()));
                let payload = members.map(|(key, node)| (key.name.clone(), node.to_json())).collect();
                StepAction::Report { device, payload }
            }
            "open" => StepAction::Open(Box::new(self.open(item, expect)?)),
            "case" => StepAction::Act(Box::new(self.act(item, expect)?)),
            "alert" => StepAction::Alert(Box::new(self.act_on_alert(item, expect)?)),
            _ => {
                let node = item.get("then")?;
                let items = match node.value {
                    Yaml::Map(_) => std::slice::from_ref(node),
                    _ => node.items(),
                };
                StepAction::Then(items.iter().filter_map(|item| self.expectation(item)).collect())
            }
        };
        Some(Step { place: item.at, at, action, refused })
    }

    /// What the step does. Attributes of an entity may be called as other steps are: they come first.
    fn verb(&mut self, item: &Node) -> Option<&'static str> {
        const ON_ENTITIES: [&str; 3] = ["create", "observe", "report"];
        const OTHERS: [&str; 5] = ["wait", "open", "case", "alert", "then"];
        let of = |verbs: &[&'static str]| -> Vec<&'static str> {
            verbs.iter().copied().filter(|verb| item.get(verb).is_some()).collect()
        };
        let mut found = of(&ON_ENTITIES);
        match found.is_empty() {
            true => found = of(&OTHERS),
            false => found.extend(of(&["wait"])),
        }
        if let [verb] = found.as_slice() {
            return Some(verb);
        }
        let all = ON_ENTITIES.iter().chain(&OTHERS).copied();
        let first = item.members().iter().find(|(key, _)| !matches!(key.name.as_str(), "at" | "refused"));
        let help = first.filter(|_| found.is_empty()).and_then(|(key, _)| did_you_mean(&key.name, all));
        let message =
            "a step has one of `create`, `observe`, `report`, `wait`, `open`, `case`, `alert` and `then`";
        self.findings.push_with_help(code::SCENARIO_STEP, self.file, item.at, message, help);
        None
    }

    /// The instant of a step; steps stand in order.
    fn instant(&mut self, item: &Node) -> Option<Instant> {
        let now = self.moment(item, "at")?;
        match self.clock {
            Some(before) if now < before => {
                let text = item.text_of("at").unwrap_or_default();
                self.wrong(item.key_place("at"), format!("`{text}` is before the step above"));
            }
            _ => self.clock = Some(now),
        }
        Some(now)
    }

    /// The instant at a key.
    fn moment(&mut self, item: &Node, key: &str) -> Option<Instant> {
        let text = item.text_of(key)?;
        // `2026-11-20T09:00+08:00` is the usual way to write it; RFC 3339 wants seconds.
        let whole = text.get(16..17).filter(|c| matches!(*c, "+" | "-" | "Z"));
        let full = whole.and_then(|_| Some(format!("{}:00{}", text.get(..16)?, text.get(16..)?)));
        let has_zone = text.ends_with('Z') || text.get(16..).is_some_and(|rest| rest.contains(['+', '-']));
        let instant = Instant::parse(full.as_deref().unwrap_or(text)).filter(|_| has_zone);
        if instant.is_none() {
            let message = format!("`{text}` is no instant with a zone: `2026-11-20T09:00+08:00`");
            self.wrong(item.key_place(key), message);
        }
        instant
    }

    fn entity(
        &mut self,
        def: &Arc<TypeDef>,
        item: &Node,
        own: &[&str],
        expect: Expect,
    ) -> Option<GivenEntity> {
        let Some(local) = item.text_of("id") else {
            let at = item.get("id").map_or(item.at, |id| id.at);
            self.wrong(at, "an entity has an `id`; put numbers in quotes");
            return None;
        };
        let id = match rows::urn(def, local) {
            Ok(id) => id,
            Err(message) => {
                self.findings.push(code::BAD_ID, self.file, item.key_place("id"), message);
                return None;
            }
        };
        let attributes = self.attributes(def, item, own, expect)?;
        if !self.known.iter().any(|(urn, ..)| *urn == id) {
            self.known.push((id.clone(), local.to_owned(), def.clone()));
        }
        if expect == Expect::Accepted {
            let all = attributes.iter().map(|(n, a)| (n.as_str(), a));
            for violation in def.check(Extent::Whole, all) {
                if violation.rule == Rule::Required {
                    self.findings.push(code::REQUIRED_VALUE, self.file, item.at, violation.message);
                }
            }
        }
        Some(GivenEntity { id, entity_type: def.name.clone(), attributes })
    }

    /// The written attributes of a step, checked where the step is expected to be accepted.
    fn attributes(
        &mut self,
        def: &TypeDef,
        item: &Node,
        own: &[&str],
        expect: Expect,
    ) -> Option<Vec<(String, Attribute)>> {
        let mut made = Vec::new();
        for (key, node) in item.members().iter().filter(|(key, _)| !own.contains(&key.name.as_str())) {
            let json = node.to_json();
            match written::attributes(def, [(key.name.as_str(), &json)]) {
                Ok(attributes) => made.extend(attributes),
                Err(why) if expect == Expect::Accepted => {
                    self.findings.push(code::ENTITY_VALUE, self.file, key.at, why);
                }
                // A refusal is what the step wants to see; the world is given the value as it was written.
                Err(_) => made.push((key.name.clone(), Attribute::property(written::value(&json)))),
            }
            if expect == Expect::Accepted && !matches!(node.value, Yaml::Null) {
                let part = made.iter().filter(|(name, _)| *name == key.name).map(|(n, a)| (n.as_str(), a));
                for violation in def.check(Extent::Part, part) {
                    let unknown = violation.rule == Rule::UnknownAttribute;
                    let code = if unknown { code::UNKNOWN_ATTRIBUTE } else { code::ENTITY_VALUE };
                    self.findings.push(code, self.file, key.at, violation.message);
                }
            }
        }
        Some(made)
    }

    fn entity_type(&mut self, name: &str, at: Place) -> Option<Arc<TypeDef>> {
        let found = self.scope.type_or_report(name, self.file, at, self.findings);
        self.blind |= found.is_none();
        found
    }

    fn entity_named(&mut self, id: &str, at: Place) -> Option<(String, Arc<TypeDef>)> {
        let found = self.known.iter().find(|(urn, local, _)| local == id || urn == id);
        let found = found.map(|(urn, _, def)| (urn.clone(), def.clone()));
        if found.is_none() && !self.blind {
            let locals = self.known.iter().map(|(_, local, _)| local.as_str());
            let help = did_you_mean(id, locals);
            let message = format!("`{id}` was neither given nor created");
            self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
        }
        found
    }

    fn wrong(&mut self, at: Place, message: impl Into<String>) {
        self.findings.push(code::SCENARIO_STEP, self.file, at, message);
    }
}

/// `15 min`, `2 h`, `3 d`, `30 s` in milliseconds.
fn duration_ms(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = (text[..split].parse::<i64>().ok()?, text[split..].trim());
    let ms = match unit {
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    count.checked_mul(ms).filter(|ms| *ms <= 400 * 366 * 86_400_000)
}
