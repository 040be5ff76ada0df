//! `indicators/*.yaml`, `status.yaml` and `lights.yaml`.

use std::collections::BTreeSet;

use nacre_indicators::definition::Indicator;
use nacre_indicators::formula::Formula;
use serde::de::DeserializeOwned;

use super::{Located, Scope, on_shelf};
use crate::code;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::schema::Schema;
use crate::yaml::Node;

pub(super) fn compile(files: &[File], scope: &Scope, pack: &mut Pack, findings: &mut Findings) {
    let stems: BTreeSet<String> = on_shelf(files, "indicators").map(|f| f.stem().to_owned()).collect();
    let known = |id: &str| stems.contains(id) || scope.needs.iter().any(|p| p.indicators.contains_key(id));
    for file in on_shelf(files, "indicators") {
        let Some(Located { tree, .. }) = Located::read(file, Schema::Indicator, findings) else { continue };
        let Some(mut indicator) = typed::<Indicator>(&tree) else { continue };
        indicator.id = file.stem().to_owned();
        for fault in indicator.faults(&known) {
            let at = tree.place_of(&fault.pointer);
            findings.push(code::BAD_INDICATOR, &file.shown, at, fault.why);
        }
        for (key, list, value) in
            [("group", "indicator-group", &indicator.group), ("unit", "plan-unit", &indicator.unit)]
        {
            let Some(codes) = scope.code_list(list) else { continue };
            if codes.find(value).is_none() {
                let help = did_you_mean(value, codes.codes.iter().map(|c| c.code.as_str()));
                let message = format!("`{value}` is no code of `{list}`");
                let at = tree.place_of(&format!("/{key}"));
                findings.push_with_help(code::BAD_INDICATOR, &file.shown, at, message, help);
            }
        }
        pack.indicators.insert(indicator.id.clone(), indicator);
    }
    if let Some((rules, file, tree)) = rules(files, "status.yaml", Schema::Status, findings) {
        pack.status_rules = rules;
        conditions(file, &tree, pack.status_rules.iter().map(|r| r.when.as_str()), findings);
    }
    if let Some((rules, file, tree)) = rules(files, "lights.yaml", Schema::Lights, findings) {
        pack.light_rules = rules;
        conditions(file, &tree, pack.light_rules.iter().map(|r| r.when.as_str()), findings);
    }
}

/// The tree as a value of ours; what does not fit the schema was reported.
fn typed<T: DeserializeOwned>(tree: &Node) -> Option<T> {
    serde_json::from_value(tree.to_json()).ok()
}

fn rules<'a, T: DeserializeOwned>(
    files: &'a [File],
    name: &str,
    schema: Schema,
    findings: &mut Findings,
) -> Option<(Vec<T>, &'a File, Node)> {
    let file = files.iter().find(|file| file.path == name)?;
    let Located { tree, .. } = Located::read(file, schema, findings)?;
    let rules = typed(tree.get("rules")?)?;
    Some((rules, file, tree))
}

fn conditions<'a>(
    file: &File,
    tree: &Node,
    conditions: impl Iterator<Item = &'a str>,
    findings: &mut Findings,
) {
    for (i, when) in conditions.enumerate() {
        if let Err(error) = Formula::parse(when) {
            let at = tree.place_of(&format!("/rules/{i}/when"));
            findings.push(code::BAD_INDICATOR, &file.shown, at, error.to_string());
        }
    }
}
