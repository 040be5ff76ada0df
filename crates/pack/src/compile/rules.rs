//! `rules/*.yaml`.

use std::sync::Arc;

use nacre_rules::definition::{RuleDef, ThenDef};
use nacre_rules::{Options, Rule};

use super::text::Texts;
use super::{Located, Scope, on_shelf};
use crate::code;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::schema::Schema;

/// Minutes the district is ahead of UTC.
const OFFSET_MINUTES: i32 = 480;

pub(super) fn compile(
    files: &[File],
    scope: &Scope,
    pack: &mut Pack,
    words: &mut Texts,
    findings: &mut Findings,
) {
    let functions = crate::capabilities::functions();
    let options = Options { offset_minutes: OFFSET_MINUTES, functions: &functions };
    for file in on_shelf(files, "rules") {
        let Some(Located { tree, .. }) = Located::read(file, Schema::Rule, findings) else { continue };
        // What does not fit was reported by the schema.
        let Ok(def) = serde_json::from_value::<RuleDef>(tree.to_json()) else { continue };
        words.use_key(&def.title, &file.shown, tree.key_place("title"), findings);
        check(&def, file, &tree, scope, pack, findings);
        match Rule::compile(&format!("{}.{}", pack.name, file.stem()), def, &options) {
            Ok(rule) => {
                let text = Arc::from(file.text.as_str());
                pack.rules.insert(file.stem().to_owned(), (Arc::new(rule), text));
            }
            Err(complaints) => {
                for complaint in complaints {
                    let at = tree.place_of(&complaint.path);
                    findings.push(code::BAD_RULE, &file.shown, at, complaint.message_en);
                }
            }
        }
    }
}

/// What a rule names must be there.
fn check(
    def: &RuleDef,
    file: &File,
    tree: &crate::yaml::Node,
    scope: &Scope,
    pack: &Pack,
    findings: &mut Findings,
) {
    let at = tree.place_of("/on/type");
    let Some(kind) = scope.type_or_report(&def.on.kind, &file.shown, at, findings) else { return };
    let named = def.attributes.iter().flatten().enumerate().map(|(i, a)| (format!("/attributes/{i}"), a));
    let window = def.window.iter().map(|w| ("/window/attribute".to_owned(), &w.attribute));
    let absence = def.absence.iter().map(|a| ("/absence/attribute".to_owned(), &a.attribute));
    let fence = def.geofence.iter().map(|g| ("/geofence/attribute".to_owned(), &g.attribute));
    let set = def.then.iter().enumerate().filter_map(|(i, then)| match then {
        ThenDef::Set(set) => Some((format!("/then/{i}/set/attribute"), &set.attribute)),
        _ => None,
    });
    for (pointer, attribute) in named.chain(window).chain(absence).chain(fence).chain(set) {
        if kind.attribute(attribute).is_none() {
            let help = did_you_mean(attribute, kind.attributes.iter().map(|a| a.name.as_str()));
            let message = format!("`{}` has no attribute `{attribute}`", kind.name);
            findings.push_with_help(code::BAD_RULE, &file.shown, tree.place_of(&pointer), message, help);
        }
    }
    let posts =
        || pack.roles.iter().chain(scope.needs.iter().flat_map(|p| &p.roles)).filter(|r| r.level.is_some());
    let flows = || {
        let own = pack.workflows.values();
        own.chain(scope.needs.iter().flat_map(|p| p.workflows.values())).map(|w| w.id.as_str())
    };
    for (i, then) in def.then.iter().enumerate() {
        match then {
            ThenDef::Notify(notify) if !posts().any(|r| r.name == notify.role) => {
                let help = did_you_mean(&notify.role, posts().map(|r| r.name.as_str()));
                let at = tree.place_of(&format!("/then/{i}/notify/role"));
                let message = format!("`{}` is no post of access.yaml", notify.role);
                findings.push_with_help(code::BAD_RULE, &file.shown, at, message, help);
            }
            ThenDef::Case(case) if !flows().any(|w| w == case.workflow) => {
                let help = did_you_mean(&case.workflow, flows());
                let at = tree.place_of(&format!("/then/{i}/case/workflow"));
                let message = format!("there is no workflow `{}`", case.workflow);
                findings.push_with_help(code::BAD_RULE, &file.shown, at, message, help);
            }
            _ => {}
        }
    }
}
