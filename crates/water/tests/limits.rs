//! Every limit of GB 3838-2002, exactly at it and just to either side, and the judgement of a section.

use nacre_water::{Body, Class, Limit, Parameter, classify, judge, judge_against, limit, meets, saturation};
use proptest::prelude::*;

const STEP: f64 = 1e-6;
const FIVE: [Class; 5] = [Class::I, Class::II, Class::III, Class::IV, Class::V];

/// The table as the standard prints it, written a second time so that a slip in the source shows.
const AT_MOST: [(Parameter, Body, [f64; 5]); 7] = [
    (Parameter::PermanganateIndex, Body::River, [2.0, 4.0, 6.0, 10.0, 15.0]),
    (Parameter::ChemicalOxygenDemand, Body::River, [15.0, 15.0, 20.0, 30.0, 40.0]),
    (Parameter::BiochemicalOxygenDemand, Body::River, [3.0, 3.0, 4.0, 6.0, 10.0]),
    (Parameter::AmmoniaNitrogen, Body::River, [0.15, 0.5, 1.0, 1.5, 2.0]),
    (Parameter::TotalPhosphorus, Body::River, [0.02, 0.1, 0.2, 0.3, 0.4]),
    (Parameter::TotalPhosphorus, Body::Lake, [0.01, 0.025, 0.05, 0.1, 0.2]),
    (Parameter::AmmoniaNitrogen, Body::Lake, [0.15, 0.5, 1.0, 1.5, 2.0]),
];

/// The best class whose limit in the row is not exceeded.
fn expected(row: &[f64; 5], value: f64) -> Class {
    FIVE.into_iter().zip(row).find(|(_, l)| value <= **l).map_or(Class::Worse, |(c, _)| c)
}

#[test]
fn each_upper_limit_holds_exactly_at_it_and_breaks_just_above() {
    for (parameter, body, row) in AT_MOST {
        for (n, at) in row.into_iter().enumerate() {
            assert_eq!(limit(parameter, FIVE[n], body), Some(Limit::AtMost(at)));
            for value in [at - STEP, at, at + STEP] {
                assert_eq!(
                    classify(parameter, value, body, None),
                    Some(expected(&row, value)),
                    "{parameter} {body:?} {value}"
                );
            }
            let after = classify(parameter, at + STEP, body, None).expect("a class");
            assert!(after > FIVE[n], "{parameter} just above the limit of {}", FIVE[n]);
        }
        assert_eq!(limit(parameter, Class::Worse, body), None);
        assert_eq!(classify(parameter, 0.0, body, None), Some(Class::I));
    }
}

#[test]
fn each_lower_limit_of_oxygen_holds_exactly_at_it_and_breaks_just_below() {
    let row = [(7.5, Class::I), (6.0, Class::II), (5.0, Class::III), (3.0, Class::IV), (2.0, Class::V)];
    for (n, (at, class)) in row.into_iter().enumerate() {
        let next = row.get(n + 1).map_or(Class::Worse, |(_, c)| *c);
        let of = |value| classify(Parameter::DissolvedOxygen, value, Body::River, None);
        assert_eq!((of(at + STEP), of(at), of(at - STEP)), (Some(class), Some(class), Some(next)));
    }
}

#[test]
fn where_two_classes_share_a_limit_the_better_one_is_given() {
    assert_eq!(classify(Parameter::ChemicalOxygenDemand, 15.0, Body::River, None), Some(Class::I));
    assert_eq!(classify(Parameter::ChemicalOxygenDemand, 15.1, Body::River, None), Some(Class::III));
    assert_eq!(classify(Parameter::BiochemicalOxygenDemand, 3.0, Body::River, None), Some(Class::I));
    assert_eq!(classify(Parameter::BiochemicalOxygenDemand, 3.1, Body::River, None), Some(Class::III));
}

#[test]
fn ph_from_six_to_nine_is_class_one_and_all_else_beyond_v() {
    for (value, class) in [
        (6.0, Class::I),
        (7.2, Class::I),
        (9.0, Class::I),
        (6.0 - STEP, Class::Worse),
        (9.0 + STEP, Class::Worse),
        (0.0, Class::Worse),
        (14.0, Class::Worse),
    ] {
        assert_eq!(classify(Parameter::Ph, value, Body::Lake, None), Some(class), "{value}");
    }
}

#[test]
fn warm_water_reaches_class_one_at_ninety_percent_saturation() {
    let full = saturation(30.0).expect("within the formula");
    assert!((full - 7.597).abs() < 1e-3);
    let of = |value, t| classify(Parameter::DissolvedOxygen, value, Body::River, t);
    assert_eq!(of(0.9 * full, Some(30.0)), Some(Class::I));
    assert_eq!(of(0.9 * full - STEP, Some(30.0)), Some(Class::II));
    assert_eq!(of(0.9 * full, None), Some(Class::II));
    // Cold water holds more: 7.5 mg/L is still enough.
    assert_eq!(of(7.5, Some(5.0)), Some(Class::I));
    // A temperature that cannot be is as none.
    assert_eq!(of(7.0, Some(99.0)), Some(Class::II));
    assert_eq!(of(7.0, Some(f64::NAN)), Some(Class::II));
}

#[test]
fn nitrogen_and_temperature_never_decide_and_what_is_no_reading_has_no_class() {
    for value in [0.0, 2.0, 900.0] {
        assert_eq!(classify(Parameter::TotalNitrogen, value, Body::Lake, None), None);
        assert_eq!(classify(Parameter::Temperature, value, Body::River, None), None);
    }
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.1] {
        assert_eq!(classify(Parameter::AmmoniaNitrogen, value, Body::River, None), None);
    }
}

#[test]
fn a_section_has_the_class_of_its_worst_parameter_and_says_which() {
    let values = [
        (Parameter::Ph, 7.1),
        (Parameter::DissolvedOxygen, 5.4),
        (Parameter::AmmoniaNitrogen, 1.3),
        (Parameter::TotalPhosphorus, 0.25),
        (Parameter::TotalNitrogen, 9.0),
    ];
    let judged = judge_against(&values, Body::River, None, Some(Class::III));
    assert_eq!(judged.class, Some(Class::IV));
    let deciding: Vec<_> =
        judged.deciding.iter().map(|d| (d.parameter, d.limit_of_target, d.limit)).collect();
    assert_eq!(
        deciding,
        [
            (Parameter::AmmoniaNitrogen, Some(1.0), Some(1.5)),
            (Parameter::TotalPhosphorus, Some(0.2), Some(0.3))
        ]
    );
    assert_eq!(
        judged.missing,
        [Parameter::PermanganateIndex, Parameter::ChemicalOxygenDemand, Parameter::BiochemicalOxygenDemand]
    );
    assert_eq!(judged.each.len(), 5);
    assert_eq!(judged.each[4].2, None);
    assert!(judge(&values, Body::River, None).deciding.iter().all(|d| d.limit_of_target.is_none()));
}

#[test]
fn beyond_class_five_the_limit_shown_is_that_of_five() {
    let judged = judge(&[(Parameter::AmmoniaNitrogen, 3.1), (Parameter::Ph, 5.5)], Body::River, None);
    assert_eq!(judged.class, Some(Class::Worse));
    assert_eq!(judged.deciding.iter().map(|d| d.limit).collect::<Vec<_>>(), [Some(2.0), Some(6.0)]);
}

#[test]
fn nothing_to_judge_has_no_class_and_all_is_missing() {
    for values in [&[][..], &[(Parameter::TotalNitrogen, 1.0)], &[(Parameter::Ph, f64::NAN)]] {
        let judged = judge(values, Body::River, None);
        assert_eq!((judged.class, judged.deciding.len(), judged.missing.len()), (None, 0, 7));
    }
}

#[test]
fn names_words_and_targets_are_those_of_the_standard() {
    let words: Vec<_> = Class::ALL.into_iter().map(|c| (c.name(), c.verdict().0)).collect();
    assert_eq!(
        words,
        [
            ("I", "优"),
            ("II", "优"),
            ("III", "良好"),
            ("IV", "轻度污染"),
            ("V", "中度污染"),
            ("劣V", "重度污染")
        ]
    );
    for p in Parameter::ALL {
        assert_eq!(Parameter::parse(p.name()), Some(p));
        assert_eq!(serde_json::to_value(p).expect("a name"), serde_json::json!(p.name()));
        assert!(matches!(p.unit(), "M1" | "C62" | "CEL") && !p.title().0.is_empty());
    }
    for c in Class::ALL {
        assert_eq!(Class::parse(c.name()), Some(c));
        assert_eq!(serde_json::to_value(c).expect("a name"), serde_json::json!(c.name()));
    }
    assert!(meets(Class::III, Class::III) && meets(Class::I, Class::III) && !meets(Class::IV, Class::III));
}

fn any_parameter() -> impl Strategy<Value = Parameter> {
    (0..Parameter::ALL.len()).prop_map(|n| Parameter::ALL[n])
}

fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![Just(Body::River), Just(Body::Lake)]
}

proptest! {
    #[test]
    fn a_worse_value_never_gives_a_better_class(
        parameter in any_parameter(),
        body in any_body(),
        temperature in proptest::option::of(-10.0..60.0f64),
        a in 0.0..50.0f64,
        b in 0.0..50.0f64,
    ) {
        let badness = |v: f64| match parameter {
            Parameter::Ph => (v - 7.5).abs(),
            Parameter::DissolvedOxygen => -v,
            _ => v,
        };
        let (better, worse) = if badness(a) <= badness(b) { (a, b) } else { (b, a) };
        let of = |v| classify(parameter, v, body, temperature);
        prop_assert!(of(better) <= of(worse));
    }

    #[test]
    fn the_judgement_is_the_worst_of_each(
        values in proptest::collection::vec((any_parameter(), prop_oneof![0.0..20.0f64, proptest::num::f64::ANY]), 0..12),
        body in any_body(),
        temperature in proptest::option::of(proptest::num::f64::ANY),
    ) {
        let judged = judge(&values, body, temperature);
        let worst = values.iter().filter_map(|(p, v)| classify(*p, *v, body, temperature)).max();
        prop_assert_eq!(judged.class, worst);
        prop_assert_eq!(judged.deciding.is_empty(), worst.is_none());
        prop_assert!(judged.deciding.iter().all(|d| Some(d.class) == worst && d.limit.is_some()));
        prop_assert_eq!(judged.each.len(), values.len());
        for p in judged.missing {
            prop_assert!(judged.each.iter().all(|(q, _, c)| *q != p || c.is_none()));
        }
    }
}
