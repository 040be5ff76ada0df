//! A district: instance data for packs. `district.yaml` says which packs it loads, `outline.geojson` is its outline,
//! `data/<type>.csv|ndjson` are its entities, by the same rules as the data of a pack.

use std::path::Path;
use std::sync::Arc;

use nacre_model::Geometry;
use serde_json::Value as Json;

use crate::code;
use crate::compile::{
    Library, Located, Scope, report_doubles, report_targets, shelf_rows, sources, texts, words,
};
use crate::finding::{Finding, Findings, Place, is_loadable};
use crate::folder::{self, File};
use crate::near::did_you_mean;
use crate::pack::{Pack, Source};
use crate::rows::{Origin, SeedEntity};
use crate::schema::Schema;
use crate::type_def::{TypeDef, Words};
use crate::written;
use crate::yaml::Node;

/// A district that was read and checked.
#[derive(Debug, Clone)]
pub struct District {
    /// Name for people.
    pub name: Words,
    /// Six-digit code of GB/T 2260.
    pub code: String,
    /// IANA time zone.
    pub zone: String,
    /// Name of the working calendar.
    pub calendar: Option<String>,
    /// Origin line of the transparency log.
    pub log_origin: String,
    /// Packs in the order loaded.
    pub packs: Vec<Arc<Pack>>,
    /// Outline in WGS84, and the words that must stand on any map of it.
    pub outline: Option<(Geometry, Words)>,
    /// Sources and licences.
    pub sources: Vec<Source>,
    /// Entities in the order to create them: by pack, the pack's own data first.
    pub entities: Vec<SeedEntity>,
}

impl District {
    /// The type with a short name, from whichever pack defines it.
    pub fn entity_type(&self, name: &str) -> Option<&Arc<TypeDef>> {
        self.packs.iter().find_map(|pack| pack.types.get(name))
    }

    /// Type and attribute of every index that views keep, short names, of all packs.
    pub fn indexes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.packs.iter().flat_map(|pack| pack.indexes())
    }
}

/// What reading a district gave.
#[derive(Debug)]
pub struct LoadedDistrict {
    /// The district, when no finding is an error.
    pub district: Option<District>,
    /// All findings, those of its packs first.
    pub findings: Vec<Finding>,
}

/// Reads and checks a district and the packs it loads.
pub fn load_district(dir: &Path, packs_root: &Path) -> LoadedDistrict {
    let mut findings = Findings::default();
    let district = compile(dir, packs_root, &mut findings);
    let findings = findings.into_sorted();
    LoadedDistrict { district: district.filter(|_| is_loadable(&findings)), findings }
}

/// The entities with which a new data directory is filled, in order. What is wrong comes first, as errors; a caller
/// that meets one loads nothing.
pub fn seed_entities(
    dir: &Path,
    packs_root: &Path,
) -> impl Iterator<Item = Result<SeedEntity, Finding>> + use<> {
    let LoadedDistrict { district, findings } = load_district(dir, packs_root);
    let errors: Vec<Finding> = match district {
        Some(_) => Vec::new(),
        None => findings.into_iter().filter(|f| f.severity() == crate::finding::Severity::Error).collect(),
    };
    let entities = district.map(|district| district.entities).unwrap_or_default();
    errors.into_iter().map(Err).chain(entities.into_iter().map(Ok))
}

fn compile(dir: &Path, packs_root: &Path, findings: &mut Findings) -> Option<District> {
    let files = folder::read(dir, findings);
    let shown = dir.to_string_lossy().replace('\\', "/");
    let Some(file) = files.iter().find(|file| file.path == "district.yaml") else {
        findings.push(code::MISSING_FILE, &shown, Place::START, "there is no `district.yaml`");
        return None;
    };
    let Located { tree, .. } = Located::read(file, Schema::District, findings)?;
    let packs = packs(&file.shown, &tree, packs_root, findings);
    let scope = Scope::of_packs(packs.clone());
    let seeds = shelf_rows(&files, "data", Origin::District, &scope, findings);
    let mut entities: Vec<SeedEntity> = Vec::new();
    for pack in &packs {
        entities.extend(pack.data().cloned());
        entities.extend(seeds.iter().filter(|row| pack.types.contains_key(&row.entity_type)).cloned());
    }
    report_doubles(&entities, findings);
    report_targets(&entities, std::iter::empty(), findings);
    let outline = tree.get("outline").and_then(|node| outline(&files, &file.shown, node, findings));
    let text = |key: &str| tree.text_of(key).unwrap_or_default().to_owned();
    Some(District {
        name: words(tree.get("name")).unwrap_or_default(),
        code: text("code"),
        zone: text("zone"),
        calendar: tree.text_of("calendar").map(str::to_owned),
        log_origin: tree.get("log").and_then(|log| log.text_of("origin")).unwrap_or_default().to_owned(),
        packs,
        outline,
        sources: tree.get("sources").map(sources).unwrap_or_default(),
        entities,
    })
}

fn packs(file: &str, tree: &Node, root: &Path, findings: &mut Findings) -> Vec<Arc<Pack>> {
    let mut library = Library::new(root);
    let names = library.names();
    let wanted = texts(tree.get("packs"));
    let mut packs: Vec<Arc<Pack>> = Vec::new();
    for (i, name) in wanted.iter().enumerate() {
        let at = tree.place_of(&format!("/packs/{i}"));
        if !names.contains(name) {
            let help = did_you_mean(name, names.iter().map(String::as_str));
            findings.push_with_help(code::UNKNOWN_PACK, file, at, format!("there is no pack `{name}`"), help);
            continue;
        }
        let loaded = library.load(name);
        findings.extend(loaded.findings);
        let Some(pack) = loaded.pack else { continue };
        for need in pack.needs.iter().filter(|need| !wanted[..i].contains(need)) {
            let message = format!("`{name}` needs `{need}`, which must stand before it");
            findings.push(code::DISTRICT, file, at, message);
        }
        packs.push(pack);
    }
    packs
}

fn outline(files: &[File], shown: &str, node: &Node, findings: &mut Findings) -> Option<(Geometry, Words)> {
    let name = node.text_of("file")?;
    let at = node.key_place("file");
    let Some(file) = files.iter().find(|file| file.path == name) else {
        findings.push(code::DISTRICT, shown, at, format!("there is no file `{name}`"));
        return None;
    };
    let json: Json = match serde_json::from_str(&file.text) {
        Ok(json) => json,
        Err(error) => {
            let place = Place::new(error.line(), error.column());
            findings.push(code::DISTRICT, &file.shown, place, "the outline is no JSON");
            return None;
        }
    };
    let feature = json.pointer("/features/0/geometry").or_else(|| json.get("geometry")).unwrap_or(&json);
    match written::geometry(feature) {
        Ok(geometry @ (Geometry::Polygon(_) | Geometry::MultiPolygon(_))) => {
            Some((geometry, words(node.get("label")).unwrap_or_default()))
        }
        Ok(other) => {
            let message = format!("the outline is a {}, not a polygon", other.type_name());
            findings.push(code::DISTRICT, &file.shown, Place::START, message);
            None
        }
        Err(why) => {
            findings.push(code::DISTRICT, &file.shown, Place::START, format!("the outline {why}"));
            None
        }
    }
}
