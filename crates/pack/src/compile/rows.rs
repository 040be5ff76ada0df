//! `sample/` and `data/` of a pack, and `data/` of a district.

use std::collections::{HashMap, HashSet};

use nacre_model::Content;

use super::Scope;
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::near::did_you_mean;
use crate::rows::{self, Origin, SeedEntity};

pub(super) fn compile(files: &[File], scope: &Scope, findings: &mut Findings) -> Vec<SeedEntity> {
    let mut all = Vec::new();
    for (shelf, origin) in [("data", Origin::Data), ("sample", Origin::Sample)] {
        all.extend(shelf_rows(files, shelf, origin, scope, findings));
    }
    report_doubles(&all, findings);
    report_targets(&all, scope.needs.iter().flat_map(|pack| &pack.rows), findings);
    all
}

/// The rows of all data files in a folder.
pub(crate) fn shelf_rows(
    files: &[File],
    shelf: &str,
    origin: Origin,
    scope: &Scope,
    findings: &mut Findings,
) -> Vec<SeedEntity> {
    let mut all = Vec::new();
    for file in files.iter().filter(|file| file.shelf() == Some(shelf)) {
        if !matches!(file.extension(), "csv" | "ndjson") {
            continue;
        }
        let stem = file.name().split('.').next().unwrap_or_default();
        let Some(def) = scope.all_types().find(|def| def.file_stem == stem) else {
            if scope.unread.contains(stem) {
                continue;
            }
            let message = format!("no type has the file name `{stem}`");
            let help = did_you_mean(stem, scope.all_types().map(|def| def.file_stem.as_str()));
            findings.push_with_help(code::UNKNOWN_TYPE, &file.shown, Place::START, message, help);
            continue;
        };
        all.extend(rows::read(def, file, origin, findings));
    }
    all
}

/// The same id in two files.
pub(crate) fn report_doubles(all: &[SeedEntity], findings: &mut Findings) {
    let mut first: HashMap<&str, &SeedEntity> = HashMap::new();
    for row in all {
        if let Some(known) = first.insert(&row.id, row) {
            let message = format!("`{}` stands in {} too", row.id, known.source());
            findings.push(code::DUPLICATE_ID, &row.file, row.place, message);
        }
    }
}

/// Relationships to entities that neither these rows nor those beside them hold.
pub(crate) fn report_targets<'a>(
    all: &'a [SeedEntity],
    beside: impl Iterator<Item = &'a SeedEntity>,
    findings: &mut Findings,
) {
    let ids: HashSet<&str> = all.iter().chain(beside).map(|row| row.id.as_str()).collect();
    for row in all {
        for (name, attribute) in &row.attributes {
            let Content::Relationship { objects, .. } = &attribute.content else { continue };
            for object in objects.iter().filter(|object| !ids.contains(object.as_str())) {
                let message = format!("`{name}` points to `{object}`, which is in no data file here");
                findings.push(code::UNKNOWN_TARGET, &row.file, row.place, message);
            }
        }
    }
}
