//! `codes/*.yaml`.

use std::sync::Arc;

use time::Date;

use super::{Located, Scope, words};
use crate::code;
use crate::code_list::{CodeEntry, CodeList};
use crate::entity_check::parse_date;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::schema::Schema;
use crate::units::{self, Unit};
use crate::yaml::Node;

pub(super) fn compile(file: &File, scope: &mut Scope, findings: &mut Findings) {
    let Some(Located { tree, .. }) = Located::read(file, Schema::Codes, findings) else {
        scope.unread.insert(file.stem().to_owned());
        return;
    };
    let shown = &file.shown;
    let mut codes: Vec<CodeEntry> = Vec::new();
    for item in tree.get("codes").into_iter().flat_map(Node::items) {
        let Some(code) = item.text_of("code") else { continue };
        let (valid_from, valid_to) = validity(shown, item, findings);
        let entry = CodeEntry {
            code: code.to_owned(),
            title: words(item.get("title")).unwrap_or_default(),
            description: words(item.get("description")),
            parent: item.text_of("parent").map(str::to_owned),
            converts: converts(shown, item, findings),
            valid_from,
            valid_to,
        };
        if codes.iter().any(|known| known.code == entry.code && known.overlaps(&entry)) {
            let message = format!("code `{code}` stands twice for the same days");
            findings.push(code::DUPLICATE_CODE, shown, item.place_of("/code"), message);
        } else {
            codes.push(entry);
        }
    }
    for item in tree.get("codes").into_iter().flat_map(Node::items) {
        if let Some(parent) = item.text_of("parent")
            && !codes.iter().any(|known| known.code == parent)
        {
            let message = format!("there is no code `{parent}` to stand above this one");
            findings.push(code::BAD_VALUE, shown, item.place_of("/parent"), message);
        }
    }
    validity(shown, &tree, findings);
    let list = CodeList {
        name: file.stem().to_owned(),
        title: words(tree.get("title")).unwrap_or_default(),
        standard: tree.text_of("standard").unwrap_or_default().to_owned(),
        version: tree.text_of("version").map(str::to_owned),
        source: tree.text_of("source").map(str::to_owned),
        codes,
    };
    scope.codes.insert(list.name.clone(), Arc::new(list));
}

fn validity(file: &str, node: &Node, findings: &mut Findings) -> (Option<Date>, Option<Date>) {
    let mut day = |key: &str| {
        let text = node.text_of(key)?;
        let date = parse_date(text);
        if date.is_none() {
            findings.push(code::VALIDITY, file, node.key_place(key), format!("`{text}` is no day"));
        }
        date
    };
    let (from, to) = (day("validFrom"), day("validTo"));
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let message = format!("it ends on {to}, before it begins on {from}");
        findings.push(code::VALIDITY, file, node.key_place("validTo"), message);
    }
    (from, to)
}

fn converts(file: &str, item: &Node, findings: &mut Findings) -> Option<(&'static Unit, f64)> {
    let written = item.text_of("unit")?;
    let unit = unit(file, written, item.key_place("unit"), findings)?;
    let factor = item.get("factor").and_then(Node::number).unwrap_or(1.0);
    Some((unit, factor))
}

/// The unit with a code, or a finding.
pub(super) fn unit(file: &str, written: &str, at: Place, findings: &mut Findings) -> Option<&'static Unit> {
    let found = units::find(written);
    if found.is_none() {
        let help = units::suggest(written)
            .map(|unit| format!("did you mean `{}` ({}, {})?", unit.code, unit.name_zh, unit.symbol));
        findings.push_with_help(code::UNKNOWN_UNIT, file, at, format!("unknown unit `{written}`"), help);
    }
    found
}
