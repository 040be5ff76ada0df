//! The packs and the district of this repository: no finding, every scenario holds, the data agree with themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use nacre_indicators::figure::{Figure, Kind, Period};
use nacre_indicators::ledger::{Facts, Ledger};
use nacre_model::{Geometry, Position};
use nacre_pack::quality::Tier;
use nacre_pack::{District, Extent, SeedEntity, check_all, load_district, scaffold, seed_entities};
use serde_json::Value as Json;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn haizhu() -> District {
    let loaded = load_district(&repository().join("districts/haizhu"), &repository().join("packs"));
    let said: Vec<String> = loaded.findings.iter().map(ToString::to_string).collect();
    assert!(said.is_empty(), "{}", said.join("\n"));
    loaded.district.expect("loads")
}

fn of<'a>(district: &'a District, entity_type: &str) -> Vec<&'a SeedEntity> {
    district.entities.iter().filter(|e| e.entity_type == entity_type).collect()
}

fn text(entity: &SeedEntity, name: &str) -> String {
    entity.value(name).and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn number(entity: &SeedEntity, name: &str) -> Option<f64> {
    entity.value(name).and_then(|v| v.as_f64())
}

/// Their scenarios run where a kernel is: `crates/nacre/tests/pack.rs`.
#[test]
fn packs_have_no_findings() {
    let loaded = check_all(&repository().join("packs"));
    assert!(loaded.len() >= 6);
    for (name, one) in &loaded {
        let said: Vec<String> = one.findings.iter().map(ToString::to_string).collect();
        assert!(said.is_empty(), "{name}:\n{}", said.join("\n"));
        let pack = one.pack.as_ref().expect("loads");
        let needs: Vec<_> = pack.needs.iter().filter_map(|need| loaded[need].pack.clone()).collect();
        assert!(pack.samples().all(|row| row.value("sample") == Some(Json::Bool(true))));
        assert!(name == "_template" || pack.quality.tier >= Tier::Working, "{name}");
        assert!(nacre_pack::explain::pack(pack, &needs).contains(&pack.title.zh));
    }
    let indexes: BTreeSet<_> = loaded["plan"].pack.as_ref().expect("loads").indexes().collect();
    assert!(indexes.contains(&("PlanFigure", "indicator")));
}

#[test]
fn a_new_pack_passes_the_checker() {
    let root = tempfile::tempdir().expect("a folder");
    for pack in ["_common", "_template"] {
        copy(&repository().join("packs").join(pack), &root.path().join(pack));
    }
    let written = scaffold(root.path(), "water-section").expect("scaffolds");
    assert!(written.iter().any(|path| path.ends_with("types/water-section.yaml")));
    let loaded = nacre_pack::load(&root.path().join("water-section"));
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    assert!(loaded.pack.expect("loads").types.contains_key("WaterSection"));
    for name in ["Water", "", "a--b", "schema", "../x", "water-section"] {
        assert!(scaffold(root.path(), name).is_err(), "{name}");
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("copies");
        }
    }
}

#[test]
fn streets_and_communities_agree_with_the_code_table() {
    let district = haizhu();
    let (streets, communities) = (of(&district, "Street"), of(&district, "Community"));
    // As of 2023-06-30, in the order of the codes 440105001 to 440105018.
    let counts = [22, 14, 22, 16, 12, 13, 14, 12, 19, 10, 17, 21, 19, 17, 12, 13, 7, 7];
    assert_eq!((streets.len(), communities.len()), (18, counts.iter().sum()));
    for (i, (street, count)) in streets.iter().zip(counts).enumerate() {
        assert_eq!(street.id, format!("urn:ngsi-ld:Street:440105{:03}", i + 1));
        assert_eq!(text(street, "divisionCode"), format!("440105{:03}000", i + 1));
        let own = communities.iter().filter(|c| text(c, "partOf") == street.id).count();
        assert_eq!((own, number(street, "communityCount")), (count, Some(count as f64)));
    }
    for community in communities {
        assert!(
            text(community, "partOf").ends_with(&text(community, "divisionCode")[..9]),
            "{}",
            community.id
        );
    }
}

#[test]
fn figures_stand_in_the_text_and_convert() {
    let district = haizhu();
    let sections: BTreeMap<String, String> =
        of(&district, "PlanSection").iter().map(|s| (s.id.clone(), text(s, "text"))).collect();
    let figures = of(&district, "PlanFigure");
    let rows: BTreeSet<i64> = figures.iter().filter_map(|f| f.value("row")?.as_i64()).collect();
    assert_eq!(rows, (1..=37).collect(), "every row of the list is there");
    let plan = district.packs.iter().find(|p| p.name == "plan").expect("the plan");
    let units = &plan.codes["plan-unit"];
    for figure in &figures {
        let sentence = text(figure, "sentence");
        assert!(sections[&text(figure, "section")].contains(&sentence), "{}: {sentence}", figure.id);
        let Some(value) = number(figure, "figure") else {
            assert!(!text(figure, "statement").is_empty(), "{} has neither number nor words", figure.id);
            continue;
        };
        let unit = units.find(&text(figure, "figureUnit")).expect("a unit");
        let (code, factor) = unit.converts.expect("converts");
        let quantity = number(figure, "quantity").expect("a quantity");
        assert!((quantity - value * factor).abs() <= 1e-9 * quantity.abs(), "{}", figure.id);
        assert_eq!(figure.attribute("quantity").and_then(|a| a.unit_code.as_deref()), Some(code.code));
        // The number stands in its sentence, except where the text writes 2025年 or a rounded list.
        let written = [format!("{value}"), format!("{value:.1}"), format!("{value:.2}")];
        assert!(written.iter().any(|w| sentence.contains(w)), "{}: {value} in {sentence}", figure.id);
    }
}

/// What the platform derives from the plan's own figures, and the contradictions it finds in them by itself.
#[test]
fn derived_checks_and_conflicts_follow_from_the_figures() {
    let district = haizhu();
    let plan = district.packs.iter().find(|p| p.name == "plan").expect("the plan");
    let kind = |text: &str| match text {
        "target" => Some(Kind::Target),
        "baseline" => Some(Kind::Baseline),
        "comparison" => Some(Kind::Comparison),
        _ => None,
    };
    let figures = of(&district, "PlanFigure").into_iter().filter_map(|f| {
        let end = Some(text(f, "periodEnd")).filter(|e| !e.is_empty());
        let period = Period { text: text(f, "periodText"), start: None, end };
        let kind = kind(&text(f, "figureKind"))?;
        let mut made =
            Figure::new(&text(f, "indicator"), kind, period, number(f, "figure"), &text(f, "figureUnit"));
        made.subject = text(f, "subject");
        made.comparator = Some(text(f, "comparator"));
        made.reference.clone_from(&f.id);
        Some(made)
    });
    let mut facts = Facts {
        district: "海珠区".into(),
        indicators: plan.indicators.values().cloned().collect(),
        status_rules: plan.status_rules.clone(),
        figures: figures.collect(),
        ..Facts::default()
    };
    let area = number(of(&district, "District")[0], "area").expect("an area");
    let key = "urn:ngsi-ld:District:440105#area".to_owned();
    facts.outside.insert(key, Figure::new("", Kind::Actual, Period::default(), Some(area), "平方公里"));
    let ledger = Ledger::new(&facts);
    let derived = |id: &str| ledger.derived(id)[0].value.expect("a value");
    for (id, value, within) in [
        ("hightech-software-share", 79.9, 0.05),
        ("pazhou-core-share", 18.16, 0.005),
        ("core-revenue-2019", 602.3, 0.05),
        ("core-target-multiple", 1.70, 0.005),
        ("four-above-multiple", 4.9, 0.05),
        ("grid-events-open", 351.0, 0.5),
        ("incubators-and-makerspaces", 87.0, 0.0),
        ("5g-density", 56.9, 0.05),
    ] {
        assert!((derived(id) - value).abs() <= within, "{id}: {}", derived(id));
    }
    let conflicts = nacre_indicators::board::board(&facts).conflicts;
    let ids: Vec<&str> = conflicts.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "contradiction:incubators-and-makerspaces:2020-12-31",
            "definition-gap:5g-density",
            "population:core-four-above"
        ]
    );
}

/// A mixed datum moves everything by half a kilometre: the tower, on the northern bank, would fall into the river.
#[test]
fn the_outline_is_in_wgs84() {
    let district = haizhu();
    let (outline, label) = district.outline.clone().expect("an outline");
    assert_eq!(label.zh, "示意图");
    let Geometry::Polygon(rings) = &outline else { panic!("a polygon") };
    let tower = (113.31914, 23.10899);
    assert!(inside(tower, &rings[0]));
    let shifted: Vec<Position> = rings[0]
        .iter()
        .map(|p| {
            let (longitude, latitude) = nacre_model::datum::wgs84_to_gcj02(p.longitude, p.latitude);
            Position { longitude, latitude, altitude: None }
        })
        .collect();
    assert!(!inside(tower, &shifted), "in GCJ-02 the tower lies outside");
    let own = of(&district, "District")[0].attribute("boundary").cloned().expect("a boundary");
    assert_eq!(own.content, nacre_model::Content::Geo(outline.clone()));
    let (pinned, loose): (Vec<_>, Vec<_>) =
        of(&district, "Landmark").into_iter().partition(|l| l.attribute("location").is_some());
    assert_eq!(pinned.len(), 20);
    for landmark in loose.iter().chain(&of(&district, "Park")).chain(&of(&district, "Street")) {
        assert_eq!(
            landmark.value("needsPin"),
            Some(Json::Bool(true)),
            "{} has no place and says so",
            landmark.id
        );
    }
}

fn inside((x, y): (f64, f64), ring: &[Position]) -> bool {
    ring.windows(2).fold(false, |is, pair| {
        let (a, b) = (&pair[0], &pair[1]);
        let crosses = (a.latitude > y) != (b.latitude > y)
            && x < (b.longitude - a.longitude) * (y - a.latitude) / (b.latitude - a.latitude) + a.longitude;
        is != crosses
    })
}

#[test]
fn seeds_come_as_normalized_ngsi_ld_with_their_line() {
    let (district, packs) = (repository().join("districts/haizhu"), repository().join("packs"));
    let seeds: Vec<SeedEntity> =
        seed_entities(&district, &packs).map(|seed| seed.expect("no error")).collect();
    let street = seeds.iter().find(|s| s.id == "urn:ngsi-ld:Street:440105015").expect("琶洲");
    let json = street.json();
    assert_eq!(json["type"], "Street");
    assert_eq!(json["name"], serde_json::json!({"type": "Property", "value": "琶洲街道"}));
    assert_eq!(
        json["partOf"],
        serde_json::json!({"type": "Relationship", "object": "urn:ngsi-ld:District:440105"})
    );
    assert_eq!(json["communityCount"]["unitCode"], "C62");
    assert!(street.source().ends_with("districts/haizhu/data/street.csv:18"), "{}", street.source());
    let loaded = haizhu();
    for seed in &seeds {
        let def = loaded.entity_type(&seed.entity_type).expect("a type");
        assert!(def.check(Extent::Whole, seed.attributes.iter().map(|(n, a)| (n.as_str(), a))).is_empty());
    }
    assert!(loaded.indexes().any(|index| index == ("Street", "divisionCode")));
    let mut missing = seed_entities(&repository().join("districts/nowhere"), &packs);
    assert!(missing.next().is_some_and(|first| first.is_err()));
}

/// Editors complete from the schema that the first line names.
#[test]
fn every_yaml_file_names_its_schema() {
    let mut open = vec![repository().join("packs"), repository().join("districts")];
    let mut seen = 0;
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|e| e == "yaml") {
            let text = std::fs::read_to_string(&path).expect("reads");
            let first = text.lines().next().unwrap_or_default();
            let schema = first.strip_prefix("# yaml-language-server: $schema=").expect("a modeline");
            assert!(path.parent().expect("a folder").join(schema).is_file(), "{}: {schema}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}
