//! `views/*.yaml`.

use super::text::Texts;
use super::{Located, Scope};
use crate::code;
use crate::finding::{Findings, Place};
use crate::folder::File;
use crate::near::did_you_mean;
use crate::schema::Schema;
use crate::type_def::{Kind, TypeDef};
use crate::view::{Related, Section, View, ViewKind};
use crate::yaml::Node;

pub(super) fn compile(
    file: &File,
    scope: &Scope,
    words: &mut Texts,
    findings: &mut Findings,
) -> Option<View> {
    let Located { tree, .. } = Located::read(file, Schema::View, findings)?;
    let title = tree.text_of("title")?.to_owned();
    words.use_key(&title, &file.shown, tree.key_place("title"), findings);
    let written = tree.text_of("type")?;
    let def = scope.type_or_report(written, &file.shown, tree.key_place("type"), findings)?;
    let mut reader = Reader { file: &file.shown, tree: &tree, def: &def, scope, words, findings };
    let kind = match tree.text_of("kind")? {
        "list" => reader.list(),
        "map" => reader.map()?,
        kind => {
            let sections = reader.sections(kind);
            if kind == "form" {
                reader.required_in_form(&sections);
                ViewKind::Form { sections }
            } else {
                ViewKind::Detail { sections, related: reader.related() }
            }
        }
    };
    reader.strays();
    Some(View { entity_type: def.name.clone(), title, kind })
}

struct Reader<'a> {
    file: &'a str,
    tree: &'a Node,
    def: &'a TypeDef,
    scope: &'a Scope,
    words: &'a mut Texts,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn list(&mut self) -> ViewKind {
        if self.tree.get("columns").is_none() {
            self.lacks("columns");
        }
        let sort = self.tree.text_of("sort").map(|written| {
            let field = written.trim_start_matches('-');
            self.known(self.def, field, self.tree.key_place("sort"));
            (field.to_owned(), written.starts_with('-'))
        });
        ViewKind::List {
            columns: self.fields(self.tree, "columns"),
            filters: self.fields(self.tree, "filters"),
            sort,
        }
    }

    fn map(&mut self) -> Option<ViewKind> {
        let Some(geometry) = self.tree.text_of("geometry") else {
            self.lacks("geometry");
            return None;
        };
        let at = self.tree.key_place("geometry");
        if self.known(self.def, geometry, at)
            && !self.def.attribute(geometry).is_some_and(|a| a.kind.is_geo())
        {
            self.findings.push(code::VIEW_KIND, self.file, at, format!("`{geometry}` is no geometry"));
        }
        let mut one = |key: &str| {
            let field = self.tree.text_of(key)?;
            self.known(self.def, field, self.tree.key_place(key));
            Some(field.to_owned())
        };
        let (label, colour) = (one("label"), one("colour"));
        Some(ViewKind::Map {
            geometry: geometry.to_owned(),
            label,
            colour,
            popup: self.fields(self.tree, "popup"),
        })
    }

    fn sections(&mut self, kind: &str) -> Vec<Section> {
        let Some(written) = self.tree.get("sections") else {
            self.lacks("sections");
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in written.items() {
            let Some(title) = item.text_of("title") else { continue };
            self.words.use_key(title, self.file, item.key_place("title"), self.findings);
            sections.push(Section { title: title.to_owned(), fields: self.fields(item, "fields") });
        }
        let mut seen: Vec<&str> = Vec::new();
        for field in sections.iter().flat_map(|s| &s.fields) {
            if kind == "form" && seen.contains(&field.as_str()) {
                let message = format!("`{field}` stands twice in the form");
                self.findings.push(code::VIEW_KIND, self.file, written.at, message);
            }
            seen.push(field);
        }
        sections
    }

    /// A form that cannot fill a required attribute could never be saved.
    fn required_in_form(&mut self, sections: &[Section]) {
        let shown = |name: &str| sections.iter().any(|s| s.fields.iter().any(|f| f == name));
        for def in self.def.attributes.iter().filter(|def| def.required && !shown(&def.name)) {
            let message = format!("the form has no field for `{}`, which is required", def.name);
            self.findings.push(code::VIEW_KIND, self.file, self.tree.key_place("sections"), message);
        }
    }

    fn related(&mut self) -> Vec<Related> {
        let mut related = Vec::new();
        for item in self.tree.get("related").into_iter().flat_map(Node::items) {
            let (Some(title), Some(name), Some(by)) =
                (item.text_of("title"), item.text_of("type"), item.text_of("by"))
            else {
                continue;
            };
            self.words.use_key(title, self.file, item.key_place("title"), self.findings);
            let at = item.key_place("type");
            let Some(def) = self.scope.type_or_report(name, self.file, at, self.findings) else { continue };
            let at = item.key_place("by");
            if self.known(&def, by, at)
                && !def.attribute(by).is_some_and(|a| matches!(a.kind, Kind::Relationship { .. }))
            {
                self.findings.push(code::VIEW_KIND, self.file, at, format!("`{by}` is no relationship"));
            }
            related.push(Related {
                title: title.to_owned(),
                entity_type: def.name.clone(),
                by: by.to_owned(),
            });
        }
        related
    }

    fn fields(&mut self, node: &Node, key: &str) -> Vec<String> {
        let mut fields = Vec::new();
        for item in node.get(key).into_iter().flat_map(Node::items) {
            let Some(field) = item.text() else { continue };
            if self.known(self.def, field, item.at) {
                fields.push(field.to_owned());
            }
        }
        fields
    }

    fn known(&mut self, def: &TypeDef, field: &str, at: Place) -> bool {
        if def.attribute(field).is_some() {
            return true;
        }
        let help = did_you_mean(field, def.attributes.iter().map(|a| a.name.as_str()));
        let message = format!("`{}` has no attribute `{field}`", def.name);
        self.findings.push_with_help(code::UNKNOWN_ATTRIBUTE, self.file, at, message, help);
        false
    }

    fn lacks(&mut self, key: &str) {
        let message = format!("a {} has `{key}`", self.tree.text_of("kind").unwrap_or("view"));
        self.findings.push(code::VIEW_KIND, self.file, self.tree.key_place("kind"), message);
    }

    /// Keys of other kinds of view.
    fn strays(&mut self) {
        let kind = self.tree.text_of("kind").unwrap_or_default();
        let own: &[&str] = match kind {
            "list" => &["columns", "filters", "sort"],
            "map" => &["geometry", "label", "colour", "popup"],
            "form" => &["sections"],
            _ => &["sections", "related"],
        };
        let all =
            ["columns", "filters", "sort", "geometry", "label", "colour", "popup", "sections", "related"];
        for key in all.into_iter().filter(|key| !own.contains(key) && self.tree.get(key).is_some()) {
            let message = format!("`{key}` has no meaning in a {kind}");
            self.findings.push(code::VIEW_KIND, self.file, self.tree.key_place(key), message);
        }
    }
}
