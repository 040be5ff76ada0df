//! Scenarios of a small pack with a workflow and a rule: what may be written, and what the checker says of slips.

use std::fs;
use std::path::Path;

use nacre_pack::{Loaded, load};

const PACK: &[(&str, &str)] = &[
    (
        "pack.yaml",
        "title: { zh: 路灯, en: Lamps }\ndescription: { zh: 路灯, en: Lamps }\nversion: 0.1.0\nowner: department\n",
    ),
    ("README.md", "# 路灯\n\n用途、界限、怎样读，都写在这里。 Purpose, limits, how to read it.\n"),
    ("quality.yaml", "tier: draft\nrules: { sample: { exempt: 样例在别处 } }\n"),
    (
        "types/lamp.yaml",
        "title: { zh: 灯, en: Lamp }\ndescription: { zh: 灯, en: Lamp }\nattributes:\n  name:\n    title: { zh: 名称, en: \
         Name }\n    required: true\n  lit:\n    title: { zh: 亮, en: Lit }\n    value: boolean\n",
    ),
    (
        "types/organization.yaml",
        "title: { zh: 单位, en: Organisation }\ndescription: { zh: 单位, en: Organisation }\nattributes:\n  name:\n    title: { \
         zh: 名称, en: Name }\n    required: true\n",
    ),
    (
        "access.yaml",
        "roles:\n  repairer:\n    title: role.repairer\n    level: fill\n    verbs: [case.report, case.act, alert.act]\n    may: \
         [{ do: [read], types: [Lamp], classifications: [public] }]\n",
    ),
    ("text/zh.yaml", "role.repairer: 维修员\nrule.dark: 灯灭\n"),
    ("text/en.yaml", "role.repairer: Repairer\nrule.dark: Dark\n"),
    (
        "workflow/repair.yaml",
        "title: { zh: 维修, en: Repair }\nnumber: WX\nstart: sent\nstates:\n  sent: { title: { zh: 已派, en: Sent }, holder: \
         [repairer], due: { kind: working-days, amount: 1 } }\n  done: { title: { zh: 修好, en: Done }, kind: done }\nrows:\n  - { \
         from: [sent], command: mend, title: { zh: 修好, en: Mend }, to: done, needs: [note] }\n",
    ),
    (
        "rules/dark.yaml",
        "title: rule.dark\non: { type: Lamp }\nwhen: change\nattributes: [lit]\nif: lit == false\nthen:\n  - alert: { severity: \
         \"'blue'\", scheme: national-four, category: lamp, title: name }\n",
    ),
];

const SOUND: &str = "\
story: 灯灭了，派人修好
given:
  Lamp: [{ id: l-1, name: 甲 }]
  Organization: [{ id: demo, name: 样例单位 }]
when:
  - { at: \"2026-11-20T09:00+08:00\", observe: l-1, lit: false }
  - { then: { alert: dark, about: l-1, state: raised, severity: blue } }
  - { open: repair, as: 甲灯, title: 甲灯不亮, about: l-1, organisation: demo, by: repairer@demo }
  - { alert: lamps.dark, about: l-1, do: acknowledge, by: repairer@demo }
  - { case: 甲灯, do: mend, by: repairer@demo, refused: case_note_missing }
  - { wait: 1 h }
  - { case: 甲灯, do: mend, by: repairer@demo, note: 换了灯泡 }
  - { then: [{ case: 甲灯, state: done, overdue: false }, { case: repair, about: l-1, organisation: ~ }] }
then:
  - { cases: lamps.repair, state: done, count: 1 }
  - { alerts: dark, about: l-1, count: 1 }
  - { fired: dark, times: 1 }
  - { notices: repairer, count: 0 }
";

fn check(scenario: &str) -> (Loaded, Vec<String>) {
    let root = tempfile::tempdir().expect("a folder");
    let files = PACK.iter().copied().chain([("scenarios/dark.yaml", scenario)]);
    for (path, text) in files {
        let path = root.path().join("lamps").join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
        fs::write(path, text).expect("writes");
    }
    let loaded = load(&root.path().join("lamps"));
    let prefix = format!("{}/lamps/", root.path().to_string_lossy());
    let said = loaded.findings.iter().map(|f| f.to_string().replace(&prefix, "")).collect();
    (loaded, said)
}

#[test]
fn a_sound_scenario_has_no_findings() {
    let (loaded, said) = check(SOUND);
    assert!(said.is_empty(), "{}", said.join("\n"));
    let pack = loaded.pack.expect("loads");
    let names: Vec<&str> = pack.scenarios["dark"].names().into_iter().collect();
    assert_eq!(names, ["lamps.dark", "lamps.repair"], "names are written in full");
    let text = nacre_pack::explain::pack(&pack, &[]);
    for line in [
        "`repairer@demo` opens a case of `lamps.repair` as `甲灯`: 甲灯不亮",
        "- then the case of `lamps.repair` about `urn:ngsi-ld:Lamp:l-1` has no organisation",
        "- then there are 1 cases of `lamps.repair` with state = \"done\"",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

/// One slip in the sound scenario gives one finding, with its place and the nearest word.
#[test]
fn slips_are_named_with_place_and_nearest_word() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "open: repair",
            "open: repiar",
            "8:7: error[pack/scenario-step]: there is no workflow `repiar`; did you mean `repair`?",
        ),
        (
            "do: mend, by: repairer@demo, note",
            "do: mned, by: repairer@demo, note",
            "12:17: error[pack/scenario-step]: `lamps.repair` knows no verb `mned`; did you mean `mend`?",
        ),
        (
            "alert: dark",
            "alert: drak",
            "7:15: error[pack/scenario-step]: there is no rule `drak`; did you mean `dark`?",
        ),
        (
            "do: acknowledge",
            "do: acknowlege",
            "9:38: error[pack/scenario-step]: alerts know no verb `acknowlege`; did you mean `acknowledge`?",
        ),
        (
            "organisation: demo, by: repairer@demo",
            "organisation: demo, by: repairman@demo",
            "8:74: error[pack/scenario-step]: `repairman` is no post of access.yaml; did you mean `repairer`?",
        ),
        (
            "organisation: demo, by",
            "organisation: dmo, by",
            "8:54: error[pack/scenario-step]: no Organization `dmo` was given or created; did you mean `demo`?",
        ),
        (
            ", by: repairer@demo, note",
            ", note",
            "12:5: error[pack/scenario-step]: who does it is missing: `by: role@organisation`",
        ),
        (
            "note: 换了灯泡",
            "nota: 换了灯泡",
            "12:46: error[pack/unknown-key]: unknown key `nota`; did you mean `note`?",
        ),
        (
            "case: 甲灯, state: done",
            "case: 甲灯, state: doen",
            "13:26: error[pack/scenario-step]: `lamps.repair` has no state `doen`; did you mean `done`?",
        ),
        (
            "state: raised",
            "state: rased",
            "7:40: error[pack/scenario-step]: `alerts` has no state `rased`; did you mean `raised`?",
        ),
        ("overdue: false", "overdue: no", "13:39: error[pack/scenario-step]: `overdue` is `true` or `false`"),
        (
            "fired: dark, times: 1",
            "fired: dark",
            "17:5: error[pack/scenario-step]: how many is missing: `times: 1`",
        ),
        (
            "wait: 1 h",
            "wiat: 1 h",
            "11:5: error[pack/scenario-step]: a step has one of `create`, `observe`, `report`, `wait`, `open`, `case`, `alert` and \
             `then`; did you mean `wait`?",
        ),
        (
            "refused: case_note_missing",
            "refused: case_note_mising",
            "10:46: error[pack/bad-value]: `refused` is `case_note_mising`; did you mean `case_note_missing`?",
        ),
        (
            "notices: repairer, count: 0",
            "notices: repairer, count: none",
            "18:26: error[pack/bad-value]: `count`: \"none\" is not of type \"integer\"",
        ),
    ];
    let mut other = Vec::new();
    for (from, to, wanted) in cases {
        assert!(SOUND.contains(from), "{from}");
        let (loaded, said) = check(&SOUND.replacen(from, to, 1));
        let wanted = format!("scenarios/dark.yaml:{wanted}");
        if !said.contains(&wanted) {
            other.push(format!("{to}\n  wanted {wanted}\n  found  {}", said.join("\n         ")));
        }
        assert!(loaded.pack.is_none(), "{to}: a pack with errors does not load");
    }
    assert!(other.is_empty(), "{}", other.join("\n"));
}

#[test]
fn workflows_and_rules_that_no_scenario_tells_are_a_warning() {
    let story = "story: 灯\ngiven:\n  Organization: [{ id: demo, name: 样例单位 }]\nwhen:\n  - { at: \"2026-11-20T09:00+08:00\", \
                 create: Lamp, id: l-1, name: 甲 }\nthen:\n  - { value: l-1, name: 甲 }\n";
    let (loaded, said) = check(story);
    assert_eq!(
        said,
        [
            "rules/dark.yaml:1:1: warning[pack/no-scenario]: no scenario is about `lamps.dark`",
            "workflow/repair.yaml:1:1: warning[pack/no-scenario]: no scenario is about `lamps.repair`",
        ]
    );
    assert!(loaded.pack.is_some());
    let (_, said) = check(&SOUND.replace(
        "do: mend, by: repairer@demo, note: 换了灯泡",
        "do: comment, by: repairer@demo, note: 已到场",
    ));
    let wanted =
        "workflow/repair.yaml:1:1: warning[pack/no-scenario]: no scenario does `mend` of `lamps.repair`";
    assert_eq!(said, [wanted], "each row of a workflow is walked by some story");
}
