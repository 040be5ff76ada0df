//! Packs with the binary: begin one, check it, try it, have it explained.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{Outcome, Site, nacre};

const PACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../packs");

fn pack(args: &[&str], packs: &str) -> Outcome {
    nacre(&[&["pack"], args, &["--packs", packs]].concat())
}

/// The packs of this repository, to be changed.
fn copied() -> (Site, String) {
    let site = Site::new();
    copy(PACKS.as_ref(), &site.path("packs"));
    let packs = site.text("packs");
    (site, packs)
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_new_pack_is_sound_and_its_scenarios_hold() {
    let (site, packs) = copied();
    let files = pack(&["new", "water-section"], &packs).done();
    assert!(files.contains("types/water-section.yaml"), "{files}");
    assert!(site.path("packs/water-section/pack.yaml").exists());
    pack(&["check", "water-section"], &packs).ended(0, &["1 packs: 0 errors"]);
    pack(&["try", "water-section"], &packs).ended(0, &["ok     water-section/"]);
    let text = pack(&["explain", "water-section"], &packs).done();
    assert!(text.contains("## `WaterSection`"), "{text}");
    pack(&["new", "water-section"], &packs).ended(2, &["exists already"]);
    pack(&["new", "Water Section"], &packs).ended(2, &["is no pack name"]);
}

#[test]
fn every_finding_comes_with_its_place_code_and_help() {
    let (site, packs) = copied();
    pack(&["new", "lamp"], &packs).done();
    let file = site.path("packs/lamp/types/lamp.yaml");
    let mut text = fs::read_to_string(&file).unwrap();
    text.push_str(
        "  power:\n    title: { zh: 功率, en: Power }\n    value: number\n    unit: 千瓦时\n  wrong name: 1\n",
    );
    fs::write(&file, text).unwrap();
    let said =
        pack(&["check", "lamp"], &packs).ended(3, &["lamp/types/lamp.yaml:", "pack/unknown-unit", "KWH"]);
    assert!(said.lines().filter(|l| l.contains("lamp.yaml:")).count() >= 2, "{said}");
    let json = pack(&["check", "lamp", "--json"], &packs);
    assert_eq!(json.code, Some(3));
    let findings: Vec<Value> = json.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let unit = findings.iter().find(|f| f["code"] == "pack/unknown-unit").unwrap();
    assert!(unit["line"].as_u64().unwrap() > 1 && unit["column"].as_u64().unwrap() > 1, "{unit}");
    // The other packs are as they were.
    pack(&["check", "--all"], &packs).ended(3, &["errors"]);
    pack(&["try", "lamp"], &packs).ended(3, &["pack `lamp` has errors"]);
    pack(&["check", "lump"], &packs).ended(2, &["there is no pack `lump`"]);
    pack(&["check", "lamp", "--all"], &packs).ended(2, &["--all"]);
}

#[test]
fn a_scenario_that_does_not_hold_is_shown() {
    let (site, packs) = copied();
    pack(&["new", "lamp"], &packs).done();
    let folder = site.path("packs/lamp/scenarios");
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("measuredLevel: 2.4, thingState: ok }", "measuredLevel: 2.5 }")).unwrap();
    let said = pack(&["try", "lamp"], &packs);
    said.ended(3, &["FAILED lamp/", "is 2.4, expected 2.5", "1 do not"]);
}

#[test]
fn all_packs_are_sound_and_tried_in_two_seconds() {
    pack(&["check"], PACKS).ended(0, &[" 0 errors"]);
    pack(&["check", "--all"], PACKS).ended(0, &[" 0 errors"]);
    let began = Instant::now();
    let tried = pack(&["try", "--json"], PACKS).done();
    let took = began.elapsed();
    let scenarios: Vec<Value> = tried.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(scenarios.len() >= 4 && scenarios.iter().all(|s| s["holds"] == true), "{tried}");
    assert!(scenarios.iter().all(|s| s["milliseconds"].as_f64().unwrap() < 1000.0), "{tried}");
    // The bound is for a release build on a quiet machine; here it only tells a standstill.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn codes_have_pages() {
    let page = pack(&["explain", "pack/unknown-unit"], PACKS).done();
    assert!(page.contains("unit"), "{page}");
    pack(&["explain", "unknown-unitt"], PACKS).ended(2, &["did you mean"]);
    pack(&["explain", "layout"], PACKS).ended(0, &["## `Zone`"]);
}
