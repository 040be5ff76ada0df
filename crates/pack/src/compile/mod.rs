//! From files to a [`Pack`]: each kind of file has its module here. A file that breaks its schema is reported and
//! compiled as far as it can be, so that one mistake does not hide the others.

mod access;
mod attributes;
mod codes;
mod feeds;
mod indicators;
mod manifest;
mod quality;
mod rows;
mod rules;
mod scenarios;
mod text;
mod types;
mod views;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub(crate) use manifest::sources;
pub(crate) use rows::{report_doubles, report_targets, shelf_rows};
pub(crate) use types::pascal;

use crate::code;
use crate::code_list::CodeList;
use crate::finding::{Finding, Findings, Place, is_loadable};
use crate::folder::{self, File};
use crate::near::did_you_mean;
use crate::pack::Pack;
use crate::schema::Schema;
use crate::type_def::{AttributeDef, TypeDef, Words};
use crate::yaml::{self, Node, Yaml};

/// What reading a pack gave.
#[derive(Debug)]
pub struct Loaded {
    /// The pack, when no finding is an error.
    pub pack: Option<Arc<Pack>>,
    /// All findings, by file and line.
    pub findings: Vec<Finding>,
}

/// Reads, checks and compiles the pack in a folder. Packs it needs are looked for beside it.
pub fn load(dir: &Path) -> Loaded {
    let root = dir.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let name = dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Library::new(&root).load(&name)
}

/// Reads, checks and compiles every pack below a folder: pack name → what reading it gave.
pub fn check_all(root: &Path) -> BTreeMap<String, Loaded> {
    let mut library = Library::new(root);
    library.names().into_iter().map(|name| (name.clone(), library.load(&name))).collect()
}

/// A folder of packs; each is read once.
pub struct Library {
    root: PathBuf,
    known: BTreeMap<String, Reading>,
}

#[derive(Clone)]
enum Reading {
    Open,
    Done { pack: Option<Arc<Pack>>, findings: Vec<Finding> },
}

impl Library {
    /// The packs below a folder.
    pub fn new(root: &Path) -> Library {
        Library { root: root.to_path_buf(), known: BTreeMap::new() }
    }

    /// Names of all packs: folders that hold a `pack.yaml` or are named as packs are, except `schema`.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter(|entry| entry.path().join("pack.yaml").is_file())
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Reads a pack by name.
    pub fn load(&mut self, name: &str) -> Loaded {
        let (pack, findings) = self.read(name);
        Loaded { pack: pack.filter(|_| is_loadable(&findings)), findings }
    }

    /// The pack as far as it could be read, and its own findings.
    fn read(&mut self, name: &str) -> (Option<Arc<Pack>>, Vec<Finding>) {
        if let Some(Reading::Done { pack, findings }) = self.known.get(name) {
            return (pack.clone(), findings.clone());
        }
        self.known.insert(name.to_owned(), Reading::Open);
        let mut findings = Findings::default();
        let pack = self.compile(name, &mut findings).map(Arc::new);
        let findings = findings.into_sorted();
        let done = Reading::Done { pack: pack.clone(), findings: findings.clone() };
        self.known.insert(name.to_owned(), done);
        (pack, findings)
    }

    fn compile(&mut self, name: &str, findings: &mut Findings) -> Option<Pack> {
        let dir = self.root.join(name);
        let shown = dir.to_string_lossy().replace('\\', "/");
        if !is_pack_name(name) {
            let message = format!("`{name}` is no pack name: lower-case letters, digits and hyphens");
            findings.push(code::BAD_NAME, &shown, Place::START, message);
        }
        let files = folder::read(&dir, findings);
        sort_out(&files, findings);
        for needed in ["pack.yaml", "README.md", "quality.yaml"] {
            if !files.iter().any(|file| file.path == needed) {
                findings.push(code::MISSING_FILE, &shown, Place::START, format!("there is no `{needed}`"));
            }
        }
        let readme = files.iter().find(|file| file.path == "README.md");
        if let Some(file) = readme.filter(|file| file.text.trim().len() < 40) {
            findings.push(code::MISSING_FILE, &file.shown, Place::START, "the README says next to nothing");
        }
        let (mut pack, manifest) = manifest::compile(name, &files, findings)?;
        let needs = self.needs(name, &pack, &manifest, findings);
        let mut scope = Scope {
            needs,
            types: BTreeMap::new(),
            codes: BTreeMap::new(),
            fragments: BTreeMap::new(),
            unread: BTreeSet::new(),
        };
        for file in on_shelf(&files, "codes") {
            codes::compile(file, &mut scope, findings);
        }
        manifest::check_owner(&pack, &manifest, &scope, findings);
        for file in on_shelf(&files, "fragments") {
            types::compile_fragment(file, &mut scope, findings);
        }
        types::compile_all(name, on_shelf(&files, "types"), &mut scope, findings);
        let mut words = text::compile(on_shelf(&files, "text"), findings);
        for file in on_shelf(&files, "views") {
            if let Some(view) = views::compile(file, &scope, &mut words, findings) {
                pack.views.insert(file.stem().to_owned(), view);
            }
        }
        if let Some(file) = files.iter().find(|file| file.path == "access.yaml") {
            pack.roles = access::compile(file, &scope, &mut words, findings);
        }
        indicators::compile(&files, &scope, &mut pack, findings);
        workflows::compile(&files, &scope, &mut pack, findings);
        feeds::compile(&files, &scope, &mut pack, findings);
        rules::compile(&files, &scope, &mut pack, &mut words, findings);
        pack.rows = rows::compile(&files, &scope, findings);
        for file in on_shelf(&files, "scenarios") {
            if let Some(scenario) = scenarios::compile(file, &files, &scope, &pack, findings) {
                pack.scenarios.insert(file.stem().to_owned(), scenario);
            }
        }
        words.report_unused(findings);
        pack.text = words.into_map();
        (pack.types, pack.codes, pack.fragments) = (scope.types, scope.codes, scope.fragments);
        if let Some(file) = files.iter().find(|file| file.path == "quality.yaml") {
            pack.quality = quality::compile(file, findings);
        }
        quality::check(&shown, &pack, &files, findings);
        Some(pack)
    }

    fn needs(
        &mut self,
        name: &str,
        pack: &Pack,
        manifest: &Located<'_>,
        findings: &mut Findings,
    ) -> Vec<Arc<Pack>> {
        let mut found = Vec::new();
        for (i, need) in pack.needs.iter().enumerate() {
            let at = manifest.tree.place_of(&format!("/needs/{i}"));
            let file = &manifest.file.shown;
            if matches!(self.known.get(need), Some(Reading::Open)) {
                let message = format!("`{need}` and `{name}` need each other");
                findings.push(code::NEEDS_CYCLE, file, at, message);
                continue;
            }
            if !self.root.join(need).join("pack.yaml").is_file() {
                let names = self.names();
                let help = did_you_mean(need, names.iter().map(String::as_str));
                findings.push_with_help(
                    code::UNKNOWN_PACK,
                    file,
                    at,
                    format!("there is no pack `{need}`"),
                    help,
                );
                continue;
            }
            match self.read(need).0 {
                Some(pack) => found.push(pack),
                None => {
                    let message = format!("`{need}` could not be read");
                    let help = Some(format!("run `nacre pack check {need}`"));
                    findings.push_with_help(code::UNKNOWN_PACK, file, at, message, help);
                }
            }
        }
        found
    }
}

/// True for `water-section`, `_common`.
pub(crate) fn is_pack_name(name: &str) -> bool {
    matches!(name, "_common" | "_template") || is_kebab(name)
}

/// Lower-case words of letters and digits, joined by single hyphens, a letter first.
pub(crate) fn is_kebab(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

/// The same with a digit allowed first: `5g-density`.
fn is_id(name: &str) -> bool {
    is_kebab(name.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// The YAML files of a folder of the pack.
fn on_shelf<'a>(files: &'a [File], shelf: &str) -> impl Iterator<Item = &'a File> {
    let shelf = shelf.to_owned();
    files.iter().filter(move |file| file.shelf() == Some(&shelf) && file.extension() == "yaml")
}

/// Reports files that no part of Nacre reads, and names that break the rules.
fn sort_out(files: &[File], findings: &mut Findings) {
    const SHELVES: [&str; 12] = [
        "types",
        "fragments",
        "codes",
        "text",
        "views",
        "scenarios",
        "indicators",
        "workflow",
        "rules",
        "feeds",
        "sample",
        "data",
    ];
    const ROOT: [&str; 8] = [
        "pack.yaml",
        "access.yaml",
        "quality.yaml",
        "status.yaml",
        "lights.yaml",
        "calendar.yaml",
        "escalation.yaml",
        "README.md",
    ];
    for file in files {
        let mut unknown = |what: String, help: Option<String>| {
            findings.push_with_help(code::UNKNOWN_FILE, &file.shown, Place::START, what, help);
        };
        match file.path.split_once('/') {
            None if ROOT.contains(&file.name()) => {}
            None => unknown(format!("`{}` is no file of a pack", file.path), did_you_mean(&file.path, ROOT)),
            Some((shelf, rest)) if SHELVES.contains(&shelf) && !rest.contains('/') => {
                let data = matches!(shelf, "sample" | "data");
                let fits = match file.extension() {
                    "yaml" => !data,
                    "csv" | "ndjson" => data,
                    "md" => file.name() == "README.md",
                    _ => false,
                };
                let base = file.name().split('.').next().unwrap_or_default();
                if !fits {
                    let wanted = if data { "`.csv` and `.ndjson`" } else { "`.yaml`" };
                    unknown(format!("`{shelf}/` holds {wanted} files"), None);
                } else if file.name() != "README.md"
                    && !is_kebab(base)
                    && !(shelf == "indicators" && is_id(base))
                {
                    let message = format!("`{base}` is no name: lower-case letters, digits and hyphens");
                    findings.push(code::BAD_NAME, &file.shown, Place::START, message);
                }
            }
            Some((shelf, _)) => {
                unknown(format!("`{shelf}/` is no folder of a pack"), did_you_mean(shelf, SHELVES))
            }
        }
    }
}

/// A file with its tree.
pub(crate) struct Located<'a> {
    pub(crate) file: &'a File,
    pub(crate) tree: Node,
}

impl<'a> Located<'a> {
    /// Parses a file and holds it against its schema; a map is kept even where it does not fit.
    pub(crate) fn read(file: &'a File, schema: Schema, findings: &mut Findings) -> Option<Located<'a>> {
        let tree = yaml::parse(&file.shown, &file.text, findings)?;
        schema.check(&file.shown, &tree, findings);
        matches!(tree.value, Yaml::Map(_)).then_some(Located { file, tree })
    }
}

/// What names mean inside a pack: its own types, code lists and fragments, and those of the packs it needs.
pub(crate) struct Scope {
    needs: Vec<Arc<Pack>>,
    types: BTreeMap<String, Arc<TypeDef>>,
    codes: BTreeMap<String, Arc<CodeList>>,
    fragments: BTreeMap<String, Arc<Vec<AttributeDef>>>,
    /// File stems and type names of files that could not be read: what uses them is not reported again.
    unread: BTreeSet<String>,
}

impl Scope {
    /// The scope of a district: the types of all its packs.
    pub(crate) fn of_packs(needs: Vec<Arc<Pack>>) -> Scope {
        Scope {
            needs,
            types: BTreeMap::new(),
            codes: BTreeMap::new(),
            fragments: BTreeMap::new(),
            unread: BTreeSet::new(),
        }
    }

    pub(crate) fn entity_type(&self, name: &str) -> Option<&Arc<TypeDef>> {
        self.types.get(name).or_else(|| self.needs.iter().find_map(|pack| pack.types.get(name)))
    }

    pub(crate) fn all_types(&self) -> impl Iterator<Item = &Arc<TypeDef>> {
        self.types.values().chain(self.needs.iter().flat_map(|pack| pack.types.values()))
    }

    fn code_list(&self, name: &str) -> Option<&Arc<CodeList>> {
        self.codes.get(name).or_else(|| self.needs.iter().find_map(|pack| pack.codes.get(name)))
    }

    fn fragment(&self, name: &str) -> Option<&Arc<Vec<AttributeDef>>> {
        self.fragments.get(name).or_else(|| self.needs.iter().find_map(|pack| pack.fragments.get(name)))
    }

    fn code_list_names(&self) -> impl Iterator<Item = &str> {
        self.codes.keys().chain(self.needs.iter().flat_map(|pack| pack.codes.keys())).map(String::as_str)
    }

    fn fragment_names(&self) -> impl Iterator<Item = &str> {
        self.fragments
            .keys()
            .chain(self.needs.iter().flat_map(|pack| pack.fragments.keys()))
            .map(String::as_str)
    }

    /// The type with a name, or a finding.
    fn type_or_report(
        &self,
        name: &str,
        file: &str,
        at: Place,
        findings: &mut Findings,
    ) -> Option<Arc<TypeDef>> {
        let found = self.entity_type(name).cloned();
        if found.is_none() && !self.unread.contains(name) {
            let help = did_you_mean(name, self.all_types().map(|t| t.name.as_str()));
            findings.push_with_help(code::UNKNOWN_TYPE, file, at, format!("there is no type `{name}`"), help);
        }
        found
    }
}

/// Chinese and English at a key.
pub(crate) fn words(node: Option<&Node>) -> Option<Words> {
    let node = node?;
    Some(Words { zh: node.text_of("zh")?.to_owned(), en: node.text_of("en")?.to_owned() })
}

/// The texts of a list.
pub(crate) fn texts(node: Option<&Node>) -> Vec<String> {
    node.into_iter().flat_map(Node::items).filter_map(Node::text).map(str::to_owned).collect()
}

/// The texts of a list with their places.
fn placed_texts(node: Option<&Node>) -> impl Iterator<Item = (&str, Place)> {
    node.into_iter().flat_map(Node::items).filter_map(|item| Some((item.text()?, item.at)))
}
