//! `types/*.yaml` and `fragments/*.yaml`.

use std::sync::Arc;

use super::{Located, Scope, attributes, placed_texts, words};
use crate::code;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::schema::Schema;
use crate::type_def::{AttributeDef, Classification, TypeDef};
use crate::yaml::Node;

/// `water-section` → `WaterSection`.
pub(crate) fn pascal(stem: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    stem.split('-').map(word).collect()
}

pub(super) fn compile_fragment(file: &File, scope: &mut Scope, findings: &mut Findings) {
    let Some(Located { tree, .. }) = Located::read(file, Schema::Fragment, findings) else {
        scope.unread.insert(file.stem().to_owned());
        return;
    };
    let context = attributes::Context {
        file: &file.shown,
        scope,
        own_types: &[],
        classification: Classification::Internal,
    };
    let members = tree.get("attributes").map(Node::members).unwrap_or_default();
    let made = members.iter().map(|(key, node)| attributes::compile(&context, key, node, findings)).collect();
    scope.fragments.insert(file.stem().to_owned(), Arc::new(made));
}

pub(super) fn compile_all<'a>(
    pack: &str,
    files: impl Iterator<Item = &'a File>,
    scope: &mut Scope,
    findings: &mut Findings,
) {
    let mut read: Vec<(Located<'a>, String)> = Vec::new();
    for file in files {
        let Some(located) = Located::read(file, Schema::Type, findings) else {
            scope.unread.extend([file.stem().to_owned(), pascal(file.stem())]);
            continue;
        };
        let name = located.tree.text_of("type").map_or_else(|| pascal(file.stem()), str::to_owned);
        let elsewhere = scope.entity_type(&name).map(|known| known.pack.clone());
        if elsewhere.is_some() || read.iter().any(|(_, known)| *known == name) {
            let owner = elsewhere.unwrap_or_else(|| pack.to_owned());
            let message = format!("type `{name}` is defined in `{owner}` already");
            findings.push(code::DUPLICATE_TYPE, &file.shown, located.tree.at, message);
            continue;
        }
        read.push((located, name));
    }
    let own_types: Vec<String> = read.iter().map(|(_, name)| name.clone()).collect();
    let compiled: Vec<TypeDef> = read
        .iter()
        .map(|(located, name)| compile(pack, located, name, &own_types, scope, findings))
        .collect();
    scope.types.extend(compiled.into_iter().map(|def| (def.name.clone(), Arc::new(def))));
}

fn compile(
    pack: &str,
    located: &Located<'_>,
    name: &str,
    own_types: &[String],
    scope: &Scope,
    findings: &mut Findings,
) -> TypeDef {
    let Located { file, tree } = located;
    let own_classification = tree.text_of("classification").and_then(Classification::parse);
    let classification = own_classification.unwrap_or(Classification::Internal);
    let context = attributes::Context { file: &file.shown, scope, own_types, classification };
    let mut all: Vec<AttributeDef> = Vec::new();
    for (fragment, at) in placed_texts(tree.get("use")) {
        let Some(shared) = scope.fragment(fragment) else {
            if scope.unread.contains(fragment) {
                continue;
            }
            let help = did_you_mean(fragment, scope.fragment_names());
            let message = format!("there is no fragment `{fragment}`");
            findings.push_with_help(code::UNKNOWN_FRAGMENT, &file.shown, at, message, help);
            continue;
        };
        for def in shared.iter() {
            if all.iter().any(|known| known.name == def.name) {
                let message = format!("attribute `{}` comes from two fragments", def.name);
                findings.push(code::DUPLICATE_ATTRIBUTE, &file.shown, at, message);
                continue;
            }
            // A fragment says nothing of who may see it unless it must; the type does.
            let mut def = def.clone();
            if def.classification == Classification::Internal {
                def.classification = classification;
            }
            all.push(def);
        }
    }
    for (key, node) in tree.get("attributes").map(Node::members).unwrap_or_default() {
        let def = attributes::compile(&context, key, node, findings);
        if all.iter().any(|known| known.name == def.name) {
            let message = format!("attribute `{}` comes from a fragment already", def.name);
            findings.push(code::DUPLICATE_ATTRIBUTE, &file.shown, key.at, message);
        } else {
            all.push(def);
        }
    }
    let label = tree.text_of("label").unwrap_or("name");
    let label = all.iter().any(|def| def.name == label).then(|| label.to_owned());
    if let (None, Some(written)) = (&label, tree.text_of("label")) {
        let help = did_you_mean(written, all.iter().map(|def| def.name.as_str()));
        let message = format!("`{name}` has no attribute `{written}`");
        findings.push_with_help(code::UNKNOWN_ATTRIBUTE, &file.shown, tree.key_place("label"), message, help);
    }
    TypeDef {
        name: name.to_owned(),
        file_stem: file.stem().to_owned(),
        pack: pack.to_owned(),
        title: words(tree.get("title")).unwrap_or_default(),
        description: words(tree.get("description")).unwrap_or_default(),
        model: tree.text_of("model").map(str::to_owned),
        source: tree.text_of("source").map(str::to_owned),
        governed: tree
            .get("governed")
            .is_some_and(|node| matches!(node.value, crate::yaml::Yaml::Bool(true))),
        label,
        attributes: all,
    }
}
