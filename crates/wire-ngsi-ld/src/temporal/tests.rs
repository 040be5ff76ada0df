//! Histories as the conformance suite asks for them, and some it does not.

use nacre_model::{Attribute, Change, Content, DeleteReach, EntityId, Instant, Iri, Scope, Seq, Value};
use nacre_views::HistoryRow;
use nacre_views::reader::RowState;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::context::Context;
use crate::entity_out::{LanguageFilter, Projection, Representation};
use crate::errors::ErrorKind;

const NOW: Instant = Instant(1_900_000_000_000);

fn iri(term: &str) -> Iri {
    Context::core().expand(term).expect("a name")
}

fn id() -> EntityId {
    EntityId::new("urn:ngsi-ld:Vehicle:1").expect("a URI")
}

fn at(time: &str) -> Instant {
    Instant::parse(&format!("2020-08-01T{time}Z")).expect("a time")
}

fn row(seq: u64, time: &str, changes: Vec<Change>) -> HistoryRow {
    let command = "test".into();
    HistoryRow { seq: Seq(seq), at: at(time), command, state: RowState::Unsaid, hidden: vec![], changes }
}

fn create() -> Change {
    Change::CreateEntity { entity: id(), types: vec![iri("Vehicle")], scopes: vec![], expires_at: None }
}

fn set(name: &str, attribute: Attribute) -> Change {
    Change::SetAttribute { entity: id(), name: iri(name), attribute }
}

fn add(name: &str, value: impl Into<Value>, time: &str) -> Change {
    let attribute = Attribute::property(value).observed(at(time));
    Change::AddHistory { entity: id(), name: iri(name), attribute }
}

fn delete(name: &str, reach: DeleteReach) -> Change {
    Change::DeleteAttribute { entity: id(), name: iri(name), reach }
}

/// The vehicle of the suite: speed and fuel level, three instances each.
fn vehicle() -> Vec<HistoryRow> {
    let changes = vec![
        create(),
        add("speed", 120, "12:03:00"),
        add("speed", 80, "12:05:00"),
        add("speed", 100, "12:07:00"),
        add("fuelLevel", 67, "12:03:00"),
        add("fuelLevel", 53, "13:05:00"),
        add("fuelLevel", 40, "14:07:00"),
    ];
    vec![row(7, "20:00:00", changes)]
}

fn ask(parameters: TemporalParameters<'_>, format: TemporalFormat) -> TemporalQuery {
    parameters.parse(format).expect("valid")
}

fn everything() -> TemporalQuery {
    TemporalQuery::default()
}

fn evolution(rows: &[HistoryRow], query: &TemporalQuery) -> Evolution {
    assemble(&id(), rows, query, NOW).expect("not too much")
}

fn shown_as(rows: &[HistoryRow], query: &TemporalQuery, rep: &Representation) -> serde_json::Value {
    let mut all = [evolution(rows, query)];
    cut(&mut all, query, 1_000);
    let mut out = Vec::new();
    write_evolution(&mut out, &all[0], &Context::core(), rep, query).expect("written");
    serde_json::from_slice(&out).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out)))
}

fn shown(rows: &[HistoryRow], query: &TemporalQuery) -> serde_json::Value {
    shown_as(rows, query, &Representation { now: NOW, ..Representation::default() })
}

#[test]
fn instances_carry_ids_that_lead_back_to_their_change() {
    let shown = shown(&vehicle(), &everything());
    insta::assert_json_snapshot!(shown);
    let id = shown["speed"][1]["instanceId"].as_str().expect("an id");
    assert_eq!(parse_instance_id(id), Some((Seq(7), 2)));
    assert_eq!(instance_id(Seq(7), 2), id);
    for other in ["urn:x", "urn:ngsi-ld:instance:", "urn:ngsi-ld:instance:1", "urn:ngsi-ld:instance:01-2"] {
        assert_eq!(parse_instance_id(other), None, "{other}");
    }
}

#[test]
fn temporal_values_are_pairs() {
    let query = TemporalQuery { format: TemporalFormat::TemporalValues, ..everything() };
    let shown = shown(&vehicle(), &query);
    assert_eq!(
        shown["speed"],
        json!({"type": "Property", "values": [
            [120, "2020-08-01T12:03:00Z"], [80, "2020-08-01T12:05:00Z"], [100, "2020-08-01T12:07:00Z"]
        ]})
    );
}

#[test]
fn before_excludes_after_includes_and_between_is_half_open() {
    let times = |timerel, time_at, end_time_at| {
        let parameters = TemporalParameters {
            timerel: Some(timerel),
            time_at: Some(time_at),
            end_time_at,
            ..TemporalParameters::default()
        };
        let evolution = evolution(&vehicle(), &ask(parameters, TemporalFormat::Instances));
        let all = evolution.attributes.get(&iri("speed")).map_or(vec![], |a| a.instances.clone());
        all.iter().filter_map(|p| p.attribute.observed_at).collect::<Vec<_>>()
    };
    let noon = "2020-08-01T12:05:00.000Z";
    assert_eq!(times("before", noon, None), [at("12:03:00")]);
    assert_eq!(times("after", noon, None), [at("12:05:00"), at("12:07:00")]);
    assert_eq!(times("between", "2020-08-01T12:03:00Z", Some(noon)), [at("12:03:00")]);
}

#[test]
fn parameters_that_make_no_query_are_refused() {
    let none = TemporalParameters::default();
    let time = Some("2020-08-01T12:05:00Z");
    for parameters in [
        TemporalParameters { timerel: Some("during"), time_at: time, ..none },
        TemporalParameters { timerel: Some("before"), ..none },
        TemporalParameters { time_at: time, ..none },
        TemporalParameters { timerel: Some("between"), time_at: time, ..none },
        TemporalParameters { timerel: Some("after"), time_at: Some("2020-08-01"), ..none },
        TemporalParameters { timeproperty: Some("seenAt"), ..none },
        TemporalParameters { last_n: Some("0"), ..none },
        TemporalParameters { last_n: Some("1.5"), ..none },
        TemporalParameters { aggr_methods: Some("median"), ..none },
        TemporalParameters { aggr_period_duration: Some("1 hour"), ..none },
    ] {
        let error = parameters.parse(TemporalFormat::Instances).expect_err("no query");
        assert_eq!(error.kind, ErrorKind::BadRequestData, "{error}");
    }
    assert!(none.parse(TemporalFormat::AggregatedValues).is_err());
    let body = json!({"timerel": "after", "timeAt": time, "lastN": 3, "aggrMethods": ["avg", "max"]});
    let query = query::from_json(Some(&body), None, TemporalFormat::AggregatedValues).expect("valid");
    assert_eq!(query.last_n, Some(3));
    assert_eq!(query.aggregation.map(|a| a.methods), Some(vec![Method::Avg, Method::Max]));
    for bad in [json!({"lastN": 1.5}), json!({"lastN": 0}), json!({"timerel": 5})] {
        assert!(query::from_json(Some(&bad), None, TemporalFormat::Instances).is_err(), "{bad}");
    }
    let apart = json!({"aggrMethods": "avg", "aggrPeriodDuration": "PT1H"});
    assert!(query::from_json(None, Some(&apart), TemporalFormat::AggregatedValues).is_ok());
}

#[test]
fn deleted_attributes_leave_tombstones_that_only_deleted_at_shows() {
    let mut rows = vehicle();
    let said = Attribute::new(Content::Language(vec![("en".into(), Value::text("bus"))]));
    rows.push(row(8, "20:01:00", vec![set("name", said)]));
    rows.push(row(9, "20:02:00", vec![delete("fuelLevel", DeleteReach::Dataset(None))]));
    rows.push(row(10, "20:03:00", vec![Change::DeleteEntity { entity: id() }]));
    let query = TemporalQuery { property: TimeProperty::DeletedAt, ..everything() };
    insta::assert_json_snapshot!("tombstones", shown(&rows, &query));
    let values = TemporalQuery { format: TemporalFormat::TemporalValues, ..query };
    insta::assert_json_snapshot!("tombstones_values", shown(&rows, &values));
    assert_eq!(shown(&rows, &everything())["fuelLevel"].as_array().map(Vec::len), Some(3));
    let modified = TemporalQuery { property: TimeProperty::ModifiedAt, ..everything() };
    assert_eq!(shown(&rows, &modified)["name"][0]["modifiedAt"], "2020-08-01T20:01:00Z");
}

#[test]
fn what_was_withdrawn_was_never_there() {
    let mut rows = vehicle();
    rows[0].hidden = vec![1, 2, 3];
    rows.push(row(8, "20:01:00", vec![delete("speed", DeleteReach::All)]));
    let query = TemporalQuery { property: TimeProperty::DeletedAt, ..everything() };
    assert!(shown(&rows, &query).get("speed").is_none());
    assert!(shown(&rows, &everything()).get("speed").is_none());
    let all = Change::EraseHistory { entity: id(), name: None, instance: None };
    rows.push(row(9, "20:02:00", vec![Change::DeleteEntity { entity: id() }, all]));
    assert!(!evolution(&rows, &everything()).is_known());
}

#[test]
fn the_same_time_of_observation_replaces() {
    let mut rows = vehicle();
    rows.push(row(8, "21:00:00", vec![add("speed", 99, "12:05:00"), add("speed", 10, "12:01:00")]));
    let speeds: Vec<Value> = evolution(&rows, &everything()).attributes[&iri("speed")]
        .instances
        .iter()
        .map(|p| match &p.attribute.content {
            Content::Property(v) => v.clone(),
            _ => Value::Null,
        })
        .collect();
    assert_eq!(speeds, [10, 120, 99, 100].map(Value::Int));
}

#[test]
fn scopes_are_instances_of_a_property() {
    let scopes = |all: &[&str]| Change::SetScopes {
        entity: id(),
        scopes: all.iter().map(|s| Scope::new(s).expect("a scope")).collect(),
    };
    let mut rows = vehicle();
    rows.push(row(8, "20:01:00", vec![scopes(&["/a", "/b"])]));
    rows.push(row(9, "20:02:00", vec![scopes(&[])]));
    let shown_now = shown(&rows, &everything());
    assert_eq!(
        shown_now["scope"],
        json!([{"type": "Property", "value": ["/a", "/b"], "observedAt": "2020-08-01T20:01:00Z"}])
    );
    let deleted = TemporalQuery { property: TimeProperty::DeletedAt, ..everything() };
    let gone = shown(&rows, &deleted);
    assert_eq!(
        gone["scope"],
        json!([{"type": "Property", "value": [], "deletedAt": "2020-08-01T20:02:00Z"}])
    );
    let values = TemporalQuery { format: TemporalFormat::TemporalValues, ..deleted };
    assert_eq!(
        shown(&rows, &values)["scope"],
        json!({"type": "Property", "values": [[[], "2020-08-01T20:02:00Z"]]})
    );
}

#[test]
fn what_has_expired_evaporates_with_its_history() {
    let mut flash = Attribute::property(10);
    flash.expires_at = Some(NOW);
    let rows =
        [row(1, "12:00:00", vec![create(), set("flash", flash), set("steady", Attribute::property(1))])];
    let query = TemporalQuery { property: TimeProperty::ModifiedAt, ..everything() };
    let shown = shown(&rows, &query);
    assert!(shown.get("flash").is_none() && shown.get("steady").is_some());
}

#[test]
fn aggregates_hold_only_periods_with_data() {
    let parameters = TemporalParameters {
        aggr_methods: Some("avg,max"),
        aggr_period_duration: Some("PT1H"),
        ..TemporalParameters::default()
    };
    insta::assert_json_snapshot!(
        "aggregated_hour",
        shown(&vehicle(), &ask(parameters, TemporalFormat::AggregatedValues))
    );
    let all = "avg,distinctCount,max,min,stddev,sum,sumsq,totalCount";
    let whole = TemporalParameters {
        timerel: Some("between"),
        time_at: Some("2020-08-01T12:00:00Z"),
        end_time_at: Some("2020-08-02T00:00:00Z"),
        aggr_methods: Some(all),
        ..TemporalParameters::default()
    };
    let mut rows = vehicle();
    let list = |n: usize| Value::List(vec![Value::Int(1); n]);
    rows.push(row(
        8,
        "21:00:00",
        vec![
            add("name", "b", "12:01:00"),
            add("name", "a", "12:02:00"),
            add("lit", true, "12:01:00"),
            add("lit", false, "12:02:00"),
            add("seats", list(2), "12:01:00"),
            add("seats", list(4), "12:02:00"),
            add("at", Value::Map(vec![]), "12:01:00"),
        ],
    ));
    insta::assert_json_snapshot!(
        "aggregated_whole",
        shown(&rows, &ask(whole, TemporalFormat::AggregatedValues))
    );
}

#[test]
fn an_attribute_asked_for_must_be_of_use_to_a_method() {
    let rows =
        [row(1, "12:00:00", vec![create(), add("name", "b", "12:01:00"), add("speed", 1, "12:01:00")])];
    let parameters = TemporalParameters { aggr_methods: Some("avg"), ..TemporalParameters::default() };
    let query = ask(parameters, TemporalFormat::AggregatedValues);
    assert!(shown(&rows, &query).get("name").is_none());
    let rep = Representation { attributes: vec![iri("name")], ..Representation::default() };
    let evolution = evolution(&rows, &query);
    let error =
        write_evolution(&mut Vec::new(), &evolution, &Context::core(), &rep, &query).expect_err("no use");
    assert_eq!(error.kind, ErrorKind::InvalidRequest);
}

/// Speed first, fuel level after it: instances that do not overlap.
fn unsynchronized(n: u32) -> Vec<HistoryRow> {
    let mut changes = vec![create()];
    for i in 0..n {
        changes.push(add("speed", i64::from(i), &format!("10:{i:02}:00")));
        changes.push(add("fuelLevel", i64::from(i), &format!("11:{i:02}:00")));
    }
    vec![row(1, "20:00:00", changes)]
}

#[test]
fn a_long_answer_is_cut_at_one_instant_and_says_so() {
    let page = |parameters: TemporalParameters<'_>, n: u32| {
        let query = ask(parameters, TemporalFormat::Instances);
        let mut all = [evolution(&unsynchronized(n), &query), evolution(&vehicle(), &query)];
        let range = cut(&mut all, &query, 9).map(|r| r.to_string());
        let counts: Vec<usize> =
            all.iter().flat_map(|e| e.attributes.values().map(|a| a.instances.len())).collect();
        (range, counts)
    };
    let none = TemporalParameters::default();
    assert_eq!(page(none, 9), (None, vec![9, 9, 3, 3]));
    let (range, counts) = page(none, 20);
    assert_eq!(range.as_deref(), Some("date-time 2020-08-01T10:00:00Z-2020-08-01T10:08:00Z/*"));
    assert_eq!(counts, [9, 0, 0, 0]);
    let after = TemporalParameters { timerel: Some("after"), time_at: Some("2019-01-01T01:01:00Z"), ..none };
    let (range, _) = page(after, 20);
    assert_eq!(range.as_deref(), Some("date-time 2019-01-01T01:01:00Z-2020-08-01T10:08:00Z/*"));
    let last = TemporalParameters {
        last_n: Some("20"),
        timerel: Some("before"),
        time_at: Some("2021-01-01T01:01:00Z"),
        ..none
    };
    let (range, counts) = page(last, 20);
    assert_eq!(range.as_deref(), Some("date-time 2021-01-01T01:01:00Z-2020-08-01T11:11:00Z/20"));
    assert_eq!(counts, [0, 9, 3, 2 + 1]);
    let few = TemporalParameters { last_n: Some("2"), ..none };
    assert_eq!(page(few, 20), (None, vec![2, 2, 2, 2]));
}

#[test]
fn an_attribute_left_empty_by_the_cut_is_an_empty_array() {
    let query = everything();
    let mut all = [evolution(&unsynchronized(20), &query)];
    cut(&mut all, &query, 9);
    let write = |query: &TemporalQuery| {
        let mut out = Vec::new();
        let rep = Representation::default();
        write_evolutions(&mut out, &all, &Context::core(), &rep, query).expect("written");
        serde_json::from_slice::<serde_json::Value>(&out).expect("JSON")[0]["fuelLevel"].clone()
    };
    assert_eq!(write(&query), json!([]));
    let values = TemporalQuery { format: TemporalFormat::TemporalValues, ..query };
    assert_eq!(write(&values), json!({"type": "Property", "values": []}));
}

#[test]
fn datasets_kinds_and_languages_are_kept_apart() {
    let mut gps = Attribute::property(60).observed(at("12:04:00"));
    gps.dataset_id = Some(Iri::trusted("urn:d:gps"));
    let vocab =
        Attribute::new(Content::Vocab { terms: vec![iri("bus")], many: false }).observed(at("12:00:00"));
    let said = Attribute::new(Content::Language(vec![("en".into(), "hi".into())])).observed(at("12:00:00"));
    let mut rows = vehicle();
    rows.push(row(8, "20:01:00", vec![set("speed", gps), set("kind", vocab), set("says", said)]));
    let query = TemporalQuery { format: TemporalFormat::TemporalValues, ..everything() };
    let shown = |rep: &Representation| shown_as(&rows, &query, rep);
    let all = shown(&Representation::default());
    assert_eq!(all["speed"][1]["datasetId"], "urn:d:gps");
    assert_eq!(all["kind"]["vocabs"], json!([[{"vocab": "bus"}, "2020-08-01T12:00:00Z"]]));
    assert_eq!(all["says"]["languageMaps"][0][0], json!({"languageMap": {"en": "hi"}}));
    let one = shown(&Representation {
        datasets: vec![Some(Iri::trusted("urn:d:gps"))],
        lang: LanguageFilter::parse("en").ok(),
        ..Representation::default()
    });
    assert_eq!(one["speed"]["values"], json!([[60, "2020-08-01T12:04:00Z"]]));
    assert!(one.get("fuelLevel").is_none());
    let english =
        shown(&Representation { lang: LanguageFilter::parse("en").ok(), ..Representation::default() });
    assert_eq!(english["says"], json!({"type": "Property", "values": [["hi", "2020-08-01T12:00:00Z"]]}));
    let picked = Projection::parse("id,kind", &Context::core()).ok();
    let picked = shown(&Representation { pick: picked, ..Representation::default() });
    assert_eq!(
        picked.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>().join(",")).as_deref(),
        Some("id,kind")
    );
}

#[test]
fn the_window_as_an_entity_answers_queries() {
    let evolution = evolution(&vehicle(), &everything());
    assert!(evolution.has_instances(&[]) && evolution.has_instances(&[iri("speed")]));
    assert!(!evolution.has_instances(&[iri("name")]));
    let entity = evolution.as_entity();
    let filter = crate::q::parse("speed==80;fuelLevel<50", &Context::core(), &[]).expect("valid");
    let query = nacre_kernel::query::Query { filter: Some(filter), ..Default::default() };
    let links = nacre_kernel::query::matching::NoLinks;
    assert!(nacre_kernel::query::matching::matches(&query, &entity, NOW, &links));
}

proptest! {
    /// However it is cut, what is shown is complete between its ends and never more than ties allow.
    #[test]
    fn a_cut_leaves_no_holes(times in prop::collection::vec((0_u32..2, 0_i64..40), 1..60), max in 1_usize..12, last in prop::option::of(1_u32..30)) {
        let changes = times.iter().map(|(which, ms)| Change::AddHistory {
            entity: id(),
            name: iri(["a", "b"][*which as usize]),
            attribute: Attribute::property(*ms).observed(Instant(*ms)),
        });
        let rows = [row(1, "12:00:00", std::iter::once(create()).chain(changes).collect())];
        let query = TemporalQuery { last_n: last, ..everything() };
        let whole = evolution(&rows, &query);
        let mut all = [whole.clone()];
        let range = cut(&mut all, &query, max);
        for (name, shown) in &all[0].attributes {
            prop_assert!(shown.instances.len() <= max);
            let Some(range) = range else { continue };
            let (low, high) = (range.start.min(range.end), range.start.max(range.end));
            let inside = whole.attributes[name].instances.iter().filter(|p| {
                p.attribute.observed_at.is_some_and(|at| low <= at && at <= high)
            });
            let limit = last.map_or(usize::MAX, |n| n as usize);
            prop_assert_eq!(shown.instances.len(), inside.count().min(limit));
        }
    }
}
