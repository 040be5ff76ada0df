//! A scenario as a list.

use std::fmt::Write as _;

use serde_json::Value as Json;

use crate::scenario::{AlertRef, CaseRef, Expectation, Scenario, StepAction, Subject, Wanted};

pub(super) fn story(out: &mut String, name: &str, scenario: &Scenario) {
    let _ = writeln!(out, "## {}\n\n`{name}`\n", scenario.story);
    for entity in &scenario.given {
        let _ = writeln!(out, "- given `{}`", entity.id);
    }
    for step in &scenario.when {
        let at = step.at.map_or_else(String::new, |at| format!("at {at} "));
        let refused = step.refused.map_or_else(String::new, |r| format!(", refused for `{}`", r.name()));
        match &step.action {
            StepAction::Then(expectations) => {
                for expectation in expectations {
                    let _ = writeln!(out, "- {at}then {}", expected(expectation));
                }
            }
            action => {
                let _ = writeln!(out, "- {at}{}{refused}", done(action));
            }
        }
    }
    for expectation in &scenario.then {
        let _ = writeln!(out, "- then {}", expected(expectation));
    }
    out.push('\n');
}

fn done(action: &StepAction) -> String {
    match action {
        StepAction::Create(entity) => format!("create `{}`", entity.id),
        StepAction::Observe { id, attributes } => {
            let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
            format!("observe {} of `{id}`", names.join(", "))
        }
        StepAction::Report { device, payload } => format!("`{device}` reports `{payload}`"),
        StepAction::Wait { ms } => format!("wait {} min", ms / 60_000),
        StepAction::Open(step) => {
            let name = step.name.as_ref().map_or_else(String::new, |name| format!(" as `{name}`"));
            let workflow = &step.opening.workflow;
            format!("`{}` opens a case of `{workflow}`{name}: {}", step.by.actor, step.opening.title)
        }
        StepAction::Act(step) => {
            format!("`{}` does `{}` on the case {}", step.by.actor, step.verb, case(&step.case))
        }
        StepAction::Alert(step) => {
            format!("`{}` does `{}` on the alert {}", step.by.actor, step.verb, alert(&step.alert))
        }
        StepAction::Then(_) => String::new(),
    }
}

fn expected(expectation: &Expectation) -> String {
    let about = |about: &Option<String>| about.as_ref().map_or_else(String::new, |a| format!(" about `{a}`"));
    match expectation {
        Expectation::Absent { id, .. } => format!("there is no `{id}`"),
        Expectation::Value { id, values, .. } => {
            let values: Vec<String> =
                values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
            format!("`{id}` has {}", values.join(", "))
        }
        Expectation::Case { case: one, wanted, .. } => format!("the case {} has {}", case(one), list(wanted)),
        Expectation::Alert { alert: one, wanted, .. } => {
            format!("the alert {} has {}", alert(one), list(wanted))
        }
        Expectation::Cases { workflow, about: of, wanted, count, .. } => {
            format!("there are {count} cases of `{workflow}`{}{}", about(of), such(wanted))
        }
        Expectation::Alerts { rule, about: of, wanted, count, .. } => {
            format!("there are {count} alerts of `{rule}`{}{}", about(of), such(wanted))
        }
        Expectation::Fired { rule, about: of, times, .. } => {
            format!("`{rule}` fired {times} times{}", about(of))
        }
        Expectation::Notices { role, organisation, about: of, says, count, .. } => {
            let to = organisation.as_ref().map_or_else(|| role.clone(), |o| format!("{role}@{o}"));
            let of = match of {
                Some(Subject::Case(one)) => format!(" about the case {}", case(one)),
                Some(Subject::Entity(id)) => format!(" about `{id}`"),
                None => String::new(),
            };
            let says = says.as_ref().map_or_else(String::new, |s| format!(", “{s}”"));
            format!("`{to}` was told {count} times{of}{says}")
        }
    }
}

fn case(case: &CaseRef) -> String {
    match case {
        CaseRef::Named(name) => format!("`{name}`"),
        CaseRef::Of { workflow, about } => of(workflow, about.as_deref()),
    }
}

fn alert(alert: &AlertRef) -> String {
    match alert {
        AlertRef::Entity(id) => format!("`{id}`"),
        AlertRef::Of { rule, about } => of(rule, about.as_deref()),
    }
}

fn of(name: &str, about: Option<&str>) -> String {
    about.map_or_else(|| format!("of `{name}`"), |about| format!("of `{name}` about `{about}`"))
}

fn such(wanted: &[Wanted]) -> String {
    if wanted.is_empty() { String::new() } else { format!(" with {}", list(wanted)) }
}

fn list(wanted: &[Wanted]) -> String {
    let one = |w: &Wanted| match &w.value {
        Json::Null => format!("no {}", w.name),
        value => format!("{} = {value}", w.name),
    };
    wanted.iter().map(one).collect::<Vec<_>>().join(", ")
}
