//! `pack.yaml`.

use std::collections::BTreeMap;

use super::{Located, Scope, texts, words};
use crate::code;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::{Pack, Source};
use crate::quality::Quality;
use crate::schema::Schema;
use crate::yaml::{Node, Yaml};

/// The plan names systems 1 to 113.
const SYSTEMS: std::ops::RangeInclusive<i64> = 1..=113;

pub(super) fn compile<'a>(
    name: &str,
    files: &'a [File],
    findings: &mut Findings,
) -> Option<(Pack, Located<'a>)> {
    let file = files.iter().find(|file| file.path == "pack.yaml")?;
    let manifest = Located::read(file, Schema::Pack, findings)?;
    let tree = &manifest.tree;
    let mut systems = Vec::new();
    for item in tree.get("systems").into_iter().flat_map(Node::items) {
        match item.value {
            Yaml::Int(n) if SYSTEMS.contains(&n) => systems.extend(u16::try_from(n)),
            Yaml::Int(n) => {
                let message = format!("the plan has no system `{n}`, they are numbered 1 to 113");
                findings.push(code::UNKNOWN_SYSTEM, &file.shown, item.at, message);
            }
            _ => {}
        }
    }
    let pack = Pack {
        name: name.to_owned(),
        title: words(tree.get("title")).unwrap_or_default(),
        description: words(tree.get("description")).unwrap_or_default(),
        version: tree.text_of("version").unwrap_or_default().to_owned(),
        owner: tree.text_of("owner").unwrap_or_default().to_owned(),
        needs: texts(tree.get("needs")),
        systems,
        sources: tree.get("sources").map(sources).unwrap_or_default(),
        types: BTreeMap::new(),
        codes: BTreeMap::new(),
        fragments: BTreeMap::new(),
        text: BTreeMap::new(),
        views: BTreeMap::new(),
        roles: Vec::new(),
        indicators: BTreeMap::new(),
        status_rules: Vec::new(),
        light_rules: Vec::new(),
        workflows: BTreeMap::new(),
        feeds: BTreeMap::new(),
        rules: BTreeMap::new(),
        escalation: Vec::new(),
        calendar: None,
        scenarios: BTreeMap::new(),
        quality: Quality::default(),
        rows: Vec::new(),
    };
    Some((pack, manifest))
}

/// Sources as `pack.yaml` and `district.yaml` list them.
pub(crate) fn sources(node: &Node) -> Vec<Source> {
    let of = |item: &Node| {
        let text = |key: &str| item.text_of(key).map(str::to_owned);
        Some(Source {
            title: text("title")?,
            url: text("url"),
            licence: text("licence"),
            as_of: text("asOf"),
            note: text("note"),
        })
    };
    node.items().iter().filter_map(of).collect()
}

/// The owner is a kind of organisation of `_common`, where that pack is in reach.
pub(super) fn check_owner(pack: &Pack, manifest: &Located<'_>, scope: &Scope, findings: &mut Findings) {
    let Some(kinds) = scope.code_list("org-kind") else { return };
    if !pack.owner.is_empty() && kinds.find(&pack.owner).is_none() {
        let help = did_you_mean(&pack.owner, kinds.codes.iter().map(|c| c.code.as_str()));
        let at = manifest.tree.key_place("owner");
        let message = format!("`{}` is no kind of organisation of `org-kind`", pack.owner);
        findings.push_with_help(code::BAD_VALUE, &manifest.file.shown, at, message, help);
    }
}
