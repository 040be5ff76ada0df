//! `access.yaml`.

use super::text::Texts;
use super::{Located, Scope, placed_texts, texts};
use crate::access::{Action, Grant, Role};
use crate::finding::Findings;
use crate::folder::File;
use crate::schema::Schema;
use crate::type_def::Classification;
use crate::yaml::Node;

pub(super) fn compile(file: &File, scope: &Scope, words: &mut Texts, findings: &mut Findings) -> Vec<Role> {
    let Some(Located { tree, .. }) = Located::read(file, Schema::Access, findings) else { return Vec::new() };
    let mut roles = Vec::new();
    for (key, node) in tree.get("roles").map(Node::members).unwrap_or_default() {
        let title = node.text_of("title").unwrap_or_default().to_owned();
        words.use_key(&title, &file.shown, node.key_place("title"), findings);
        let mut grants = Vec::new();
        for item in node.get("may").into_iter().flat_map(Node::items) {
            let known = placed_texts(item.get("types"))
                .filter_map(|(name, at)| scope.type_or_report(name, &file.shown, at, findings));
            let types = known.map(|def| def.name.clone()).collect();
            let mut classifications: Vec<Classification> = texts(item.get("classifications"))
                .iter()
                .filter_map(|name| Classification::parse(name))
                .collect();
            if item.get("classifications").is_none() {
                classifications = vec![Classification::Public, Classification::Internal];
            }
            let actions = texts(item.get("do")).iter().filter_map(|name| Action::parse(name)).collect();
            grants.push(Grant { actions, types, classifications });
        }
        roles.push(Role {
            name: key.name.clone(),
            title,
            grants,
            level: node.text_of("level").map(str::to_owned),
            verbs: texts(node.get("verbs")),
            organisations: texts(node.get("organisations")),
        });
    }
    roles
}
