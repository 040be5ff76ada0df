//! What was expected beside what is there.

use nacre_model::Instant;
use serde_json::Value as Json;

use super::Run;
use crate::finding::Place;
use crate::scenario::{AlertRef, CaseRef, Expectation, Subject, Wanted};
use crate::written;

/// Most things listed in a message.
const LISTED: usize = 5;

impl Run<'_> {
    pub(super) fn expect(&mut self, expectation: &Expectation) {
        match expectation {
            Expectation::Absent { place, id } => {
                if self.world.exists(id) {
                    self.fail(*place, format!("`{id}` exists"));
                }
            }
            Expectation::Value { place, id, values } => {
                for (name, wanted) in values {
                    let found = self.world.value(id, name);
                    if !found.as_ref().is_some_and(|found| written::same(found, wanted)) {
                        let found = shown(found.as_ref().unwrap_or(&Json::Null));
                        self.fail(*place, format!("`{name}` of `{id}` is {found}, expected {wanted}"));
                    }
                }
            }
            Expectation::Case { place, case, wanted } => match self.case(case) {
                Err(why) => self.fail(*place, why),
                Ok(id) => {
                    let title = self.line(&id, "caseNumber");
                    self.compare(&format!("case {}", named(case, &title)), wanted, |run, name| {
                        run.of_case(&id, name)
                    });
                }
            },
            Expectation::Alert { place, alert, wanted } => match self.alert(alert) {
                Err(why) => self.fail(*place, why),
                Ok(id) => {
                    let title = self.line(&id, "name");
                    self.compare(&format!("alert `{title}`"), wanted, |run, name| run.of_alert(&id, name));
                }
            },
            Expectation::Cases { place, workflow, about, wanted, count } => {
                let all = self.cases(workflow, about.as_deref());
                let what = format!("cases of `{workflow}`{}", regarding(about.as_deref()));
                self.count(*place, &what, (&all, wanted, *count), "caseState", Run::of_case);
            }
            Expectation::Alerts { place, rule, about, wanted, count } => {
                let all = self.alerts(rule, about.as_deref());
                let what = format!("alerts of `{rule}`{}", regarding(about.as_deref()));
                self.count(*place, &what, (&all, wanted, *count), "alertState", Run::of_alert);
            }
            Expectation::Fired { place, rule, about, times } => {
                let found = self.world.fired(rule, about.as_deref());
                if found != *times {
                    let about = regarding(about.as_deref());
                    self.fail(*place, format!("`{rule}` fired {found} times{about}, expected {times}"));
                }
            }
            Expectation::Notices { place, role, organisation, about, says, count } => {
                let about = match about {
                    Some(Subject::Entity(id)) => Some(id.clone()),
                    Some(Subject::Case(case)) => match self.case(case) {
                        Ok(id) => Some(id),
                        Err(why) => return self.fail(*place, why),
                    },
                    None => None,
                };
                self.notices(
                    *place,
                    (role, organisation.as_deref(), about.as_deref()),
                    says.as_deref(),
                    *count,
                );
            }
        }
    }

    /// The case that is meant, or why there is none.
    pub(super) fn case(&self, case: &CaseRef) -> Result<String, String> {
        match case {
            CaseRef::Named(name) => {
                self.names.get(name).cloned().ok_or_else(|| format!("case `{name}` was not opened"))
            }
            CaseRef::Of { workflow, about } => self
                .cases(workflow, about.as_deref())
                .pop()
                .ok_or_else(|| format!("there is no case of `{workflow}`{}", regarding(about.as_deref()))),
        }
    }

    /// The alert that is meant, or why there is none.
    pub(super) fn alert(&self, alert: &AlertRef) -> Result<String, String> {
        match alert {
            AlertRef::Entity(id) if self.world.exists(id) => Ok(id.clone()),
            AlertRef::Entity(id) => Err(format!("there is no alert `{id}`")),
            AlertRef::Of { rule, about } => self
                .alerts(rule, about.as_deref())
                .pop()
                .ok_or_else(|| format!("there is no alert of `{rule}`{}", regarding(about.as_deref()))),
        }
    }

    fn is(&self, id: &str, attribute: &str, wanted: &str) -> bool {
        self.world.value(id, attribute).is_some_and(|v| v.as_str() == Some(wanted))
    }

    fn cases(&self, workflow: &str, about: Option<&str>) -> Vec<String> {
        let mut all = self.world.entities("Case");
        all.retain(|id| self.is(id, "workflow", workflow) && about.is_none_or(|a| self.is(id, "about", a)));
        all
    }

    fn alerts(&self, rule: &str, about: Option<&str>) -> Vec<String> {
        let mut all = self.world.entities("Alert");
        all.retain(|id| self.is(id, "rule", rule) && about.is_none_or(|a| self.is(id, "about", a)));
        all
    }

    fn line(&self, id: &str, attribute: &str) -> String {
        let found = self.world.value(id, attribute);
        found.as_ref().and_then(Json::as_str).unwrap_or(id).to_owned()
    }

    /// A member of an expectation about a case.
    fn of_case(&self, id: &str, name: &str) -> Json {
        let value = |attribute: &str| self.world.value(id, attribute).unwrap_or(Json::Null);
        let duty = |pointer: &str| value("duty").pointer(pointer).cloned().unwrap_or(Json::Null);
        let copies = |read: bool| -> Json {
            let all = duty("/copies");
            let all = all.as_array().into_iter().flatten().filter(|c| c.get("readAt").is_some() == read);
            all.filter_map(|c| c.get("to").cloned()).collect()
        };
        match name {
            "state" => value("caseState"),
            "title" => value("name"),
            "number" => value("caseNumber"),
            "organisation" => local(value("holderOrganisation")),
            "role" => duty("/holder/roles"),
            "person" => value("holderPerson"),
            "due" => value("dueAt"),
            "filed" => value("filedAt"),
            "closed" => value("closedAt"),
            "source" => value("reportSource"),
            "overdue" => or(duty("/late"), false),
            "overdueCount" => or(value("overdueCount"), 0),
            "urged" => or(duty("/urged"), 0),
            "reopened" => or(duty("/reopened"), 0),
            "asked" => duty("/ask/kind"),
            "read" => copies(true),
            "unread" => copies(false),
            "supervised" | "suspended" | "simulated" => or(value(name), false),
            other => value(other),
        }
    }

    /// A member of an expectation about an alert.
    fn of_alert(&self, id: &str, name: &str) -> Json {
        let value = |attribute: &str| self.world.value(id, attribute).unwrap_or(Json::Null);
        match name {
            "state" => value("alertState"),
            "title" => value("name"),
            "scheme" => value("severityScheme"),
            "group" => value("alertGroup"),
            "escalation" => or(value("escalation"), 0),
            "simulated" => or(value("simulated"), false),
            other => value(other),
        }
    }

    fn compare(&mut self, of: &str, wanted: &[Wanted], read: impl Fn(&Self, &str) -> Json) {
        for Wanted { place, name, value } in wanted {
            let found = read(self, name);
            if !fits(name, &found, value) {
                let (found, value) = (member(name, &found), member(name, value));
                self.fail(*place, format!("`{name}` of {of} is {found}, expected {value}"));
            }
        }
    }

    /// Counts those that are as wanted; says of all of them how they stand where the count is another.
    fn count(
        &mut self,
        place: Place,
        what: &str,
        (all, wanted, count): (&[String], &[Wanted], u64),
        state: &str,
        read: impl Fn(&Self, &str, &str) -> Json,
    ) {
        let as_wanted =
            |id: &&String| wanted.iter().all(|w| fits(&w.name, &read(self, id, &w.name), &w.value));
        let found = all.iter().filter(as_wanted).count() as u64;
        if found == count {
            return;
        }
        let lines = all.iter().map(|id| {
            let state = self.line(id, state);
            format!("`{}` {state}", self.line(id, "name"))
        });
        let message = format!("{found} {what}{}, expected {count}{}", such(wanted), listed(lines));
        self.fail(place, message);
    }

    fn notices(
        &mut self,
        place: Place,
        (role, organisation, about): (&str, Option<&str>, Option<&str>),
        says: Option<&str>,
        count: u64,
    ) {
        let all = self.world.entities("Notice");
        let text = |id: &str, attribute: &str| {
            let found = self.world.value(id, attribute);
            found.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned()
        };
        let told = |id: &&String| {
            text(id, "toRole").split('|').any(|r| r == role)
                && organisation.is_none_or(|o| text(id, "toOrganisation").rsplit(':').next() == Some(o))
                && about.is_none_or(|a| text(id, "about") == a)
                && says.is_none_or(|s| text(id, "name").contains(s) || text(id, "noticeText").contains(s))
        };
        let found = all.iter().filter(told).count() as u64;
        if found == count {
            return;
        }
        let lines = all.iter().map(|id| format!("{} `{}`", text(id, "toRole"), text(id, "name")));
        let message = format!("`{role}` was told {found} times, expected {count}{}", listed(lines));
        self.fail(place, message);
    }
}

/// What is there, a few of them.
fn listed(lines: impl Iterator<Item = String>) -> String {
    let mut lines: Vec<String> = lines.take(LISTED + 1).collect();
    if lines.is_empty() {
        return "; there are none".to_owned();
    }
    if lines.len() > LISTED {
        "…".clone_into(&mut lines[LISTED]);
    }
    format!("; there are: {}", lines.join(", "))
}

fn regarding(about: Option<&str>) -> String {
    about.map_or_else(String::new, |about| format!(" about `{about}`"))
}

fn named(case: &CaseRef, number: &str) -> String {
    match case {
        CaseRef::Named(name) => format!("`{name}`"),
        CaseRef::Of { workflow, .. } => format!("`{number}` of `{workflow}`"),
    }
}

fn or(found: Json, otherwise: impl Into<Json>) -> Json {
    if found.is_null() { otherwise.into() } else { found }
}

fn local(urn: Json) -> Json {
    urn.as_str().and_then(|u| u.splitn(4, ':').nth(3)).map_or(Json::Null, Json::from)
}

/// What is said of several, in words.
fn such(wanted: &[Wanted]) -> String {
    let said: Vec<String> =
        wanted.iter().map(|w| format!("`{}` {}", w.name, member(&w.name, &w.value))).collect();
    if said.is_empty() { String::new() } else { format!(" with {}", said.join(", ")) }
}

/// A member as people read it: instants by the clock of the district, as scenarios write them.
fn member(name: &str, json: &Json) -> String {
    let instant =
        json.as_str().filter(|_| matches!(name, "due" | "filed" | "closed")).and_then(Instant::parse);
    match instant {
        Some(at) => {
            let local = at.plus_ms(8 * 3_600_000).to_string();
            let short = local.strip_suffix(":00.000Z").unwrap_or_else(|| local.trim_end_matches('Z'));
            format!("{short}+08:00")
        }
        None => shown(json),
    }
}

fn shown(json: &Json) -> String {
    if json.is_null() { "nothing".to_owned() } else { json.to_string() }
}

/// Whether a member is as wanted: roles are one of several, posts a set, fields those that are named.
fn fits(name: &str, found: &Json, wanted: &Json) -> bool {
    match (name, found, wanted) {
        ("role", Json::Array(roles), Json::String(_)) => roles.contains(wanted),
        ("read" | "unread", Json::Array(found), Json::Array(wanted)) => {
            found.len() == wanted.len() && wanted.iter().all(|w| found.contains(w))
        }
        ("fields", _, Json::Object(wanted)) => {
            wanted.iter().all(|(k, v)| found.get(k).is_some_and(|f| written::same(f, v)))
        }
        _ => written::same(found, wanted),
    }
}
