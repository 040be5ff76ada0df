//! Names that scenarios use: workflows, rules, posts, organisations and cases; and members that belong to a step.

use std::sync::Arc;

use nacre_cases::decide::post;
use nacre_cases::{Who, Workflow};
use serde_json::Value as Json;

use super::{Expect, Reader};
use crate::code;
use crate::finding::Place;
use crate::near::did_you_mean;
use crate::scenario::{AlertRef, CaseRef};
use crate::yaml::{Node, Yaml};

/// Who reports without a post.
const CITIZEN: &str = "citizen";

impl Reader<'_> {
    /// Reports members that belong to no such step or expectation.
    pub(super) fn members(&mut self, item: &Node, allowed: &[&str]) {
        for (key, _) in item.members().iter().filter(|(key, _)| !allowed.contains(&key.name.as_str())) {
            let help = did_you_mean(&key.name, allowed.iter().copied())
                .or_else(|| Some(format!("known: `{}`", allowed.join("`, `"))));
            let message = format!("unknown key `{}`", key.name);
            self.findings.push_with_help(code::UNKNOWN_KEY, self.file, key.at, message, help);
        }
    }

    /// The text at a key.
    pub(super) fn text(&mut self, item: &Node, key: &str) -> Option<String> {
        let node = item.get(key)?;
        if node.text().is_none() && !node.is_null() {
            self.wrong(item.key_place(key), format!("`{key}` is a text; put it in quotes"));
        }
        node.text().map(str::to_owned)
    }

    /// The number at a key.
    pub(super) fn number(&mut self, item: &Node, key: &str) -> Option<u64> {
        let found = item.get(key)?.to_json().as_u64();
        if found.is_none() {
            self.wrong(item.key_place(key), format!("`{key}` is a number: 0, 1, 2"));
        }
        found
    }

    /// The texts at a key.
    pub(super) fn texts(&mut self, item: &Node, key: &str) -> Vec<String> {
        let Some(node) = item.get(key) else { return Vec::new() };
        if !matches!(node.value, Yaml::List(_)) {
            self.wrong(item.key_place(key), format!("`{key}` is a list: `[…]`"));
        }
        super::super::texts(Some(node))
    }

    /// The members at a key.
    pub(super) fn map(&mut self, item: &Node, key: &str) -> serde_json::Map<String, Json> {
        match item.get(key).map(Node::to_json) {
            None => serde_json::Map::new(),
            Some(Json::Object(members)) => members,
            Some(_) => {
                self.wrong(item.key_place(key), format!("`{key}` is a map: `{{ name: value }}`"));
                serde_json::Map::new()
            }
        }
    }

    fn workflows(&self) -> impl Iterator<Item = &Arc<Workflow>> {
        self.pack.workflows.values().chain(self.scope.needs.iter().flat_map(|p| p.workflows.values()))
    }

    fn rules(&self) -> impl Iterator<Item = &str> {
        let needed = self.scope.needs.iter().flat_map(|p| p.rules.values());
        self.pack.rules.values().chain(needed).map(|(rule, _)| rule.id())
    }

    /// The full name of `name`, or of the one whose last part it is: the pack's own first.
    fn full<'a>(name: &str, own: &str, mut all: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let last = |id: &&str| id.split_once('.').is_some_and(|(_, stem)| stem == name);
        let home = |id: &&str| last(id) && id.split_once('.').is_some_and(|(pack, _)| pack == own);
        all.clone().find(|id| *id == name).or_else(|| all.clone().find(home)).or_else(|| all.find(last))
    }

    /// A file that could not be read: what names it is not reported again.
    fn unread(&self, shelf: &str, name: &str) -> bool {
        let stem = name.strip_prefix(&format!("{}.", self.pack.name)).unwrap_or(name);
        let path = format!("{shelf}/{stem}.yaml");
        let known = match shelf {
            "rules" => self.pack.rules.contains_key(stem),
            _ => self.pack.workflows.contains_key(stem),
        };
        !known && self.files.iter().any(|file| file.path == path)
    }

    fn no(&mut self, what: &str, shelf: &str, name: &str, at: Place, known: &[String]) {
        if self.unread(shelf, name) {
            return;
        }
        let stems = known.iter().filter_map(|id| id.split_once('.').map(|(_, stem)| stem));
        let help = did_you_mean(name, known.iter().map(String::as_str).chain(stems));
        let message = format!("there is no {what} `{name}`");
        self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
    }

    fn find_workflow(&self, name: &str) -> Option<Arc<Workflow>> {
        let ids: Vec<&str> = self.workflows().map(|w| w.id.as_str()).collect();
        let id = Self::full(name, &self.pack.name, ids.into_iter())?;
        self.workflows().find(|w| w.id == id).cloned()
    }

    /// The workflow at a key.
    pub(super) fn workflow(&mut self, item: &Node, key: &str) -> Option<Arc<Workflow>> {
        let name = self.text(item, key)?;
        let found = self.find_workflow(&name);
        if found.is_none() {
            let known: Vec<String> = self.workflows().map(|w| w.id.clone()).collect();
            self.no("workflow", "workflow", &name, item.key_place(key), &known);
        }
        found
    }

    /// The rule at a key.
    pub(super) fn rule(&mut self, item: &Node, key: &str) -> Option<String> {
        let name = self.text(item, key)?;
        let ids: Vec<String> = self.rules().map(str::to_owned).collect();
        let found = Self::full(&name, &self.pack.name, ids.iter().map(String::as_str)).map(str::to_owned);
        if found.is_none() {
            self.no("rule", "rules", &name, item.key_place(key), &ids);
        }
        found
    }

    /// The entity that a step or an expectation is about.
    pub(super) fn about(&mut self, item: &Node) -> Option<String> {
        let text = self.text(item, "about")?;
        Some(self.entity_named(&text, item.key_place("about"))?.0)
    }

    /// The case at a key: what the scenario calls it, else the newest of a workflow.
    pub(super) fn case_named(&mut self, item: &Node, key: &str) -> Option<(CaseRef, Arc<Workflow>)> {
        let name = self.text(item, key)?;
        let called = self.cases.iter().find(|(known, _)| *known == name).map(|(_, w)| w.clone());
        if let Some(workflow) = called {
            if item.get("about").is_some() {
                self.wrong(item.key_place("about"), format!("`{name}` is one case; leave `about` out"));
            }
            return Some((CaseRef::Named(name), workflow));
        }
        let Some(workflow) = self.find_workflow(&name) else {
            if !self.unread("workflow", &name) {
                let cases = self.cases.iter().map(|(known, _)| known.as_str());
                let known = self.workflows().map(|w| w.id.as_str());
                let stems = self.workflows().filter_map(|w| w.id.split_once('.').map(|(_, stem)| stem));
                let help = did_you_mean(&name, cases.chain(known).chain(stems));
                let message = format!("no case was opened as `{name}`, and there is no such workflow");
                self.findings.push_with_help(
                    code::SCENARIO_STEP,
                    self.file,
                    item.key_place(key),
                    message,
                    help,
                );
            }
            return None;
        };
        let about = self.about(item);
        Some((CaseRef::Of { workflow: workflow.id.clone(), about }, workflow))
    }

    /// The alert at a key: an entity of the scenario, else the newest of a rule.
    pub(super) fn alert_named(&mut self, item: &Node, key: &str) -> Option<AlertRef> {
        let name = self.text(item, key)?;
        let own = self
            .known
            .iter()
            .find(|(urn, local, def)| def.name == "Alert" && (*local == name || *urn == name));
        if let Some((urn, ..)) = own {
            return Some(AlertRef::Entity(urn.clone()));
        }
        let rule = self.rule(item, key)?;
        Some(AlertRef::Of { rule, about: self.about(item) })
    }

    /// The local id of an entity of a type at a key.
    pub(super) fn local(&mut self, item: &Node, key: &str, kind: &str, expect: Expect) -> Option<String> {
        let text = self.text(item, key)?;
        self.there(&text, kind, item.key_place(key), expect);
        Some(text)
    }

    fn there(&mut self, local: &str, kind: &str, at: Place, expect: Expect) {
        let is =
            |(_, known, def): &&(String, String, Arc<crate::TypeDef>)| def.name == kind && known == local;
        if expect == Expect::Refused || self.blind || self.known.iter().any(|known| is(&known)) {
            return;
        }
        let all = self.known.iter().filter(|(.., def)| def.name == kind).map(|(_, known, _)| known.as_str());
        let help = did_you_mean(local, all);
        let message = format!("no {kind} `{local}` was given or created");
        self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
    }

    /// Who acts: `by: role@organisation`, with a person perhaps, or `by: citizen`.
    pub(super) fn by(&mut self, item: &Node, expect: Expect) -> Option<Who> {
        let Some(text) = self.text(item, "by") else {
            self.wrong(item.at, "who does it is missing: `by: role@organisation`");
            return None;
        };
        let at = item.key_place("by");
        if text == CITIZEN {
            return Some(Who { actor: "public:reporter".into(), reporter: true, ..Who::default() });
        }
        let Some(holder) = post(&text) else {
            self.wrong(at, format!("`{text}` is no post: `role@organisation`, or `citizen`"));
            return None;
        };
        let role = holder.roles.into_iter().next().unwrap_or_default();
        let organisation = holder.organisation.unwrap_or_default();
        self.role(&role, at);
        self.there(&organisation, "Organization", at, expect);
        Some(Who { role, organisation, person: holder.person, actor: text, ..Who::default() })
    }

    /// Reports a role that is no post.
    pub(super) fn role(&mut self, role: &str, at: Place) {
        let roles = || {
            let needed = self.scope.needs.iter().flat_map(|p| &p.roles);
            self.pack.roles.iter().chain(needed).filter(|r| r.level.is_some()).map(|r| r.name.as_str())
        };
        if !roles().any(|known| known == role) {
            let help = did_you_mean(role, roles());
            let message = format!("`{role}` is no post of access.yaml");
            self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
        }
    }
}
