//! The fonts that travel with the product have every character of the repository's own texts.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Kinds of files that hold texts.
const KINDS: [&str; 7] = ["yaml", "json", "csv", "ndjson", "md", "txt", "geojson"];

fn files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|k| kind == *k)) {
            all.push(path);
        }
    }
}

#[test]
fn every_character_of_the_repository_has_a_glyph() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Vec::new();
    for folder in ["packs", "districts"] {
        files(&root.join(folder), &mut all);
    }
    assert!(all.len() > 50, "the texts are where they were");
    let mut without: BTreeMap<char, PathBuf> = BTreeMap::new();
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        for c in nacre_report::text::clean(&text).chars().filter(|c| !nacre_report::can_print(*c)) {
            without.entry(c).or_insert_with(|| path.clone());
        }
    }
    assert!(without.is_empty(), "run scripts/fonts.sh: {without:?}");
}

#[test]
fn rare_characters_of_place_names_have_a_glyph() {
    for c in "滘漖涌埗磡邨沥琶洲镕堃珺①㎡‰—…《》「」％".chars() {
        assert!(nacre_report::can_print(c), "{c}");
    }
    assert!(!nacre_report::can_print('😀'));
}
