//! What a scenario expects.

use nacre_cases::Workflow;
use nacre_cases::decide::post;
use nacre_model::Instant;
use serde_json::Value as Json;

use super::{Expect, Reader};
use crate::code;
use crate::near::{did_you_mean, did_you_mean_or_list};
use crate::scenario::{Expectation, Subject, Wanted};
use crate::written;
use crate::yaml::{Node, Yaml};

/// What a member of an expectation holds.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    State,
    Text,
    Organisation,
    Role,
    Instant,
    Truth,
    Count,
    Posts,
    Map,
}

/// What may be said of a case.
const CASE: &[(&str, Form)] = &[
    ("state", Form::State),
    ("title", Form::Text),
    ("number", Form::Text),
    ("organisation", Form::Organisation),
    ("role", Form::Role),
    ("person", Form::Text),
    ("due", Form::Instant),
    ("overdue", Form::Truth),
    ("overdueCount", Form::Count),
    ("supervised", Form::Truth),
    ("suspended", Form::Truth),
    ("asked", Form::Text),
    ("read", Form::Posts),
    ("unread", Form::Posts),
    ("filed", Form::Instant),
    ("closed", Form::Instant),
    ("code", Form::Text),
    ("priority", Form::Text),
    ("source", Form::Text),
    ("urged", Form::Count),
    ("reopened", Form::Count),
    ("fields", Form::Map),
    ("simulated", Form::Truth),
];

/// What may be said of an alert.
const ALERT: &[(&str, Form)] = &[
    ("state", Form::State),
    ("severity", Form::Text),
    ("title", Form::Text),
    ("category", Form::Text),
    ("scheme", Form::Text),
    ("group", Form::Text),
    ("count", Form::Count),
    ("escalation", Form::Count),
    ("acknowledgedBy", Form::Text),
    ("simulated", Form::Truth),
];

/// States of an alert.
const ALERT_STATES: [&str; 4] = ["raised", "acknowledged", "shelved", "cleared"];

impl Reader<'_> {
    pub(super) fn expectation(&mut self, item: &Node) -> Option<Expectation> {
        const KINDS: [&str; 8] = ["value", "absent", "case", "cases", "alert", "alerts", "fired", "notices"];
        let place = item.at;
        let found: Vec<&str> = KINDS.into_iter().filter(|kind| item.get(kind).is_some()).collect();
        // Attributes of an entity may be called as other expectations are.
        let kind = match found.as_slice() {
            ["value", ..] => "value",
            [only] => only,
            _ => {
                let first = item.members().first().map_or("", |(key, _)| key.name.as_str());
                let help = did_you_mean(first, KINDS).filter(|_| found.is_empty());
                let message = "an expectation has one of `value`, `absent`, `case`, `cases`, `alert`, `alerts`, `fired` and `notices`";
                self.findings.push_with_help(code::SCENARIO_STEP, self.file, place, message, help);
                return None;
            }
        };
        match kind {
            "value" => {
                let id = item.text_of("value")?;
                let (urn, def) = self.entity_named(id, item.key_place("value"))?;
                let attributes = self.attributes(&def, item, &["value"], Expect::Accepted)?;
                if attributes.is_empty() {
                    self.wrong(place, format!("nothing is expected of `{id}`"));
                }
                let values = attributes.iter().map(|(n, a)| (n.clone(), written::reduced(a))).collect();
                Some(Expectation::Value { place, id: urn, values })
            }
            "absent" => {
                self.members(item, &["absent"]);
                let id = item.text_of("absent")?;
                let known = self.known.iter().find(|(_, local, _)| local == id).map(|(urn, ..)| urn.clone());
                Some(Expectation::Absent { place, id: known.unwrap_or_else(|| id.to_owned()) })
            }
            "case" => {
                let case = self.case_named(item, "case");
                let workflow = case.as_ref().map(|(_, workflow)| workflow.clone());
                let wanted = self.wanted(item, &["case", "about"], CASE, workflow.as_deref());
                if wanted.is_empty() {
                    self.wrong(place, "nothing is expected of the case: `state: …`");
                }
                Some(Expectation::Case { place, case: case?.0, wanted })
            }
            "alert" => {
                let alert = self.alert_named(item, "alert");
                let wanted = self.wanted(item, &["alert", "about"], ALERT, None);
                if wanted.is_empty() {
                    self.wrong(place, "nothing is expected of the alert: `state: …`");
                }
                Some(Expectation::Alert { place, alert: alert?, wanted })
            }
            "cases" => {
                let workflow = self.workflow(item, "cases");
                let about = self.about(item);
                let wanted = self.wanted(item, &["cases", "about", "count"], CASE, workflow.as_deref());
                let count = self.counted(item, "count");
                let workflow = workflow?.id.clone();
                Some(Expectation::Cases { place, workflow, about, wanted, count: count? })
            }
            "alerts" => {
                let (rule, about) = (self.rule(item, "alerts"), self.about(item));
                let mut wanted = self.wanted(item, &["alerts", "about"], ALERT, None);
                // Here `count` says how many alerts, not how often one was repeated.
                wanted.retain(|w| w.name != "count");
                let count = self.counted(item, "count");
                Some(Expectation::Alerts { place, rule: rule?, about, wanted, count: count? })
            }
            "fired" => {
                self.members(item, &["fired", "about", "times"]);
                let (rule, about) = (self.rule(item, "fired"), self.about(item));
                let times = self.counted(item, "times");
                Some(Expectation::Fired { place, rule: rule?, about, times: times? })
            }
            _ => self.notices(item),
        }
    }

    fn notices(&mut self, item: &Node) -> Option<Expectation> {
        self.members(item, &["notices", "about", "says", "count"]);
        let text = self.text(item, "notices")?;
        let holder = post(&text);
        let role = holder.as_ref().and_then(|h| h.roles.first().cloned()).unwrap_or_else(|| text.clone());
        self.role(&role, item.key_place("notices"));
        let called = item.text_of("about").filter(|about| self.cases.iter().any(|(name, _)| name == about));
        let about = match called {
            Some(name) => Some(Subject::Case(crate::scenario::CaseRef::Named(name.to_owned()))),
            None => self.about(item).map(Subject::Entity),
        };
        let says = self.text(item, "says");
        let count = self.counted(item, "count")?;
        let organisation = holder.and_then(|h| h.organisation);
        Some(Expectation::Notices { place: item.at, role, organisation, about, says, count })
    }

    fn counted(&mut self, item: &Node, key: &str) -> Option<u64> {
        if item.get(key).is_none() {
            self.wrong(item.at, format!("how many is missing: `{key}: 1`"));
        }
        self.number(item, key)
    }

    /// What is said of a case or an alert.
    fn wanted(
        &mut self,
        item: &Node,
        own: &[&str],
        forms: &[(&str, Form)],
        workflow: Option<&Workflow>,
    ) -> Vec<Wanted> {
        let names: Vec<&str> = own.iter().copied().chain(forms.iter().map(|(name, _)| *name)).collect();
        self.members(item, &names);
        let mut wanted = Vec::new();
        for (key, node) in item.members().iter().filter(|(key, _)| !own.contains(&key.name.as_str())) {
            let Some((name, form)) = forms.iter().find(|(name, _)| *name == key.name) else { continue };
            let value = match node.value {
                Yaml::Null => Some(Json::Null),
                _ => self.read(item, name, node, *form, workflow),
            };
            wanted.extend(value.map(|value| Wanted { place: key.at, name: (*name).to_owned(), value }));
        }
        wanted
    }

    fn read(
        &mut self,
        item: &Node,
        name: &str,
        node: &Node,
        form: Form,
        workflow: Option<&Workflow>,
    ) -> Option<Json> {
        let at = item.key_place(name);
        match form {
            Form::Text => self.text(item, name).map(Json::from),
            Form::Organisation => self.local(item, name, "Organization", Expect::Accepted).map(Json::from),
            Form::Role => {
                let role = self.text(item, name)?;
                self.role(&role, at);
                Some(role.into())
            }
            Form::State => {
                let state = self.text(item, name)?;
                let (known, of): (Vec<&str>, &str) =
                    match (workflow, item.get("alert").or(item.get("alerts"))) {
                        (Some(w), _) => (w.def.states.keys().map(String::as_str).collect(), &w.id),
                        (None, Some(_)) => (ALERT_STATES.to_vec(), "alerts"),
                        // The workflow is not known, and that was said.
                        (None, None) => return None,
                    };
                if !known.contains(&state.as_str()) {
                    let help = did_you_mean_or_list(&state, &known);
                    let message = format!("`{of}` has no state `{state}`");
                    self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
                }
                Some(state.into())
            }
            Form::Instant => {
                // A day is its end in the district: so end terms that are counted in days.
                let text = self.text(item, name)?;
                let end = Instant::parse(&format!("{text}T23:59:59.999+08:00")).filter(|_| text.len() == 10);
                end.or_else(|| self.moment(item, name)).map(|at| at.to_string().into())
            }
            Form::Truth => {
                let found = node.boolean();
                if found.is_none() {
                    self.wrong(at, format!("`{name}` is `true` or `false`"));
                }
                found.map(Json::from)
            }
            Form::Count => self.number(item, name).map(Json::from),
            Form::Posts => Some(self.texts(item, name).into()),
            Form::Map => Some(self.map(item, name).into()),
        }
    }
}
