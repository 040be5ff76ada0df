//! `feeds/*.yaml`.

use std::sync::Arc;

use nacre_devices::{Feed, FeedDef};

use super::{Located, Scope, on_shelf};
use crate::code;
use crate::finding::Findings;
use crate::folder::File;
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::schema::Schema;
use crate::type_def::Kind;

pub(super) fn compile(files: &[File], scope: &Scope, pack: &mut Pack, findings: &mut Findings) {
    for file in on_shelf(files, "feeds") {
        let Some(Located { tree, .. }) = Located::read(file, Schema::Feed, findings) else { continue };
        // What does not fit was reported by the schema.
        let Ok(def) = serde_json::from_value::<FeedDef>(tree.to_json()) else { continue };
        let feed = Feed { id: format!("{}.{}", pack.name, file.stem()), def };
        for (pointer, words) in feed.check() {
            findings.push(code::BAD_FEED, &file.shown, tree.place_of(&pointer), words);
        }
        let at = tree.place_of("/type");
        if let Some(def) = scope.type_or_report(&feed.def.kind, &file.shown, at, findings) {
            for (i, field) in feed.def.fields.iter().enumerate() {
                let at = tree.place_of(&format!("/fields/{i}"));
                match def.attributes.iter().find(|a| a.name == field.attribute) {
                    None => {
                        let help =
                            did_you_mean(&field.attribute, def.attributes.iter().map(|a| a.name.as_str()));
                        let message = format!("`{}` has no attribute `{}`", def.name, field.attribute);
                        findings.push_with_help(code::BAD_FEED, &file.shown, at, message, help);
                    }
                    Some(known) => {
                        let unit = match known.kind {
                            Kind::Number { unit, .. } => unit.map(|u| u.code),
                            _ => None,
                        };
                        if unit != field.unit.as_deref() {
                            let (wanted, found) =
                                (unit.unwrap_or("none"), field.unit.as_deref().unwrap_or("none"));
                            let message = format!("the type has unit {wanted}, the feed {found}");
                            findings.push(code::BAD_FEED, &file.shown, at, message);
                        }
                    }
                }
            }
        }
        pack.feeds.insert(file.stem().to_owned(), Arc::new(feed));
    }
}
