//! The verdict of a river: shares at their thresholds, averages below five sections.

use nacre_water::{Body, Class, Parameter, SectionReading, river};
use proptest::prelude::*;

/// Sections of the classes given, so many of each.
fn sections(counts: &[(Class, usize)]) -> Vec<SectionReading> {
    let of = |(class, n): &(Class, usize)| vec![SectionReading { class: Some(*class), values: vec![] }; *n];
    counts.iter().flat_map(of).collect()
}

fn with(values: &[(Parameter, f64)]) -> SectionReading {
    SectionReading { class: Some(Class::II), values: values.to_vec() }
}

#[test]
fn the_shares_decide_at_their_thresholds() {
    use Class::{I, II, III, IV, V, Worse};
    let table: [(&[(Class, usize)], &str); 11] = [
        (&[(II, 9), (Worse, 1)], "优"),
        (&[(I, 1), (III, 4)], "优"),
        (&[(III, 89), (IV, 11)], "良好"),
        (&[(III, 75), (Worse, 25)], "良好"),
        (&[(II, 6), (IV, 2)], "良好"),
        (&[(III, 74), (IV, 26)], "轻度污染"),
        (&[(III, 74), (IV, 7), (Worse, 19)], "轻度污染"),
        (&[(III, 74), (V, 6), (Worse, 20)], "中度污染"),
        (&[(II, 3), (Worse, 2), (IV, 5)], "中度污染"),
        (&[(II, 61), (Worse, 39)], "中度污染"),
        (&[(II, 3), (Worse, 2)], "重度污染"),
    ];
    for (counts, word) in table {
        let verdict = river(&sections(counts), Body::River);
        assert_eq!(verdict.verdict.0, word, "{counts:?}");
        assert_eq!((verdict.class, verdict.method.0), (None, "断面水质类别比例法"));
    }
}

#[test]
fn the_shares_are_in_percent_and_of_judged_sections_only() {
    let mut list = sections(&[(Class::II, 3), (Class::IV, 2)]);
    list.push(SectionReading { class: None, values: vec![] });
    let verdict = river(&list, Body::River);
    assert_eq!(verdict.shares.into_iter().collect::<Vec<_>>(), [(Class::II, 60.0), (Class::IV, 40.0)]);
}

#[test]
fn four_judged_sections_are_averaged_even_with_a_fifth_unjudged() {
    let mut list = vec![with(&[(Parameter::AmmoniaNitrogen, 0.4)]); 3];
    list.push(with(&[(Parameter::AmmoniaNitrogen, 4.0)]));
    list.push(SectionReading::default());
    let verdict = river(&list, Body::River);
    // (3 × 0.4 + 4.0) / 4 = 1.3
    assert_eq!((verdict.class, verdict.verdict.0), (Some(Class::IV), "轻度污染"));
    assert_eq!(verdict.method.0, "断面浓度平均后单因子评价法");
}

#[test]
fn an_average_exactly_at_a_limit_is_at_the_limit() {
    let list: Vec<_> =
        [0.1, 0.2, 0.3].into_iter().map(|v| with(&[(Parameter::TotalPhosphorus, v)])).collect();
    assert_eq!(river(&list, Body::River).class, Some(Class::III));
}

#[test]
fn an_acid_and_an_alkaline_section_do_not_make_a_neutral_river() {
    let list = [with(&[(Parameter::Ph, 5.0)]), with(&[(Parameter::Ph, 9.0)])];
    assert_eq!(river(&list, Body::River).class, Some(Class::Worse));
}

#[test]
fn saturation_counts_only_when_every_section_gave_its_temperature() {
    let warm = with(&[(Parameter::DissolvedOxygen, 7.0), (Parameter::Temperature, 31.0)]);
    let bare = with(&[(Parameter::DissolvedOxygen, 7.0)]);
    assert_eq!(river(&[warm.clone(), warm.clone()], Body::River).class, Some(Class::I));
    assert_eq!(river(&[warm, bare], Body::River).class, Some(Class::II));
}

#[test]
fn nitrogen_never_decides_and_nothing_is_not_assessed() {
    let list = [with(&[(Parameter::TotalNitrogen, 12.0)])];
    assert_eq!(river(&list, Body::River).class, None);
    assert_eq!(river(&[], Body::Lake).verdict.0, "无法评价");
}

proptest! {
    #[test]
    fn no_sections_make_it_panic_and_shares_make_a_hundred(
        list in proptest::collection::vec(
            (proptest::option::of(0..6usize), proptest::collection::vec((0..9usize, proptest::num::f64::ANY), 0..5)),
            0..12,
        ),
    ) {
        let list: Vec<SectionReading> = list
            .into_iter()
            .map(|(class, values)| SectionReading {
                class: class.map(|n| Class::ALL[n]),
                values: values.into_iter().map(|(n, v)| (Parameter::ALL[n], v)).collect(),
            })
            .collect();
        let verdict = river(&list, Body::River);
        let sum: f64 = verdict.shares.values().sum();
        prop_assert!(verdict.shares.is_empty() || (sum - 100.0).abs() < 1e-6);
    }
}
