//! A small sound pack, broken in one place at a time: the checker names file, line, column and code.

use std::fs;
use std::path::Path;

use nacre_pack::{Loaded, load};
use proptest::prelude::*;

const PACK: &[(&str, &str)] = &[
    (
        "pack.yaml",
        "title: { zh: 甲, en: A }\ndescription: { zh: 甲, en: A }\nversion: 0.1.0\nowner: department\n",
    ),
    ("README.md", "# 甲\n\n用途、界限、怎样读，都写在这里。 Purpose, limits, how to read it.\n"),
    ("quality.yaml", "tier: draft\nrules: {}\n"),
    (
        "types/lamp.yaml",
        "title: { zh: 灯, en: Lamp }\ndescription: { zh: 灯, en: Lamp }\nattributes:\n  name:\n    title: { zh: 名称, en: \
         Name }\n    required: true\n  power:\n    title: { zh: 功率, en: Power }\n    value: number\n    unit: WTT\n    \
         min: 0\n  state:\n    title: { zh: 状态, en: State }\n    codes: lamp-state\n  place:\n    title: { zh: 位置, en: \
         Place }\n    kind: geo\n    value: point\n",
    ),
    (
        "codes/lamp-state.yaml",
        "title: { zh: 状态, en: State }\nstandard: nacre\ncodes:\n  - code: on\n    title: { zh: 亮, en: \"On\" }\n",
    ),
    ("text/zh.yaml", "lamp.list: 灯\n"),
    ("text/en.yaml", "lamp.list: Lamps\n"),
    ("views/lamps.yaml", "kind: list\ntype: Lamp\ntitle: lamp.list\ncolumns: [name, power]\n"),
    (
        "scenarios/lamp.yaml",
        "story: 灯\nwhen:\n  - { at: \"2026-11-20T09:00+08:00\", create: Lamp, id: l-1, name: 甲, power: 5 }\nthen:\n  - { \
         value: l-1, power: 5 }\n",
    ),
    ("sample/lamp.csv", "id,name,power,state,place.lon,place.lat\nl-1,甲,5,on,113.3,23.1\n"),
];

fn write(root: &Path, changed: &str, text: Option<&str>) {
    let mut files: Vec<(&str, Option<&str>)> = PACK.iter().map(|(path, text)| (*path, Some(*text))).collect();
    match files.iter_mut().find(|(path, _)| *path == changed) {
        Some(file) => file.1 = text,
        None => files.push((changed, text)),
    }
    for (path, text) in files {
        let path = root.join("lamps").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        if let Some(text) = text {
            fs::write(path, text).expect("writes");
        }
    }
}

fn check(changed: &str, text: Option<&str>) -> (Loaded, Vec<String>) {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), changed, text);
    let loaded = load(&root.path().join("lamps"));
    let prefix = format!("{}/lamps/", root.path().to_string_lossy());
    let said = loaded.findings.iter().map(|f| f.to_string().replace(&prefix, "")).collect();
    (loaded, said)
}

/// The file with one text replaced.
fn with(path: &str, from: &str, to: &str) -> String {
    let (_, text) = PACK.iter().find(|(known, _)| *known == path).expect("a file");
    assert!(text.contains(from), "{path} holds {from}");
    text.replacen(from, to, 1)
}

#[test]
fn the_sound_pack_has_no_findings() {
    let (loaded, said) = check("pack.yaml", Some(PACK[0].1));
    assert!(said.is_empty(), "{said:?}");
    assert!(loaded.pack.is_some());
}

#[test]
fn one_mistake_gives_one_finding_at_its_place() {
    let types = "types/lamp.yaml";
    let cases: &[(&str, &str, &str, &str)] = &[
        (
            types,
            "unit: WTT",
            "unit: Watt",
            "types/lamp.yaml:10:5: error[pack/unknown-unit]: unknown unit `Watt`; did you mean `WTT` (瓦, W)?",
        ),
        (
            types,
            "unit: WTT",
            "untis: WTT",
            "types/lamp.yaml:10:5: error[pack/unknown-key]: unknown key `untis`; did you mean `unit`?",
        ),
        (
            types,
            "codes: lamp-state",
            "codes: lamp-sate",
            "types/lamp.yaml:14:5: error[pack/unknown-code-list]: there is no code list `lamp-sate`; did you mean `lamp-state`?",
        ),
        (
            types,
            "value: number",
            "value: text",
            "types/lamp.yaml:10:5: error[pack/unit-without-number]: only `value: number` and `value: integer` have a unit",
        ),
        (
            types,
            "min: 0",
            "min: 5\n    max: 1",
            "types/lamp.yaml:11:5: error[pack/bad-range]: `min: 5` is larger than `max: 1`",
        ),
        (
            types,
            "  power:",
            "  value:",
            "types/lamp.yaml:7:3: error[pack/reserved-name]: `value` has a meaning of its own in NGSI-LD",
        ),
        (
            types,
            "    required: true",
            "    required: yes",
            "types/lamp.yaml:6:5: error[pack/bad-value]: `required`: \"yes\" is not of type \"boolean\"",
        ),
        (
            types,
            "    required: true",
            "    required: true\n    required: true",
            "types/lamp.yaml:7:5: error[pack/duplicate-key]: key `required` stands twice, first on line 6",
        ),
        (
            types,
            "    required: true",
            "    pattern: \"(\"",
            "types/lamp.yaml:6:5: error[pack/bad-pattern]: `(`: unclosed group",
        ),
        (
            types,
            "    required: true",
            "    check: citizen-id",
            "types/lamp.yaml:4:3: error[pack/classification]: `name` holds a citizen id and is `internal`; write `classification: personal` or `sensitive`",
        ),
        (
            types,
            "min: 0",
            "min: 0\n    example: -3",
            "types/lamp.yaml:12:5: error[pack/bad-example]: the example of `power` is -3, allowed: 0 and more",
        ),
        (
            types,
            "kind: geo\n    value: point",
            "kind: relationship\n    to: Pole",
            "types/lamp.yaml:18:5: error[pack/unknown-type]: there is no type `Pole`",
        ),
        (
            "codes/lamp-state.yaml",
            "  - code: on",
            "  - code: on\n    title: { zh: 亮, en: x }\n  - code: on",
            "codes/lamp-state.yaml:6:5: error[pack/duplicate-code]: code `on` stands twice for the same days",
        ),
        (
            "codes/lamp-state.yaml",
            "standard: nacre",
            "standard: nacre\nvalidFrom: 2026-13-01",
            "codes/lamp-state.yaml:3:1: error[pack/validity]: `2026-13-01` is no day",
        ),
        (
            "text/en.yaml",
            "lamp.list: Lamps\n",
            "lamp.list: Lamps\nlamp.more: More\n",
            "text/en.yaml:2:1: error[pack/missing-translation]: `lamp.more` has no text in `zh.yaml`",
        ),
        (
            "views/lamps.yaml",
            "lamp.list",
            "lamp.lists",
            "views/lamps.yaml:3:1: error[pack/unknown-text]: there is no text `lamp.lists`; did you mean `lamp.list`?",
        ),
        (
            "views/lamps.yaml",
            "[name, power]",
            "[name, powr]",
            "views/lamps.yaml:4:17: error[pack/unknown-attribute]: `Lamp` has no attribute `powr`; did you mean `power`?",
        ),
        (
            "views/lamps.yaml",
            "type: Lamp",
            "type: Lamb",
            "views/lamps.yaml:2:1: error[pack/unknown-type]: there is no type `Lamb`; did you mean `Lamp`?",
        ),
        (
            "pack.yaml",
            "owner: department",
            "owner: department\nneeds: [nothing]",
            "pack.yaml:5:9: error[pack/unknown-pack]: there is no pack `nothing`",
        ),
        (
            "pack.yaml",
            "owner: department",
            "owner: department\nsystems: [114]",
            "pack.yaml:5:11: error[pack/unknown-system]: the plan has no system `114`, they are numbered 1 to 113",
        ),
        (
            "pack.yaml",
            "version: 0.1.0\n",
            "",
            "pack.yaml:1:1: error[pack/missing-key]: `the file` has no `version`",
        ),
        (
            "quality.yaml",
            "rules: {}",
            "rules: { views: { exempt: 1 } }",
            "quality.yaml:2:19: error[pack/bad-value]: `exempt`: 1 is not of type \"string\"",
        ),
        (
            "sample/lamp.csv",
            "id,name,power",
            "id,name,powr",
            "sample/lamp.csv:1:1: error[pack/unknown-column]: column `powr` is no attribute of `Lamp`; did you mean `power`?",
        ),
        (
            "sample/lamp.csv",
            ",on,",
            ",off,",
            "sample/lamp.csv:2:1: error[pack/entity-value]: `state` is `off`, no code of `lamp-state`",
        ),
        (
            "sample/lamp.csv",
            "甲,5",
            "甲,五",
            "sample/lamp.csv:2:1: error[pack/entity-value]: `power` is `五`, not a number",
        ),
        (
            "sample/lamp.csv",
            "l-1,甲",
            "l-1,",
            "sample/lamp.csv:2:1: error[pack/required-value]: `name` is required",
        ),
        (
            "sample/lamp.csv",
            "l-1,甲",
            "l 1,甲",
            "sample/lamp.csv:2:1: error[pack/bad-id]: `l 1` is no id: letters, digits, `-`, `_`, `.` and `:`, at most 120",
        ),
        (
            "sample/lamp.csv",
            "23.1\n",
            "23.1\nl-1,乙,5,on,113.3,23.1\n",
            "sample/lamp.csv:3:1: error[pack/duplicate-id]: `urn:ngsi-ld:Lamp:l-1` stands twice, first on line 2",
        ),
        (
            "sample/lamp.csv",
            "23.1\n",
            "23.1\nl-2,乙\n",
            "sample/lamp.csv:3:1: error[pack/csv]: the row has 2 cells, the header 6",
        ),
        (
            "scenarios/lamp.yaml",
            "value: l-1",
            "value: l-2",
            "scenarios/lamp.yaml:5:7: error[pack/scenario-step]: `l-2` was neither given nor created; did you mean `l-1`?",
        ),
        (
            "scenarios/lamp.yaml",
            "T09:00+08:00",
            "T09:00",
            "scenarios/lamp.yaml:3:7: error[pack/scenario-step]: `2026-11-20T09:00` is no instant with a zone: `2026-11-20T09:00+08:00`",
        ),
        (
            "scenarios/lamp.yaml",
            "power: 5 }\nthen",
            "watt: 5 }\nthen",
            "scenarios/lamp.yaml:3:69: error[pack/unknown-attribute]: `Lamp` has no attribute `watt`",
        ),
    ];
    for (path, from, to, wanted) in cases {
        let (loaded, said) = check(path, Some(&with(path, from, to)));
        assert!(said.iter().any(|line| line == wanted), "{to}: wanted\n{wanted}\nfound\n{}", said.join("\n"));
        assert!(loaded.pack.is_none(), "{to}: a pack with errors does not load");
    }
}

#[test]
fn files_in_the_wrong_place_and_missing_files() {
    let (_, said) = check("README.md", None);
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("error[pack/missing-file]: there is no `README.md`"));
    let (_, said) = check("type/lamp.yaml", Some("a: 1"));
    assert_eq!(
        said,
        [
            "type/lamp.yaml:1:1: error[pack/unknown-file]: `type/` is no folder of a pack; did you mean `types`?"
        ]
    );
    let (_, said) = check("types/run.py", Some("print()"));
    assert_eq!(said, ["types/run.py:1:1: error[pack/unknown-file]: `types/` holds `.yaml` files"]);
    let (_, said) = check("sample/lamb.csv", Some("id\n"));
    assert_eq!(
        said,
        [
            "sample/lamb.csv:1:1: error[pack/unknown-type]: no type has the file name `lamb`; did you mean `lamp`?"
        ]
    );
    let (_, said) = check(
        "sample/lamp.more.ndjson",
        Some("{\"id\":\"l-9\",\"id\":\"l-8\"}\n{\"id\":\"l-2\",\"name\":\"乙\"}\n[]\n"),
    );
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].starts_with("sample/lamp.more.ndjson:1:"), "{said:?}");
}

#[test]
fn what_no_one_filled_or_told_is_a_warning() {
    let (loaded, said) = check("sample/lamp.csv", Some("id,name\nl-1,甲\n"));
    assert_eq!(
        said,
        ["views/lamps.yaml:1:1: warning[pack/empty-view]: no sample row has a value for `power`"]
    );
    assert!(loaded.pack.is_some(), "warnings do not stop a pack");
    let (_, said) = check("sample/lamp.csv", None);
    assert_eq!(said, ["types/lamp.yaml:1:1: warning[pack/no-sample]: there is no sample of `Lamp`"]);
    let (_, said) = check("scenarios/lamp.yaml", None);
    assert_eq!(said, ["types/lamp.yaml:1:1: warning[pack/no-scenario]: no scenario is about `Lamp`"]);
    let (_, said) = check("quality.yaml", Some("tier: working\nrules: {}\n"));
    assert_eq!(said.len(), 5, "each rule of the tier is asked for: {said:?}");
}

#[test]
fn packs_that_need_each_other_are_refused() {
    let root = tempfile::tempdir().expect("a folder");
    let manifest = |needs: &str| format!("{}needs: [{needs}]\n", PACK[0].1);
    write(root.path(), "pack.yaml", Some(&manifest("other")));
    for (path, text) in &PACK[1..3] {
        let path = root.path().join("other").join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("writes");
    }
    fs::write(root.path().join("other/pack.yaml"), manifest("lamps")).expect("writes");
    let loaded = load(&root.path().join("other"));
    assert!(loaded.findings.is_empty() || loaded.pack.is_none());
    let all = nacre_pack::check_all(root.path());
    let said: Vec<&str> = all.values().flat_map(|l| &l.findings).map(|f| f.code.name()).collect();
    assert!(said.contains(&"pack/needs-cycle"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    let root = tempfile::tempdir().expect("a folder");
    write(root.path(), "pack.yaml", Some(PACK[0].1));
    let outside = root.path().join("outside.yaml");
    fs::write(&outside, "a: 1").expect("writes");
    std::os::unix::fs::symlink(&outside, root.path().join("lamps/types/outside.yaml")).expect("links");
    let loaded = load(&root.path().join("lamps"));
    assert!(loaded.findings.iter().any(|f| f.message == "links are not followed"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Cut, doubled or overwritten at any place, a pack gives findings or loads; it never panics.
    #[test]
    fn no_damage_makes_the_checker_panic(which in 0..PACK.len(), at in 0usize..400, junk in "[\\x00-\\x7f字]{0,12}", cut in 0usize..30) {
        let (path, text) = PACK[which];
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, junk.chars());
        let damaged: String = chars.into_iter().collect();
        let (loaded, said) = check(path, Some(&damaged));
        prop_assert!(loaded.pack.is_some() || !said.is_empty());
    }
}

#[test]
fn an_unreadable_file_is_reported_once() {
    for path in ["types/lamp.yaml", "codes/lamp-state.yaml", "text/zh.yaml"] {
        let (_, said) = check(path, Some("a: [\n"));
        assert_eq!(said.len(), 1, "{path}: {said:?}");
    }
}
