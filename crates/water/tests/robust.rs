//! Whatever comes in: no panic, and nothing impossible taken.

use nacre_water::clean;
use proptest::prelude::*;
use serde_json::{Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[-+<>]?[0-9.,]{0,8}[eEL%]?[ a-z/µ年月日:ZT]{0,6}",
        "\\PC{0,20}",
        "[0-9]{1,4}[-/.年][0-9]{1,4}[-/.月][0-9]{1,4}[ T日]?[0-9:.+Z-]{0,14}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let names = prop_oneof![
            Just("value".to_owned()),
            Just("coordinates".to_owned()),
            Just("unitCode".to_owned()),
            Just("observedAt".to_owned()),
            "[a-z]{1,4}"
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((names, inner), 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn nothing_makes_it_panic_and_what_is_taken_is_possible(
        members in proptest::collection::vec((
            prop_oneof![
                Just("pH".to_owned()), Just("DO".to_owned()), Just("NH4".to_owned()), Just("temp".to_owned()),
                Just("location".to_owned()), Just("lat".to_owned()), Just("lng".to_owned()),
                Just("dateObserved".to_owned()), Just("measurand".to_owned()), "\\PC{0,12}",
            ],
            any_json(),
        ), 0..6),
        received in any::<i64>(),
    ) {
        let mut all = json!({"id": "x"});
        for (name, member) in members {
            all[name] = member;
        }
        if let Ok(got) = clean(&all, received) {
            prop_assert!(got.values.iter().all(|(_, v, _)| (0.0..=1000.0).contains(v)));
            prop_assert!(got.location.is_none_or(|(lng, lat)| lng.abs() <= 180.0 && lat.abs() <= 90.0));
            prop_assert!(got.observed_at_ms <= received.saturating_add(86_400_000));
        }
    }
}
