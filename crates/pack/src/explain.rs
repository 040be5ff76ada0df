//! `nacre pack explain`: a pack as text that people read, a code as its page.

use std::fmt::Write as _;

use crate::code::Code;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::scenario::{Expectation, Scenario, StepAction};
use crate::type_def::{AttributeDef, Kind, TextRule, TypeDef};

/// The page of a code, or the nearest code when there is none with that name.
pub fn code(name: &str) -> Result<&'static str, Option<String>> {
    let slug = name.strip_prefix("pack/").unwrap_or(name);
    let known = Code::all().iter().filter_map(|code| code.name().strip_prefix("pack/"));
    Code::find(name).map(Code::page).ok_or_else(|| did_you_mean(slug, known))
}

/// The whole pack as Markdown.
pub fn pack(pack: &Pack) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "# {} · {}\n\n`{}` {}\n", pack.title.zh, pack.title.en, pack.name, pack.version);
    let _ = writeln!(out, "{}\n\n{}\n", pack.description.zh, pack.description.en);
    if !pack.systems.is_empty() {
        let systems: Vec<String> = pack.systems.iter().map(ToString::to_string).collect();
        let _ = writeln!(out, "Systems of the plan: {}\n", systems.join(", "));
    }
    for def in pack.types.values() {
        entity_type(&mut out, def);
    }
    for list in pack.codes.values() {
        let _ =
            writeln!(out, "## `{}` {} · {}\n\n{}\n", list.name, list.title.zh, list.title.en, list.standard);
        table(
            &mut out,
            &["code", "中文", "English"],
            list.codes.iter().map(|c| vec![format!("`{}`", c.code), c.title.zh.clone(), c.title.en.clone()]),
        );
    }
    for (name, scenario) in &pack.scenarios {
        story(&mut out, name, scenario);
    }
    if !pack.sources.is_empty() {
        let _ = writeln!(out, "## Sources\n");
        for source in &pack.sources {
            let details = [&source.url, &source.licence, &source.as_of, &source.note];
            let details: Vec<&str> = details.into_iter().flatten().map(String::as_str).collect();
            let _ = writeln!(
                out,
                "- {}{}{}",
                source.title,
                if details.is_empty() { "" } else { " · " },
                details.join(" · ")
            );
        }
    }
    out
}

fn entity_type(out: &mut String, def: &TypeDef) {
    let _ = writeln!(
        out,
        "## `{}` {} · {}\n\n{}\n\n{}\n",
        def.name, def.title.zh, def.title.en, def.description.zh, def.description.en
    );
    table(
        out,
        &["attribute", "中文", "English", "value", "must", "shown to"],
        def.attributes.iter().map(|a| {
            let index = if a.index { " ⌕" } else { "" };
            vec![
                format!("`{}`{index}", a.name),
                a.title.zh.clone(),
                a.title.en.clone(),
                value(a),
                if a.required { "✓" } else { "" }.to_owned(),
                a.classification.name().to_owned(),
            ]
        }),
    );
}

fn value(def: &AttributeDef) -> String {
    let mut text = match &def.kind {
        Kind::Number { unit, min, max, .. } => {
            let mut text = def.kind.name().to_owned();
            if let Some(unit) = unit {
                let _ = write!(text, " {} ({})", unit.symbol, unit.code);
            }
            match (min, max) {
                (Some(min), Some(max)) => write!(text, ", {min} to {max}"),
                (Some(min), None) => write!(text, ", from {min}"),
                (None, Some(max)) => write!(text, ", up to {max}"),
                (None, None) => Ok(()),
            }
            .ok();
            text
        }
        Kind::Text(TextRule::Codes(list)) => format!("code of `{}`", list.name),
        Kind::Text(TextRule::Enum(words)) => words.join(", "),
        Kind::Text(TextRule::Pattern(pattern)) => format!("text `{}`", pattern.as_str().replace('|', "\\|")),
        Kind::Relationship { to } if !to.is_empty() => format!("→ {}", to.join(", ")),
        kind => kind.name().to_owned(),
    };
    if def.many {
        text.push_str(", several");
    }
    text
}

fn story(out: &mut String, name: &str, scenario: &Scenario) {
    let _ = writeln!(out, "## {}\n\n`{name}`\n", scenario.story);
    for entity in &scenario.given {
        let _ = writeln!(out, "- given `{}`", entity.id);
    }
    for step in &scenario.when {
        let at = step.at.map_or_else(String::new, |at| format!("at {at} "));
        let what = match &step.action {
            StepAction::Create(entity) => format!("create `{}`", entity.id),
            StepAction::Observe { id, attributes } => {
                let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
                format!("observe {} of `{id}`", names.join(", "))
            }
            StepAction::Wait { ms } => format!("wait {} min", ms / 60_000),
        };
        let refused = step.refused.map_or_else(String::new, |r| format!(", refused for `{}`", r.name()));
        let _ = writeln!(out, "- {at}{what}{refused}");
    }
    for expectation in &scenario.then {
        match expectation {
            Expectation::Absent { id, .. } => {
                let _ = writeln!(out, "- then there is no `{id}`");
            }
            Expectation::Value { id, values, .. } => {
                let values: Vec<String> =
                    values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
                let _ = writeln!(out, "- then `{id}` has {}", values.join(", "));
            }
        }
    }
    out.push('\n');
}

fn table(out: &mut String, head: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}
