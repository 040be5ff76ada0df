//! The plan's own figures as scenarios: what must follow from them, and what must be said of them.

use std::collections::BTreeMap;

use crate::Words;
use crate::board::board;
use crate::conflict::{ConflictKind, Resolution};
use crate::definition::{Indicator, Status, StatusRule};
use crate::figure::{Figure, Kind, Period};
use crate::ledger::Facts;
use crate::returns::workflow::{Acting, RowDecision, State, Step, Verb, WorkflowError, apply, next};
use crate::returns::{Decision, ReturnRow, Severity, check, table, totals};

fn indicator(id: &str, json: serde_json::Value) -> Indicator {
    let mut whole = serde_json::json!({
        "title": {"zh": id, "en": id}, "question": {"zh": "？", "en": "?"}, "group": "g", "unit": "家",
        "direction": "up", "decimals": 2,
    });
    for (key, value) in json.as_object().expect("an object") {
        whole[key] = value.clone();
    }
    let mut made: Indicator = serde_json::from_value(whole).expect("an indicator");
    made.id = id.into();
    made
}

fn at(end: &str) -> Period {
    Period { text: end.into(), start: None, end: Some(end.into()).filter(|e: &String| !e.is_empty()) }
}

fn figure(id: &str, kind: Kind, end: &str, value: f64) -> Figure {
    let mut figure = Figure::new(id, kind, at(end), Some(value), "家");
    figure.reference = format!("{id}-{kind:?}-{value}");
    figure.subject = "海珠区".into();
    figure.seq = Some(1);
    figure
}

fn rules() -> Vec<StatusRule> {
    let rule = |id: &str, when: &str, status| StatusRule {
        id: id.into(),
        when: when.into(),
        status,
        title: Words::new(id, id),
    };
    vec![
        rule("conflict", "hasConflict", Status::Conflict),
        rule("no-data", "!hasActual", Status::NoData),
        rule("achieved", "progress >= 1.0", Status::Achieved),
        rule("near", "progress >= 0.9 * expected", Status::Near),
        rule("behind", "true", Status::Behind),
    ]
}

fn facts(indicators: Vec<Indicator>, figures: Vec<Figure>) -> Facts {
    Facts { district: "海珠区".into(), indicators, figures, status_rules: rules(), ..Facts::default() }
}

const END: &str = "2020-12-31";

#[test]
fn a_share_is_computed_and_agrees_with_the_figure_stated_with_one_digit() {
    let share = indicator(
        "share",
        serde_json::json!({"unit": "%", "formula": "software / electronics * 100.0",
            "inputs": {"software": {"indicator": "software"}, "electronics": {"indicator": "electronics"}}}),
    );
    let plain = |id| indicator(id, serde_json::json!({}));
    // The plan dates one of the inputs and not the others.
    let known = facts(
        vec![share, plain("software"), plain("electronics")],
        vec![
            figure("software", Kind::Baseline, "", 306.0),
            figure("electronics", Kind::Baseline, END, 383.0),
            figure("share", Kind::Baseline, "", 79.9),
        ],
    );
    let seen = board(&known);
    let ledger = crate::ledger::Ledger::new(&known);
    let derived = &ledger.derived("share")[0];
    assert!((derived.value.expect("a value") - 79.896).abs() < 0.001);
    let derivation = derived.derivation.as_ref().expect("its inputs are kept");
    assert_eq!(
        derivation.inputs.iter().map(|i| i.figure.value).collect::<Vec<_>>(),
        [Some(383.0), Some(306.0)]
    );
    assert!(seen.conflicts.is_empty(), "79.896 is 79.9 at the precision stated");
}

#[test]
fn two_totals_for_one_time_are_a_contradiction_until_somebody_chooses() {
    let total = indicator(
        "both",
        serde_json::json!({"formula": "a + b", "inputs": {"a": {"indicator": "a"}, "b": {"indicator": "b"}}}),
    );
    let plain = |id| indicator(id, serde_json::json!({}));
    let stated = figure("both", Kind::Comparison, END, 79.0);
    let mut known = facts(
        vec![total, plain("a"), plain("b")],
        vec![figure("a", Kind::Baseline, END, 51.0), figure("b", Kind::Baseline, END, 36.0), stated.clone()],
    );
    let seen = board(&known);
    assert_eq!(seen.conflicts.len(), 1);
    let conflict = &seen.conflicts[0];
    assert_eq!((conflict.kind, conflict.sides.len()), (ConflictKind::Contradiction, 2));
    assert_eq!(conflict.id, "contradiction:both:2020-12-31");
    let view =
        |seen: &crate::board::Board| seen.indicators.iter().find(|i| i.id == "both").cloned().expect("there");
    assert_eq!(view(&seen).status, Status::Conflict);
    let decided = Resolution {
        chosen: stated.reference.clone(),
        reason: "主管部门核实".into(),
        by: "office".into(),
        at: String::new(),
        seq: 9,
        entity: "urn:x".into(),
    };
    known.resolutions.insert(conflict.id.clone(), decided);
    let seen = board(&known);
    assert_eq!(view(&seen).status, Status::NoData);
    assert_eq!(
        view(&seen).series.last().and_then(|f| f.value),
        Some(79.0),
        "the side that was chosen counts"
    );
}

#[test]
fn a_baseline_beyond_the_target_is_a_gap_of_definition_under_each_area() {
    let density = indicator(
        "density",
        serde_json::json!({"unit": "个/平方公里", "formula": "stations / area",
        "inputs": {"stations": {"indicator": "stations"}, "area": {"entity": "urn:ngsi-ld:District:1", "attribute": "area"}},
        "definitions": [
            {"id": "by-90-40", "title": {"zh": "90.40", "en": "90.40"}},
            {"id": "by-92-09", "title": {"zh": "92.09", "en": "92.09"},
             "inputs": {"area": {"value": 92.09, "unit": "平方公里", "source": "另有页面"}}},
        ]}),
    );
    let stations = indicator("stations", serde_json::json!({}));
    let mut known = facts(
        vec![density, stations],
        vec![
            figure("stations", Kind::Baseline, END, 5144.0),
            figure("density", Kind::Target, "2025-12-31", 52.0),
        ],
    );
    let area = Figure::new("", Kind::Actual, Period::default(), Some(90.4), "平方公里");
    known.outside.insert("urn:ngsi-ld:District:1#area".into(), area);
    let seen = board(&known);
    let conflict = seen.conflicts.iter().find(|c| c.kind == ConflictKind::DefinitionGap).expect("a gap");
    let values: Vec<String> =
        conflict.sides.iter().filter_map(|s| s.figures[0].value.map(|v| format!("{v:.1}"))).collect();
    assert_eq!(values, ["56.9", "55.9", "52.0"]);
    assert_eq!(seen.conflicts.len(), 1, "two definitions do not contradict each other");
}

#[test]
fn a_baseline_of_another_population_gives_no_growth_and_can_be_left_out() {
    let all = indicator("all", serde_json::json!({"baseline": "watched"}));
    let watched = indicator("watched", serde_json::json!({}));
    let mut known = facts(
        vec![all, watched],
        vec![figure("watched", Kind::Baseline, END, 123.0), figure("all", Kind::Target, "2025-12-31", 600.0)],
    );
    let seen = board(&known);
    assert_eq!(seen.conflicts[0].id, "population:all");
    let resolution = Resolution {
        chosen: crate::conflict::TARGET_POPULATION.into(),
        reason: "范围以目标为准".into(),
        by: String::new(),
        at: String::new(),
        seq: 1,
        entity: String::new(),
    };
    known.resolutions.insert("population:all".into(), resolution);
    let seen = board(&known);
    let view = seen.indicators.iter().find(|i| i.id == "all").expect("there");
    assert_eq!((view.baseline.as_ref(), view.status), (None, Status::NoData));
}

#[test]
fn the_status_follows_the_way_to_the_target() {
    let goal = indicator("goal", serde_json::json!({"path": "linear"}));
    for (value, status) in [(1350.0, Status::Achieved), (1300.0, Status::Near), (900.0, Status::Behind)] {
        let known = facts(
            vec![goal.clone()],
            vec![
                figure("goal", Kind::Baseline, END, 793.24),
                figure("goal", Kind::Target, "2025-12-31", 1350.0),
                figure("goal", Kind::Actual, "2025-12-31", value),
            ],
        );
        let view = &board(&known).indicators[0];
        assert_eq!(view.status, status, "{value}");
        assert_eq!(view.path.len(), 6);
        assert_eq!(view.path[1].kind, "interpolated");
    }
}

#[test]
fn formulas_that_lead_to_themselves_give_no_figure_and_do_not_hang() {
    let loops = |id: &str, other: &str| {
        indicator(id, serde_json::json!({"formula": "x + 1.0", "inputs": {"x": {"indicator": other}}}))
    };
    let known = facts(vec![loops("a", "b"), loops("b", "a"), loops("c", "c")], Vec::new());
    assert!(board(&known).indicators.iter().all(|i| i.series.is_empty()));
    let zero = indicator(
        "z",
        serde_json::json!({"formula": "a / b", "inputs": {"a": {"value": 1.0, "source": "x"}, "b": {"value": 0.0, "source": "x"}}}),
    );
    assert!(
        board(&facts(vec![zero], Vec::new())).indicators[0].series.is_empty(),
        "a division by zero is no figure"
    );
}

fn sheet(lines: &[&str]) -> Vec<Vec<String>> {
    lines.iter().map(|l| l.split('|').map(str::to_owned).collect()).collect()
}

fn plan() -> Facts {
    let revenue = indicator(
        "core-revenue",
        serde_json::json!({"unit": "亿元", "range": {"min": 0.0, "max": 10000.0}, "jump": 0.5}),
    );
    let mut known = facts(vec![revenue], Vec::new());
    let mut baseline = figure("core-revenue", Kind::Baseline, END, 793.24);
    baseline.period.start = Some("2020-01-01".into());
    known.figures.push(baseline);
    known
}

#[test]
fn a_table_says_everything_that_is_wrong_with_each_row() {
    let cells = sheet(&[
        "指标代码|时期|数值|单位|来源文件|奇怪的列",
        "core-revenue|2025|1,360.5|亿元|统计公报|",
        "core-revenue|2025|1360.5|亿元|统计公报|",
        "core-revenue|2027|1|万元||",
        "no-such|2025|12|家|公报|",
        "core-revenue|2024|多少|亿元|公报|",
        "core-revenue|2023||||",
    ]);
    let (mut rows, findings) = table::read(&cells);
    assert_eq!(
        findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(),
        ["unknown_column", "bad_number"]
    );
    assert_eq!(rows.len(), 5, "a row that nobody filled in is none");
    assert_eq!(rows[0].value, Some(1360.5));
    check::check(&mut rows, &plan(), "某局", "2026-11-23");
    let codes = |i: usize| rows[i].findings.iter().map(|f| f.code.as_str()).collect::<Vec<_>>();
    assert_eq!(codes(0), ["jump"]);
    assert_eq!(codes(1), ["duplicate_row", "jump"]);
    assert_eq!(codes(2), ["missing_source", "period_not_over", "wrong_unit", "jump"]);
    assert_eq!(codes(3), ["unknown_indicator"]);
    assert_eq!(codes(4), ["missing_value"]);
    assert!(rows[0].findings.iter().all(|f| f.severity == Severity::Warning));
}

#[test]
fn what_another_said_is_a_conflict_and_what_oneself_said_a_correction() {
    let mut known = plan();
    let mut other = figure("core-revenue", Kind::Actual, "2025-12-31", 1300.0);
    other.reported_by = Some("甲局".into());
    known.figures.push(other);
    let row = ReturnRow {
        row: 2,
        indicator: "core-revenue".into(),
        period: "2025".into(),
        value: Some(1360.0),
        unit: "亿元".into(),
        source_document: "公报".into(),
        note: "口径扩大".into(),
        ..ReturnRow::default()
    };
    for (own, code, conflicts) in [("乙局", "contradicts", 1), ("甲局", "correction", 0)] {
        let mut rows = vec![row.clone()];
        check::check(&mut rows, &known, own, "2026-11-23");
        assert_eq!(rows[0].findings[0].code, code);
        assert_eq!(rows[0].conflicts_with.len(), conflicts);
    }
}

#[test]
fn a_return_is_approved_level_by_level_by_different_people() {
    let step = |by: &str, verb: &str| Step {
        at: String::new(),
        by: by.into(),
        verb: verb.into(),
        note: None,
        seq: None,
    };
    let acting = |role, actor| Acting { role, organisation: "bureau", actor };
    let mut steps = vec![step("clerk@bureau", "create")];
    let submitted = next(State::Draft, Verb::Submit, acting("clerk", "clerk@bureau"), "bureau", &steps);
    assert_eq!(submitted, Ok(State::Submitted));
    steps.push(step("clerk@bureau", "submit"));
    let district = acting("district-approver", "district-approver@bureau");
    assert!(matches!(
        next(State::Submitted, Verb::Approve, district, "bureau", &steps),
        Err(WorkflowError::NotYou { wanted: "street-approver", .. })
    ));
    let same = acting("street-approver", "clerk@bureau");
    assert!(matches!(
        next(State::Submitted, Verb::Approve, same, "bureau", &steps),
        Err(WorkflowError::SamePerson(_))
    ));
    let other = Acting { role: "street-approver", organisation: "elsewhere", actor: "x" };
    assert!(matches!(
        next(State::Submitted, Verb::Approve, other, "bureau", &steps),
        Err(WorkflowError::NotYours { .. })
    ));
    assert_eq!(
        next(State::Submitted, Verb::Approve, acting("street-approver", "s"), "bureau", &steps),
        Ok(State::StreetApproved)
    );
    assert_eq!(next(State::StreetApproved, Verb::Approve, district, "bureau", &steps), Ok(State::Approved));
    assert!(matches!(
        next(State::Withdrawn, Verb::Approve, district, "bureau", &steps),
        Err(WorkflowError::NotNow { .. })
    ));
}

#[test]
fn the_total_is_the_sum_of_the_rows_that_were_accepted() {
    let row = |n, value| ReturnRow {
        row: n,
        indicator: "i".into(),
        unit: "家".into(),
        value: Some(value),
        ..ReturnRow::default()
    };
    let mut rows = vec![row(1, 10.0), row(2, 20.0), row(3, 30.0)];
    let refuse = RowDecision { row: 2, decision: Decision::Refused, reason: Some("无来源".into()) };
    let bare = RowDecision { reason: None, ..refuse.clone() };
    assert_eq!(apply(&mut rows, Verb::Approve, &[bare], None), Err(WorkflowError::NoReason(2)));
    apply(&mut rows, Verb::Approve, &[refuse], None).expect("a refusal with its reason");
    assert_eq!(totals(&rows)[0].accepted, 40.0);
    let sum: f64 =
        rows.iter().filter(|r| r.decision == Some(Decision::Accepted)).filter_map(|r| r.value).sum();
    assert_eq!(totals(&rows)[0].accepted, sum);
    assert_eq!(apply(&mut rows, Verb::SendBack, &[], None), Err(WorkflowError::NoNote));
}

#[test]
fn periods_are_years_quarters_and_months() {
    let end = |t: &str| Period::parse(t).and_then(|p| p.end);
    assert_eq!(end("2025"), Some("2025-12-31".into()));
    assert_eq!(end("2025-Q1"), Some("2025-03-31".into()));
    assert_eq!(end("2024-02"), Some("2024-02-29".into()));
    for bad in ["", "25", "2025-Q5", "2025-13", "2025-2", "二〇二五", "2025-Q", "99999", "２０２５"] {
        assert_eq!(end(bad), None, "{bad}");
    }
}

#[test]
fn faults_of_an_indicator_are_said_with_their_place() {
    let wrong = indicator(
        "w",
        serde_json::json!({"formula": "a + b", "inputs": {"a": {"indicator": "none"}, "c": {"value": 1.0}}}),
    );
    let faults: BTreeMap<String, String> =
        wrong.faults(&|_| false).into_iter().map(|f| (f.pointer, f.why)).collect();
    let places: Vec<&str> = faults.keys().map(String::as_str).collect();
    assert_eq!(places, ["/formula", "/inputs/a/indicator", "/inputs/c"]);
}

proptest::proptest! {
    #[test]
    fn no_table_makes_reading_or_checking_panic(cells in proptest::collection::vec(proptest::collection::vec("\\PC{0,12}", 0..8), 0..8)) {
        let mut cells = cells;
        cells.insert(0, ["指标代码", "时期", "数值", "单位", "性质", "说明"].map(String::from).to_vec());
        let (mut rows, _) = table::read(&cells);
        check::check(&mut rows, &plan(), "x", "2026-11-23");
        let _ = totals(&rows);
    }
}

#[test]
fn a_formula_may_count_entities() {
    let share = indicator(
        "online-share",
        serde_json::json!({"unit": "%", "formula": "online / all * 100.0", "inputs": {
            "online": {"count": "ServiceItem", "where": {"online": "true"}}, "all": {"count": "ServiceItem"}}}),
    );
    let mut known = facts(vec![share], Vec::new());
    for (input, count) in known.indicators[0].clone().all_inputs().zip([4.0, 3.0]) {
        let key = input.fact_key().expect("a key");
        known.outside.insert(key, Figure::new("", Kind::Actual, Period::default(), Some(count), "项"));
    }
    let view = &board(&known).indicators[0];
    assert_eq!(view.actual.as_ref().and_then(|f| f.value), Some(75.0));
    let names: Vec<&str> = known.outside.keys().map(String::as_str).collect();
    assert_eq!(names, ["count:ServiceItem", "count:ServiceItem&online=true"]);
}
