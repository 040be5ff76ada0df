//! `workflow/*.yaml` and `calendar.yaml`.

use indexmap::IndexMap;
use nacre_calendar::{Calendar, Hours, Year};
use nacre_cases::workflow::{Subject, Words as CaseWords};
use nacre_cases::{Workflow, WorkflowDef};

use super::{Located, Scope, on_shelf, texts};
use crate::access::Role;
use crate::code;
use crate::code_list::CodeList;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::schema::Schema;
use crate::type_def::Words;

/// Workflows after roles: every role a row names must be a post of the pack or of one it needs.
pub(super) fn compile(files: &[File], scope: &Scope, pack: &mut Pack, findings: &mut Findings) {
    for file in on_shelf(files, "workflow") {
        let Some(Located { tree, .. }) = Located::read(file, Schema::Workflow, findings) else { continue };
        let def: WorkflowDef = match serde_json::from_value(tree.to_json()) {
            Ok(def) => def,
            // The schema has reported what does not fit.
            Err(_) => continue,
        };
        let id = format!("{}.{}", pack.name, file.stem());
        let codes = match def.codes.as_deref().map(|name| (name, scope.code_list(name))) {
            None => IndexMap::new(),
            Some((_, Some(list))) => subjects(list),
            Some((name, None)) => {
                let help = did_you_mean(name, scope.code_list_names());
                let message = format!("there is no code list `{name}`");
                let at = tree.place_of("/codes");
                findings.push_with_help(code::BAD_WORKFLOW, &file.shown, at, message, help);
                IndexMap::new()
            }
        };
        let workflow = Workflow { id, def, codes };
        for complaint in workflow.check() {
            let at = tree.place_of(&complaint.pointer);
            findings.push(code::BAD_WORKFLOW, &file.shown, at, complaint.words.en);
        }
        for handled in workflow.def.handling.keys().filter(|c| !workflow.codes.contains_key(*c)) {
            let at = tree.place_of(&format!("/handling/{handled}"));
            let message = format!("`{handled}` is no code a case may be about");
            findings.push(code::BAD_WORKFLOW, &file.shown, at, message);
        }
        let needed = scope.needs.iter().flat_map(|p| &p.roles);
        let known: Vec<&str> = posts(pack.roles.iter().chain(needed)).collect();
        for role in workflow.roles() {
            if !known.contains(&role) {
                let help = did_you_mean(role, known.iter().copied());
                let message = format!("`{role}` is no post of access.yaml (a role with a `level`)");
                findings.push_with_help(code::BAD_WORKFLOW, &file.shown, tree.at, message, help);
            }
        }
        pack.workflows.insert(file.stem().to_owned(), std::sync::Arc::new(workflow));
    }
    if let Some(file) = files.iter().find(|file| file.path == "escalation.yaml") {
        pack.escalation = escalation(file, pack, scope, findings);
    }
    if let Some(file) = files.iter().find(|file| file.path == "calendar.yaml") {
        pack.calendar = calendar(file, findings);
    }
}

fn escalation(file: &File, pack: &Pack, scope: &Scope, findings: &mut Findings) -> Vec<(u32, String)> {
    let Some(Located { tree, .. }) = Located::read(file, Schema::Escalation, findings) else {
        return Vec::new();
    };
    let mut steps = Vec::new();
    for (i, step) in tree.get("steps").into_iter().flat_map(|s| s.items()).enumerate() {
        let role = step.text_of("notify").unwrap_or_default().to_owned();
        let minutes = step.get("afterMinutes").and_then(|n| n.to_json().as_u64()).unwrap_or_default();
        let needed = scope.needs.iter().flat_map(|p| &p.roles);
        if !posts(pack.roles.iter().chain(needed)).any(|known| known == role) {
            let at = tree.place_of(&format!("/steps/{i}/notify"));
            let message = format!("`{role}` is no post of access.yaml (a role with a `level`)");
            findings.push(code::BAD_WORKFLOW, &file.shown, at, message);
        }
        steps.push((u32::try_from(minutes).unwrap_or(u32::MAX), role));
    }
    steps.sort();
    steps
}

fn posts<'a>(roles: impl Iterator<Item = &'a Role>) -> impl Iterator<Item = &'a str> {
    roles.filter(|r| r.level.is_some()).map(|r| r.name.as_str())
}

fn subjects(list: &CodeList) -> IndexMap<String, Subject> {
    let said = |w: &Words| CaseWords { zh: w.zh.clone(), en: w.en.clone() };
    let parents: Vec<&str> = list.codes.iter().filter_map(|c| c.parent.as_deref()).collect();
    let subject = |entry: &crate::code_list::CodeEntry| {
        let heading = parents.contains(&entry.code.as_str());
        (entry.code.clone(), Subject { title: said(&entry.title), group: entry.parent.clone(), heading })
    };
    list.codes.iter().map(subject).collect()
}

fn calendar(file: &File, findings: &mut Findings) -> Option<Calendar> {
    let Located { tree, .. } = Located::read(file, Schema::Calendar, findings)?;
    let minutes = |text: &str| -> Option<u16> {
        let (hours, minutes) = text.split_once(':')?;
        Some(hours.parse::<u16>().ok()? * 60 + minutes.parse::<u16>().ok()?)
    };
    let mut hours = Vec::new();
    for (i, pair) in tree.get("hours")?.items().iter().enumerate() {
        let ends: Vec<u16> = pair.items().iter().filter_map(|n| minutes(n.text()?)).collect();
        let &[open, close] = ends.as_slice() else { continue };
        if close <= open || hours.last().is_some_and(|(_, before)| *before > open) {
            let at = tree.place_of(&format!("/hours/{i}"));
            findings.push(code::BAD_CALENDAR, &file.shown, at, "office hours lie in order and apart");
        }
        hours.push((open, close));
    }
    let mut years = Vec::new();
    for (i, node) in tree.get("years")?.items().iter().enumerate() {
        let mut complain = |message: String| {
            let at = tree.place_of(&format!("/years/{i}"));
            findings.push(code::BAD_CALENDAR, &file.shown, at, message);
        };
        let days = |key: &str| Year::days(&texts(node.get(key)));
        let (Some(holidays), Some(workdays)) = (days("holidays"), days("workdays")) else {
            complain("a day of the year does not exist".to_owned());
            continue;
        };
        let number = node.get("year").and_then(|n| n.to_json().as_i64()).unwrap_or_default();
        let source = node.text_of("source").unwrap_or_default().to_owned();
        let year = Year { year: i32::try_from(number).unwrap_or_default(), holidays, workdays, source };
        year.check().into_iter().for_each(|wrong| complain(wrong.to_string()));
        years.push(year);
    }
    Some(Calendar::new(Hours(hours), years))
}
