//! `text/zh.yaml` and `text/en.yaml`: every key stands in both, and something uses it.

use std::collections::{BTreeMap, BTreeSet};

use super::Located;
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::near::did_you_mean;
use crate::schema::Schema;
use crate::type_def::Words;

/// The words of a pack while it is compiled.
#[derive(Default)]
pub(super) struct Texts {
    words: BTreeMap<String, Words>,
    /// Key → file and place of the Chinese (or only) text.
    places: BTreeMap<String, (String, Place)>,
    used: BTreeSet<String>,
}

pub(super) fn compile<'a>(files: impl Iterator<Item = &'a File>, findings: &mut Findings) -> Texts {
    let mut texts = Texts::default();
    let mut unread = false;
    for file in files {
        if !matches!(file.stem(), "zh" | "en") {
            let message = format!("`{}` is no language here; there are `zh` and `en`", file.stem());
            findings.push(code::UNKNOWN_FILE, &file.shown, Place::START, message);
            continue;
        }
        let Some(Located { tree, .. }) = Located::read(file, Schema::Text, findings) else {
            unread = true;
            continue;
        };
        for (key, node) in tree.members() {
            let Some(text) = node.text() else { continue };
            let words = texts.words.entry(key.name.clone()).or_default();
            if file.stem() == "zh" { &mut words.zh } else { &mut words.en }.push_str(text);
            texts.places.insert(key.name.clone(), (file.shown.clone(), key.at));
        }
    }
    for (key, words) in texts.words.iter().filter(|_| !unread) {
        let missing = if words.zh.is_empty() {
            "zh"
        } else if words.en.is_empty() {
            "en"
        } else {
            continue;
        };
        if let Some((file, at)) = texts.places.get(key) {
            let message = format!("`{key}` has no text in `{missing}.yaml`");
            findings.push(code::MISSING_TRANSLATION, file, *at, message);
        }
    }
    texts
}

impl Texts {
    /// Notes that a key is used; a finding when nobody wrote it.
    pub(super) fn use_key(&mut self, key: &str, file: &str, at: Place, findings: &mut Findings) {
        if self.words.contains_key(key) {
            self.used.insert(key.to_owned());
            return;
        }
        let help = did_you_mean(key, self.words.keys().map(String::as_str));
        findings.push_with_help(code::UNKNOWN_TEXT, file, at, format!("there is no text `{key}`"), help);
    }

    pub(super) fn report_unused(&self, findings: &mut Findings) {
        for (key, (file, at)) in self.places.iter().filter(|(key, _)| !self.used.contains(*key)) {
            findings.push(code::UNUSED_TEXT, file, *at, format!("nothing uses the text `{key}`"));
        }
    }

    pub(super) fn into_map(self) -> BTreeMap<String, Words> {
        self.words
    }
}
