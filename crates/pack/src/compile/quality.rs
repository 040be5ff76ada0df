//! `quality.yaml`, and whether the pack is what it claims to be.

use std::collections::BTreeSet;

use super::Located;
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::pack::Pack;
use crate::quality::{Quality, Tier};
use crate::schema::Schema;
use crate::yaml::Node;

pub(super) fn compile(file: &File, findings: &mut Findings) -> Quality {
    let Some(Located { tree, .. }) = Located::read(file, Schema::Quality, findings) else {
        return Quality::default();
    };
    let tier = tree.text_of("tier").and_then(Tier::parse).unwrap_or_default();
    let rules = tree.get("rules").map(Node::members).unwrap_or_default();
    let rules = rules.iter().map(|(key, node)| (key.name.clone(), node.text_of("exempt").map(str::to_owned)));
    Quality { tier, rules: rules.collect() }
}

pub(super) fn check(shown: &str, pack: &Pack, files: &[File], findings: &mut Findings) {
    let quality = &pack.quality;
    let file = files.iter().find(|file| file.path == "quality.yaml").map_or(shown, |file| &file.shown);
    uncovered(shown, pack, findings);
    let mut needed: Vec<&str> = Vec::new();
    if quality.tier >= Tier::Working {
        needed.extend(["readme", "texts", "views", "sample", "scenarios"]);
    }
    if quality.tier >= Tier::Trusted {
        needed.extend(["sources", "owner", "upgrade-tested"]);
    }
    for rule in needed.iter().filter(|rule| !quality.answers(rule)) {
        let message =
            format!("tier asks for `{rule}`: write `{rule}: done` or `{rule}: {{ exempt: reason }}`");
        findings.push(code::QUALITY, file, Place::START, message);
    }
    let done = |rule: &str| quality.answers(rule) && !quality.exempt(rule);
    let hollow = [
        ("views", pack.views.is_empty() && !pack.types.is_empty()),
        ("sources", pack.sources.is_empty()),
        ("owner", pack.owner.is_empty()),
        ("texts", pack.text.is_empty() && !pack.views.is_empty()),
    ];
    for (rule, _) in hollow.into_iter().filter(|(rule, empty)| *empty && done(rule)) {
        findings.push(code::QUALITY, file, Place::START, format!("`{rule}` is marked done, there is none"));
    }
}

/// Types, workflows, their rows and rules without scenario, types without sample, and views that no sample fills.
fn uncovered(shown: &str, pack: &Pack, findings: &mut Findings) {
    let told: BTreeSet<&str> = pack.scenarios.values().flat_map(|scenario| scenario.types()).collect();
    let (skip_scenarios, skip_sample) = (pack.quality.exempt("scenarios"), pack.quality.exempt("sample"));
    for def in pack.types.values() {
        let file = format!("{shown}/types/{}.yaml", def.file_stem);
        if !skip_scenarios && !told.contains(def.name.as_str()) {
            let message = format!("no scenario is about `{}`", def.name);
            findings.push(code::NO_SCENARIO, &file, Place::START, message);
        }
        if !skip_sample && !pack.rows.iter().any(|row| row.entity_type == def.name) {
            findings.push(
                code::NO_SAMPLE,
                &file,
                Place::START,
                format!("there is no sample of `{}`", def.name),
            );
        }
    }
    let named: BTreeSet<&str> = pack.scenarios.values().flat_map(|scenario| scenario.names()).collect();
    let workflows = pack.workflows.iter().map(|(stem, w)| ("workflow", stem, w.id.as_str()));
    let rules = pack.rules.iter().map(|(stem, (rule, _))| ("rules", stem, rule.id()));
    for (shelf, stem, id) in workflows.chain(rules).filter(|(.., id)| !skip_scenarios && !named.contains(id))
    {
        let file = format!("{shown}/{shelf}/{stem}.yaml");
        findings.push(code::NO_SCENARIO, &file, Place::START, format!("no scenario is about `{id}`"));
    }
    let done: BTreeSet<_> = pack.scenarios.values().flat_map(|scenario| scenario.verbs()).collect();
    for (stem, workflow) in
        pack.workflows.iter().filter(|(_, w)| !skip_scenarios && named.contains(w.id.as_str()))
    {
        let file = format!("{shown}/workflow/{stem}.yaml");
        for row in workflow.def.rows.iter().filter(|r| !done.contains(&(workflow.id.as_str(), &r.command))) {
            let message = format!("no scenario does `{}` of `{}`", row.command, workflow.id);
            findings.push(code::NO_SCENARIO, &file, Place::START, message);
        }
    }
    if skip_sample {
        return;
    }
    for (name, view) in &pack.views {
        let rows: Vec<_> = pack.rows.iter().filter(|row| row.entity_type == view.entity_type).collect();
        if rows.is_empty() {
            continue;
        }
        let filled: BTreeSet<&str> =
            rows.iter().flat_map(|row| row.attributes.iter().map(|(name, _)| name.as_str())).collect();
        let fields: BTreeSet<&str> = view.fields().into_iter().collect();
        for field in fields.difference(&filled) {
            let message = format!("no sample row has a value for `{field}`");
            findings.push(code::EMPTY_VIEW, &format!("{shown}/views/{name}.yaml"), Place::START, message);
        }
    }
}
