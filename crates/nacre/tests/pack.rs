//! Packs with the binary: begin one, check it, try it, have it explained.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use std::fs;

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

/// A story that is wrong in each of its lines: every finding says the line, what was expected and what was there.
const WRONG: &str = "\
story: 处处写错的故事
given:
  Organization:
    - { id: demo-centre, name: 样例指挥中心, orgKind: government, evidence: plan }
    - { id: demo-bureau, name: 样例环卫单位, orgKind: department, evidence: plan }
when:
  - { at: \"2026-11-20T09:00+08:00\", open: event, as: 垃圾, title: 样例路口暴露垃圾, code: E-06010, by: acceptor@demo-bureau }
  - { open: event, as: 垃圾二, title: 样例路口暴露垃圾, code: E-99999, by: acceptor@demo-centre }
  - { open: event, as: 垃圾三, title: 样例路口暴露垃圾, code: E-06010, by: acceptor@demo-centre }
  - { case: 垃圾三, do: close, by: acceptor@demo-centre }
  - { case: 垃圾三, do: file, by: dispatcher@demo-centre, refused: case_state }
  - { case: 垃圾三, do: file, by: acceptor@demo-centre, refused: case_role }
then:
  - { case: 垃圾, state: filed }
  - { case: 垃圾三, state: handling, organisation: demo-bureau, overdue: true, due: \"2026-11-20\" }
  - { cases: event, state: closed, count: 2 }
  - { notices: supervisor, about: 垃圾三, says: 超期, count: 1 }
";

#[test]
fn findings_of_a_failed_scenario_say_what_was_expected_and_what_was_there() {
    let (site, packs) = copied();
    fs::write(site.path("packs/grid-events/scenarios/wrong.yaml"), format!("{MODELINE}{WRONG}")).unwrap();
    let said = pack(&["try", "grid-events"], &packs).ended(3, &["FAILED grid-events/wrong", "1 do not"]);
    let prefix = format!("{packs}/grid-events/scenarios/wrong.yaml:");
    // The sentences of the cases themselves are theirs: each of ours begins as it stands here.
    let found: Vec<&str> = said.lines().filter_map(|line| line.trim().strip_prefix(&prefix)).collect();
    let wanted = [
        "8:5: error[pack/scenario-failed]: the step was refused for `invalid_post`: `demo-bureau` (department) has no post `acceptor`",
        "9:5: error[pack/scenario-failed]: the step was refused for `case_form`: code：`E-99999` 不是代码表 event 的代码 / `code`: `E-99999` is no code of `event`",
        "11:5: error[pack/scenario-failed]: the step was refused for `case_state`: 案件处于「待立案」，不能“结案”",
        "12:5: error[pack/scenario-failed]: refused for `case_role`, not `case_state`: “立案”由 acceptor 办理，您的岗位是 dispatcher。",
        "13:5: error[pack/scenario-failed]: the step was accepted, `case_role` was to refuse it",
        "15:5: error[pack/scenario-failed]: case `垃圾` was not opened",
        "16:18: error[pack/scenario-failed]: `state` of case `垃圾三` is \"filed\", expected \"handling\"",
        "16:35: error[pack/scenario-failed]: `organisation` of case `垃圾三` is nothing, expected \"demo-bureau\"",
        "16:62: error[pack/scenario-failed]: `overdue` of case `垃圾三` is false, expected true",
        "16:77: error[pack/scenario-failed]: `due` of case `垃圾三` is 2026-11-20T10:00+08:00, expected 2026-11-20T23:59:59.999+08:00",
        "17:5: error[pack/scenario-failed]: 0 cases of `grid-events.event` with `state` \"closed\", expected 2; there are: `样例路口暴露垃圾` filed",
        "18:5: error[pack/scenario-failed]: `supervisor` was told 0 times, expected 1; there are none",
    ];
    assert_eq!(found.len(), wanted.len(), "{}", found.join("\n"));
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "wanted {wanted}\nfound  {found}");
    }
}

const MODELINE: &str = "# yaml-language-server: $schema=../../schema/scenario.schema.json\n";

#[test]
fn all_packs_are_sound_and_their_stories_hold() {
    pack(&["check"], PACKS).ended(0, &[" 0 errors"]);
    pack(&["check", "--all"], PACKS).ended(0, &[" 0 errors"]);
    let tried = pack(&["try", "--json"], PACKS).done();
    let scenarios: Vec<Value> = tried.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert!(scenarios.len() >= 30 && scenarios.iter().all(|s| s["holds"] == true), "{tried}");
    let last = pack(&["try", "cases", "alerts"], PACKS).ended(0, &["0 do not; 2 packs in "]);
    assert!(last.trim_end().ends_with(" s"), "the last line says how long it took: {last}");
}

/// States, verbs, who may and terms of a workflow; when and what of a rule; Chinese first.
#[test]
fn workflows_and_rules_are_explained() {
    let page = pack(&["explain", "grid-events.event"], PACKS).done();
    for line in [
        "## 流程 Workflow `grid-events.event` 网格事件 · Grid event",
        "| `filed` | 待派遣 | Filed | 派遣员 · Dispatcher | 1 工作时 · 1 working hour | 通知 tell 督办人 · Supervisor |",
        "编号 WG-日期-序号，从“待立案”开始，市民可以上报。",
        "| `checking` | 待核查 | To be checked | 网格员（核查）",
        "5 工作时 · 5 working hours（或按类别 or that of the code）",
        "| `checking` | `pass` | `checked` | 核查通过 | Check passed |",
        "不是办过 `finish` 的人 not who did it",
        "- 延期 Extension: 处置负责人",
        "- 处置时限 Handling time `E-06010` 暴露垃圾",
    ] {
        assert!(page.contains(line), "no `{line}` in\n{page}");
    }
    let page = pack(&["explain", "waterways.silent"], PACKS).done();
    for line in [
        "## 规则 Rule `waterways.silent` 断面没有新读数",
        "每个 WaterSection，ammoniaNitrogen 超过 2 小时没有上报，就发出预警",
        "For each WaterSection: when ammoniaNitrogen was not reported for 2 hours, raise an alert",
        "| `WaterSection.ammoniaNitrogen` | 氨氮 | Ammonia nitrogen | ✓ |",
    ] {
        assert!(page.contains(line), "no `{line}` in\n{page}");
    }
    pack(&["explain", "waterways.slient"], PACKS).ended(
        2,
        &["pack `waterways` has no workflow and no rule `slient`; there are: rectification, ammonia-jump"],
    );
    pack(&["explain", "waterways"], PACKS).ended(0, &["## 流程 Workflow", "## 规则 Rule `waterways.grade`"]);
}

#[test]
fn codes_have_pages() {
    let page = pack(&["explain", "pack/unknown-unit"], PACKS).done();
    assert!(page.contains("unit"), "{page}");
    pack(&["explain", "unknown-unitt"], PACKS).ended(2, &["did you mean"]);
    pack(&["explain", "layout"], PACKS).ended(0, &["## `Zone`"]);
}
