//! Steps on cases and alerts.

use std::sync::Arc;

use nacre_cases::workflow::VERBS;
use nacre_cases::{FileRef, Input, Opening, Workflow};
use nacre_model::{Geometry, Iri};

use super::{Expect, Reader};
use crate::code;
use crate::near::did_you_mean_or_list;
use crate::scenario::{AlertStep, CaseStep, OpenStep};
use crate::written;
use crate::yaml::Node;

/// What somebody may do with an alert.
const ALERT_VERBS: [&str; 5] = ["acknowledge", "shelve", "unshelve", "clear", "open-case"];

impl Reader<'_> {
    /// `{ open: grid-events.event, as: lid, title: …, by: acceptor@demo-office }`.
    pub(super) fn open(&mut self, item: &Node, expect: Expect) -> Option<OpenStep> {
        self.members(
            item,
            &[
                "at",
                "open",
                "as",
                "by",
                "refused",
                "title",
                "description",
                "code",
                "street",
                "location",
                "address",
                "source",
                "priority",
                "about",
                "organisation",
                "person",
                "fields",
                "files",
                "anonymous",
                "simulated",
            ],
        );
        let workflow = self.workflow(item, "open");
        let by = self.by(item, expect);
        let flag = |key: &str| item.get(key).and_then(Node::boolean).unwrap_or_default();
        let point = item.get("location").map(|node| written::geometry(&node.to_json()));
        let location = match point {
            None => None,
            Some(Ok(Geometry::Point(position))) => Some(position),
            Some(_) => {
                self.wrong(item.key_place("location"), "`location` is a point: `[113.32, 23.10]`");
                None
            }
        };
        let citizen = by.as_ref().is_some_and(|who| who.reporter);
        let source = if citizen { "citizen" } else { "staff" };
        let about = self.about(item).and_then(|urn| Iri::new(&urn).ok());
        let mut opening = Opening {
            title: self.text(item, "title").unwrap_or_default(),
            description: self.text(item, "description"),
            code: self.text(item, "code"),
            street: self.local(item, "street", "Street", expect),
            location,
            address: self.text(item, "address"),
            source: self.text(item, "source").unwrap_or_else(|| source.to_owned()),
            priority: self.text(item, "priority"),
            about,
            organisation: self.local(item, "organisation", "Organization", expect),
            person: self.text(item, "person"),
            files: self.files(item),
            fields: self.map(item, "fields"),
            anonymous: flag("anonymous"),
            simulated: flag("simulated"),
            ..Opening::default()
        };
        let name = self.text(item, "as");
        let (workflow, by) = (workflow?, by?);
        opening.workflow.clone_from(&workflow.id);
        if citizen && !workflow.def.public && expect == Expect::Accepted {
            let message =
                format!("`{}` takes no reports of citizens: write `public: true` there", workflow.id);
            self.wrong(item.key_place("by"), message);
        }
        if let Some(name) = &name {
            if self.cases.iter().any(|(known, _)| known == name) {
                self.wrong(item.key_place("as"), format!("another case is called `{name}`"));
            }
            self.cases.push((name.clone(), workflow));
        }
        Some(OpenStep { name, opening, by })
    }

    /// `{ case: lid, do: dispatch, by: dispatcher@demo-office, organisation: demo-bureau }`.
    pub(super) fn act(&mut self, item: &Node, expect: Expect) -> Option<CaseStep> {
        self.members(
            item,
            &[
                "at",
                "case",
                "about",
                "do",
                "by",
                "refused",
                "note",
                "organisation",
                "role",
                "person",
                "to",
                "posts",
                "amount",
                "until",
                "into",
                "stars",
                "title",
                "code",
                "fields",
                "files",
            ],
        );
        let case = self.case_named(item, "case");
        let by = self.by(item, expect);
        let verb = self.text(item, "do");
        if verb.is_none() {
            self.wrong(item.at, "what is done is missing: `do: …`");
        }
        let input = Input {
            note: self.text(item, "note"),
            organisation: self.local(item, "organisation", "Organization", expect),
            role: self.text(item, "role"),
            person: self.text(item, "person"),
            to: self.text(item, "to"),
            posts: self.texts(item, "posts"),
            files: self.files(item),
            amount: self.number(item, "amount").and_then(|n| u32::try_from(n).ok()),
            until: self.moment(item, "until").map(|at| at.to_string()),
            into: item.get("into").and_then(|_| self.text(item, "into")),
            stars: self.number(item, "stars").and_then(|n| u8::try_from(n).ok()),
            title: self.text(item, "title"),
            code: self.text(item, "code"),
            fields: self.map(item, "fields"),
            seen: None,
        };
        let ((case, workflow), verb) = (case?, verb?);
        self.case_verb(item, &workflow, &verb);
        if let Some(into) = input.into.as_deref().filter(|into| !self.cases.iter().any(|(n, _)| n == into)) {
            let known: Vec<&str> = self.cases.iter().map(|(name, _)| name.as_str()).collect();
            let help = did_you_mean_or_list(into, &known);
            let message = format!("no case was opened as `{into}`");
            self.findings.push_with_help(
                code::SCENARIO_STEP,
                self.file,
                item.key_place("into"),
                message,
                help,
            );
        }
        Some(CaseStep { case, verb, input, by: by? })
    }

    fn case_verb(&mut self, item: &Node, workflow: &Arc<Workflow>, verb: &str) {
        let rows = workflow.def.rows.iter().map(|r| r.command.as_str());
        let common = VERBS.into_iter().filter(|v| !matches!(*v, "open" | "overdue"));
        let known: Vec<&str> = rows.chain(common).collect();
        if !known.contains(&verb) {
            let message = format!("`{}` knows no verb `{verb}`", workflow.id);
            let rows: Vec<&str> = workflow.def.rows.iter().map(|r| r.command.as_str()).collect();
            let help = crate::near::did_you_mean(verb, known).or_else(|| did_you_mean_or_list(verb, &rows));
            self.findings.push_with_help(code::SCENARIO_STEP, self.file, item.key_place("do"), message, help);
        }
    }

    /// `{ alert: waterways.silent, about: demo-section, do: acknowledge, by: duty-officer@demo-office }`.
    pub(super) fn act_on_alert(&mut self, item: &Node, expect: Expect) -> Option<AlertStep> {
        self.members(
            item,
            &["at", "alert", "about", "do", "by", "refused", "note", "until", "workflow", "organisation"],
        );
        let alert = self.alert_named(item, "alert");
        let by = self.by(item, expect);
        let verb = self.text(item, "do");
        match verb.as_deref() {
            None => self.wrong(item.at, "what is done is missing: `do: …`"),
            Some(verb) if !ALERT_VERBS.contains(&verb) => {
                let help = did_you_mean_or_list(verb, &ALERT_VERBS);
                let message = format!("alerts know no verb `{verb}`");
                let at = item.key_place("do");
                self.findings.push_with_help(code::SCENARIO_STEP, self.file, at, message, help);
            }
            Some(_) => {}
        }
        let (note, until) = (self.text(item, "note"), self.moment(item, "until"));
        let workflow = item.get("workflow").and_then(|_| self.workflow(item, "workflow"));
        let workflow = workflow.map(|w| w.id.clone());
        let organisation = self.local(item, "organisation", "Organization", expect);
        Some(AlertStep { alert: alert?, verb: verb?, note, until, workflow, organisation, by: by? })
    }

    /// Files by name; their digests stand for bytes that no scenario has.
    fn files(&mut self, item: &Node) -> Vec<FileRef> {
        let names = self.texts(item, "files");
        let file = |(i, name): (usize, String)| FileRef {
            sha256: format!("{:064x}", i + 1),
            name,
            media_type: "image/jpeg".into(),
            ..FileRef::default()
        };
        names.into_iter().enumerate().map(file).collect()
    }
}
