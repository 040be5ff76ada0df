//! Dates and places as they are published, whole entities refused, and duplicates.

use nacre_water::CorrectionCode::{
    CoordinatesForm, CoordinatesSwapped, DateForm, DateOfAttributes, LocationDropped, TimeOfReceipt,
    ZoneAssumed,
};
use nacre_water::{Cleaned, CorrectionCode, Refused, clean, clean_all};
use serde_json::{Value, json};

/// 2026-11-03T01:00:00Z, which is nine o'clock in UTC+8.
const NINE: i64 = 1_793_667_600_000;
const RECEIVED: i64 = NINE + 3_600_000;

fn dated(date: &Value) -> Result<Cleaned, Refused> {
    clean(&json!({"id": "x", "type": "WaterQualityObserved", "dateObserved": date, "pH": 7}), RECEIVED)
}

fn codes(of: &Cleaned) -> Vec<CorrectionCode> {
    of.corrections.iter().map(|c| c.code).collect()
}

#[test]
fn dates_in_many_forms_are_one_instant() {
    let rows: [(Value, &[CorrectionCode]); 20] = [
        (json!("2026-11-03T01:00:00Z"), &[]),
        (json!("2026-11-03T01:00:00.000Z"), &[]),
        (json!("2026-11-03T09:00:00+08:00"), &[]),
        (json!({"type": "DateTime", "value": "2026-11-03T01:00:00Z"}), &[]),
        (json!({"type": "Property", "value": {"@type": "DateTime", "@value": "2026-11-03T01:00:00Z"}}), &[]),
        (json!("2026-11-03 09:00:00+0800"), &[DateForm]),
        (json!("2026/11/3 9:00"), &[DateForm, ZoneAssumed]),
        (json!("2026-11-03 09:00:00"), &[DateForm, ZoneAssumed]),
        (json!("2026-11-03T09:00:00"), &[DateForm, ZoneAssumed]),
        (json!("2026.11.03 09:00"), &[DateForm, ZoneAssumed]),
        (json!("2026年11月3日 9时00分"), &[DateForm, ZoneAssumed]),
        (json!("2026年11月3日9时"), &[DateForm, ZoneAssumed]),
        (json!("20261103090000"), &[DateForm, ZoneAssumed]),
        (json!(20_261_103_090_000_i64), &[DateForm, ZoneAssumed]),
        (json!("202611030900"), &[DateForm, ZoneAssumed]),
        (json!(NINE / 1000), &[DateForm]),
        (json!(NINE), &[DateForm]),
        (json!((NINE / 1000).to_string()), &[DateForm]),
        (json!(NINE.to_string()), &[DateForm]),
        (json!("2026-11-03T00:00:00Z/2026-11-03T01:00:00Z"), &[DateForm]),
    ];
    for (date, said) in rows {
        let got = dated(&date).unwrap_or_else(|e| panic!("{date}: {e}"));
        assert_eq!(got.observed_at_ms, NINE, "{date}");
        assert_eq!(codes(&got), said, "{date}");
    }
}

#[test]
fn a_day_alone_and_the_hour_twenty_four_are_midnight_of_utc_plus_eight() {
    for (date, ms) in [
        ("2026-11-03", NINE - 9 * 3_600_000),
        ("20261103", NINE - 9 * 3_600_000),
        ("2026-11-02 24:00", NINE - 9 * 3_600_000),
        ("31/10/2026 09:00", NINE - 3 * 86_400_000),
        ("10/31/2026 09:00", NINE - 3 * 86_400_000),
        ("2024-02-29 09:00", 1_709_168_400_000),
    ] {
        assert_eq!(dated(&json!(date)).map(|c| c.observed_at_ms), Ok(ms), "{date}");
    }
}

#[test]
fn a_date_that_cannot_be_read_for_certain_refuses_the_entity() {
    for date in [
        "03/11/2026 09:00",
        "yesterday",
        "2026-13-01",
        "2025-02-29",
        "2026-11-03 25:00",
        "2026-11-03 9:00 pm",
    ] {
        assert!(matches!(dated(&json!(date)), Err(Refused::Date { .. })), "{date}");
    }
    for date in
        [json!("1970-01-01T00:00:00Z"), json!("2036-11-03T00:00:00Z"), json!(1), json!(NINE + 90_000_001)]
    {
        assert!(matches!(dated(&date), Err(Refused::DateOutside { .. })), "{date}");
    }
}

#[test]
fn without_a_date_the_attributes_are_asked_and_then_the_receipt() {
    let got = dated(&Value::Null).expect("taken");
    assert_eq!((got.observed_at_ms, codes(&got)), (RECEIVED, vec![TimeOfReceipt]));
    let entity = json!({"id": "x", "type": "WaterQualityObserved",
        "pH": {"type": "Property", "value": 7, "observedAt": "2026-11-03T00:00:00Z"},
        "temperature": {"type": "Number", "value": 20, "metadata": {"TimeInstant": {"value": "2026-11-03T01:00:00Z"}}}});
    let got = clean(&entity, RECEIVED).expect("taken");
    assert_eq!((got.observed_at_ms, codes(&got)), (NINE, vec![DateOfAttributes]));
    let entity = json!({"id": "x", "dateObserved": "2026-11-03T01:00:00Z", "timestamp": 5, "pH": 7});
    let got = clean(&entity, RECEIVED).expect("taken");
    assert_eq!((got.observed_at_ms, got.ignored), (NINE, vec!["timestamp".to_owned()]));
}

fn placed(members: &Value) -> Cleaned {
    let mut entity = json!({"id": "x", "dateObserved": "2026-11-03T01:00:00Z"});
    for (name, member) in members.as_object().expect("an object") {
        entity[name] = member.clone();
    }
    clean(&entity, RECEIVED).expect("taken")
}

#[test]
fn places_in_many_forms_are_one_point() {
    let rows: [(Value, &[CorrectionCode]); 15] = [
        (json!({"location": {"type": "Point", "coordinates": [113.26, 23.13]}}), &[]),
        (json!({"location": {"type": "Point", "coordinates": [113.26, 23.13, 4.0]}}), &[]),
        (
            json!({"location": {"type": "geo:json", "value": {"type": "Point", "coordinates": [113.26, 23.13]}}}),
            &[],
        ),
        (
            json!({"location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [113.26, 23.13]}}}),
            &[],
        ),
        (json!({"location": {"type": "Point", "coordinates": [23.13, 113.26]}}), &[CoordinatesSwapped]),
        (json!({"location": {"type": "Point", "coordinates": ["113.26", "23.13"]}}), &[CoordinatesForm]),
        (
            json!({"location": {"type": "Point", "coordinates": ["23,13", "113,26"]}}),
            &[CoordinatesForm, CoordinatesSwapped],
        ),
        (json!({"location": {"type": "geo:point", "value": "23.13, 113.26"}}), &[CoordinatesForm]),
        (
            json!({"location": {"type": "geo:point", "value": "113.26, 23.13"}}),
            &[CoordinatesForm, CoordinatesSwapped],
        ),
        (json!({"location": "113.26,23.13"}), &[CoordinatesForm]),
        (json!({"location": "23.13，113.26"}), &[CoordinatesForm, CoordinatesSwapped]),
        (json!({"location": "POINT(113.26 23.13)"}), &[CoordinatesForm]),
        (json!({"location": [113.26, 23.13]}), &[CoordinatesForm]),
        (json!({"location": {"lat": 23.13, "lng": 113.26}}), &[CoordinatesForm]),
        (json!({"latitude": "23.13", "longitude": "113.26°"}), &[CoordinatesForm]),
    ];
    for (members, said) in rows {
        let got = placed(&members);
        assert_eq!(got.location, Some((113.26, 23.13)), "{members}");
        assert_eq!(codes(&got), said, "{members}");
    }
}

#[test]
fn a_place_that_may_be_one_of_two_or_none_is_dropped() {
    for place in [
        json!("23.1, 45.2"),
        json!({"type": "Point", "coordinates": [0, 0]}),
        json!({"type": "Point", "coordinates": [500, 23]}),
        json!({"type": "Point", "coordinates": []}),
        json!({"type": "Polygon", "coordinates": [[[113.0, 23.0]]]}),
        json!("Haizhu District"),
        json!("23°7′N 113°15′E"),
        json!(7),
    ] {
        let got = placed(&json!({"location": place}));
        assert_eq!((got.location, codes(&got)), (None, vec![LocationDropped]), "{place}");
    }
    assert_eq!(placed(&json!({})).location, None);
    let alone = placed(&json!({"latitude": 23.13}));
    assert_eq!((alone.location, alone.ignored), (None, vec!["latitude".to_owned()]));
}

#[test]
fn an_entity_is_refused_only_when_it_cannot_be_said_what_it_is() {
    let of = |entity: Value| clean(&entity, RECEIVED).expect_err("refused");
    assert_eq!(of(json!([])), Refused::NotAnEntity);
    assert_eq!(of(json!({"pH": 7})), Refused::NoId);
    assert_eq!(of(json!({"id": "  "})), Refused::NoId);
    assert_eq!(of(json!({"id": "x".repeat(201)})), Refused::NoId);
    let weather = of(json!({"id": "x", "type": "WeatherObserved", "temperature": 21}));
    assert_eq!(weather, Refused::OtherType { found: "WeatherObserved".to_owned() });
    let mut large = json!({"id": "x"});
    for n in 0..500 {
        large[format!("a{n}")] = json!(n);
    }
    let large = of(large);
    assert_eq!(large, Refused::TooLarge { found: 501 });
    assert!(large.to_string().contains("501") && large.zh().contains("501") && large.code() == "tooLarge");
}

#[test]
fn the_same_entity_at_the_same_instant_is_a_duplicate_even_in_another_form() {
    let list = [
        json!({"id": "a", "dateObserved": "2026-11-03T01:00:00Z", "pH": 7.0}),
        json!({"id": "b", "dateObserved": "2026-11-03T01:00:00Z", "pH": 7.0}),
        json!("rubbish"),
        json!({"id": "a", "dateObserved": "2026/11/3 9:00", "PH": "7,0"}),
        json!({"id": "a", "dateObserved": "2026-11-03T00:00:00Z", "pH": 7.0}),
        json!({"id": "a", "dateObserved": "2026-11-03T01:00:00Z", "pH": 7.5}),
    ];
    let all = clean_all(&list, RECEIVED);
    assert_eq!(all.cleaned.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [0, 1, 4]);
    assert_eq!(all.refused, [(2, Refused::NotAnEntity)]);
    let twice: Vec<_> = all.duplicates.iter().map(|d| (d.kept, d.dropped, d.same_values)).collect();
    assert_eq!(twice, [(0, 3, true), (0, 5, false)]);
}
