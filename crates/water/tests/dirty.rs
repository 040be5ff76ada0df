//! Readings as they are published, one row an example: what comes in, what is made of it, and what is said.

use nacre_water::CorrectionCode::{
    AmbiguousName, BelowDetection, GivenTwice, Impossible, NumberText, OutsideRange, Renamed,
    SaturationConverted, SaturationDropped, Sentinel, SubstanceConverted, UnitConverted, UnitUnknown,
    Unreadable,
};
use nacre_water::Parameter::{
    AmmoniaNitrogen as Ammonia, BiochemicalOxygenDemand as Bod, ChemicalOxygenDemand as Cod,
    DissolvedOxygen as Oxygen, PermanganateIndex as CodMn, Ph, Temperature, TotalNitrogen,
    TotalPhosphorus as Tp,
};
use nacre_water::{Cleaned, CorrectionCode, Parameter, Tide, clean};
use serde_json::{Value, json};

/// 2026-11-03T02:00:00Z.
const RECEIVED: i64 = 1_793_671_200_000;

/// An entity with the members given and a good date.
fn entity(members: &Value) -> Value {
    let mut all =
        json!({"id": "urn:x:1", "type": "WaterQualityObserved", "dateObserved": "2026-11-03T01:00:00Z"});
    for (name, member) in members.as_object().expect("an object") {
        all[name] = member.clone();
    }
    all
}

fn cleaned(members: &Value) -> Cleaned {
    clean(&entity(members), RECEIVED).expect("taken")
}

fn codes(of: &Cleaned) -> Vec<CorrectionCode> {
    of.corrections.iter().map(|c| c.code).collect()
}

/// Members, values wanted, codes wanted.
type Row<'a> = (Value, &'a [(Parameter, f64, bool)], &'a [CorrectionCode]);

fn check(rows: &[Row<'_>]) {
    for (members, values, said) in rows {
        let got = cleaned(members);
        assert_eq!(got.values, *values, "{members}");
        assert_eq!(codes(&got), *said, "{members}: {:#?}", got.corrections);
        for c in &got.corrections {
            assert!(!c.zh.is_empty() && !c.en.is_empty() && !c.field.is_empty());
        }
    }
}

#[test]
fn what_is_clean_is_taken_without_a_word() {
    check(&[
        (json!({"pH": 7.1, "dissolvedOxygen": 6.2}), &[(Ph, 7.1, false), (Oxygen, 6.2, false)], &[]),
        (
            json!({"ammoniaNitrogen": {"type": "Property", "value": 0.5, "unitCode": "M1", "observedAt": "2026-11-03T01:00:00Z"}}),
            &[(Ammonia, 0.5, false)],
            &[],
        ),
        (
            json!({"totalPhosphorus": {"type": "Number", "value": 0.1, "metadata": {"unitCode": {"type": "Text", "value": "M1"}}}}),
            &[(Tp, 0.1, false)],
            &[],
        ),
    ]);
}

#[test]
fn numbers_as_text_are_read_and_it_is_said() {
    check(&[
        (json!({"ammoniaNitrogen": "0,56"}), &[(Ammonia, 0.56, false)], &[NumberText]),
        (json!({"ammoniaNitrogen": "1.2 mg/L"}), &[(Ammonia, 1.2, false)], &[NumberText]),
        (json!({"pH": "７．２"}), &[(Ph, 7.2, false)], &[NumberText]),
        (json!({"totalPhosphorus": " 5.6E-2 "}), &[(Tp, 0.056, false)], &[NumberText]),
        (json!({"chemicalOxygenDemand": "0,123"}), &[(Cod, 0.123, false)], &[NumberText]),
        (
            json!({"totalNitrogen": "1,234.5 µg/L"}),
            &[(TotalNitrogen, 1.2345, false)],
            &[NumberText, UnitConverted],
        ),
        (json!({"chemicalOxygenDemand": "1,234"}), &[], &[Unreadable]),
        (json!({"chemicalOxygenDemand": "12-15"}), &[], &[Unreadable]),
        (json!({"chemicalOxygenDemand": "1.2.3"}), &[], &[Unreadable]),
        (json!({"chemicalOxygenDemand": "eleven"}), &[], &[Unreadable]),
        (json!({"chemicalOxygenDemand": true}), &[], &[Unreadable]),
        (json!({"chemicalOxygenDemand": null}), &[], &[Sentinel]),
        (json!({"chemicalOxygenDemand": "--"}), &[], &[Sentinel]),
    ]);
}

#[test]
fn below_detection_stays_at_the_limit_with_a_flag() {
    check(&[
        (json!({"ammoniaNitrogen": "<0.01"}), &[(Ammonia, 0.01, true)], &[NumberText, BelowDetection]),
        (
            json!({"ammoniaNitrogen": "＜0.025 mg/L"}),
            &[(Ammonia, 0.025, true)],
            &[NumberText, BelowDetection],
        ),
        (json!({"totalPhosphorus": "0.01L"}), &[(Tp, 0.01, true)], &[NumberText, BelowDetection]),
        (
            json!({"totalPhosphorus": {"value": "< 10", "unitCode": "H29"}}),
            &[(Tp, 0.01, true)],
            &[NumberText, UnitConverted, BelowDetection],
        ),
        (json!({"totalPhosphorus": "ND"}), &[], &[OutsideRange]),
        (json!({"totalPhosphorus": "未检出"}), &[], &[OutsideRange]),
        (json!({"ammoniaNitrogen": ">20"}), &[], &[OutsideRange]),
    ]);
}

#[test]
fn units_are_converted_and_unknown_ones_drop_the_value() {
    check(&[
        (
            json!({"ammoniaNitrogen": {"value": 560, "unitCode": "µg/L"}}),
            &[(Ammonia, 0.56, false)],
            &[UnitConverted],
        ),
        (
            json!({"ammoniaNitrogen": {"value": 560, "unit": "ug/l"}}),
            &[(Ammonia, 0.56, false)],
            &[UnitConverted],
        ),
        (
            json!({"ammoniaNitrogen": {"value": 0.56, "unit": "g/m3"}}),
            &[(Ammonia, 0.56, false)],
            &[UnitConverted],
        ),
        (
            json!({"ammoniaNitrogen": {"value": 0.56, "unit": "mg/l"}}),
            &[(Ammonia, 0.56, false)],
            &[UnitConverted],
        ),
        (
            json!({"temperature": {"value": 68, "unitCode": "FAH"}}),
            &[(Temperature, 20.0, false)],
            &[UnitConverted],
        ),
        (json!({"ammoniaNitrogen": {"value": 0.56, "unit": "mmol/L"}}), &[], &[UnitUnknown]),
        (json!({"pH": {"value": 7.0, "unitCode": "M1"}}), &[], &[UnitUnknown]),
        (json!({"ammoniaNitrogen": {"value": "3 ug/L", "unitCode": "M1"}}), &[], &[NumberText, UnitUnknown]),
        (json!({"氨氮(ug/L)": 560}), &[(Ammonia, 0.56, false)], &[Renamed, UnitConverted]),
    ]);
}

#[test]
fn foreign_and_misspelt_names_are_understood_and_it_is_said() {
    for (name, parameter) in [
        ("dissolvedOxigen", Oxygen),
        ("DisolvedOxygen", Oxygen),
        ("O2", Oxygen),
        ("DO", Oxygen),
        ("NH3-N", Ammonia),
        ("nh3n", Ammonia),
        ("NH₃-N", Ammonia),
        ("NH4-N", Ammonia),
        ("amonia", Ammonia),
        ("氨氮(NH3-N)", Ammonia),
        ("NH4 (as N)", Ammonia),
        ("TP", Tp),
        ("P-total", Tp),
        ("totalPhosphorous", Tp),
        ("总磷（以P计）", Tp),
        ("CODMn", CodMn),
        ("COD(Mn)", CodMn),
        ("高锰酸盐指数", CodMn),
        ("CODCr", Cod),
        ("BOD", Bod),
        ("BOD5", Bod),
        ("PH", Ph),
        ("ph", Ph),
        ("temp", Temperature),
        ("水温(℃)", Temperature),
        ("https://uri.etsi.org/ngsi-ld/default-context/TN", TotalNitrogen),
    ] {
        let got = cleaned(&json!({name: 1.5}));
        assert_eq!(got.values, [(parameter, 1.5, false)], "{name}");
        assert_eq!(got.corrections[0].code, Renamed, "{name}");
        assert_eq!(
            (got.corrections[0].was.as_str(), got.corrections[0].became.as_str()),
            (name, parameter.name())
        );
    }
}

#[test]
fn names_that_only_come_near_are_ignored_and_listed() {
    for name in [
        "airTemperature",
        "NO3",
        "turbidity",
        "phosphate",
        "totalNitrite",
        "totalPhosphates",
        "totalNitrates",
        "chlorophyll",
        "owner",
        "NH3",
    ] {
        let got = cleaned(&json!({name: 1.5}));
        assert!(got.values.is_empty(), "{name}");
        assert_eq!(got.ignored, [name]);
    }
    assert_eq!(codes(&cleaned(&json!({"NH3": 1.0}))), [AmbiguousName]);
}

#[test]
fn ammonium_becomes_nitrogen_and_nitrogen_stays() {
    let nitrogen = 0.776_484_284;
    check(&[
        (json!({"NH4": 1.0}), &[(Ammonia, nitrogen, false)], &[Renamed, SubstanceConverted]),
        (
            json!({"NH4": {"value": 1.0, "unit": "mg N/L"}}),
            &[(Ammonia, 1.0, false)],
            &[Renamed, UnitConverted],
        ),
        (
            json!({"NH4": 3.0, "ammoniaNitrogen": 0.4}),
            &[(Ammonia, 0.4, false)],
            &[Renamed, SubstanceConverted, GivenTwice],
        ),
        (
            json!({"NH4": "<0.1"}),
            &[(Ammonia, 0.077_648_428, true)],
            &[Renamed, NumberText, SubstanceConverted, BelowDetection],
        ),
    ]);
    let got = cleaned(&json!({"NH4": 1.0}));
    assert!(got.corrections[1].en.contains("14.007 / 18.039"));
}

#[test]
fn sentinels_and_impossible_values_are_dropped_with_the_reason() {
    for sentinel in [json!(-9999), json!(-999.0), json!(9999), json!(-1), json!("-9999"), json!("-999.00")] {
        let got = cleaned(&json!({"ammoniaNitrogen": sentinel}));
        assert_eq!((got.values.len(), codes(&got)), (0, vec![Sentinel]));
        assert_eq!(got.corrections[0].became, "");
    }
    check(&[
        (json!({"pH": 14.1}), &[], &[Impossible]),
        (json!({"pH": 14.0}), &[(Ph, 14.0, false)], &[]),
        (json!({"pH": -0.2}), &[], &[Impossible]),
        (json!({"dissolvedOxygen": 30.5}), &[], &[Impossible]),
        (json!({"dissolvedOxygen": 0}), &[(Oxygen, 0.0, false)], &[]),
        (json!({"ammoniaNitrogen": 1000.5, "pH": 7.0}), &[(Ph, 7.0, false)], &[Impossible]),
        (json!({"ammoniaNitrogen": -0.3}), &[], &[Impossible]),
        (json!({"temperature": 1e300}), &[], &[Impossible]),
    ]);
}

#[test]
fn oxygen_in_percent_needs_the_temperature() {
    // 85 % of 468 / (31.6 + 25)
    let value = 7.028_268_551;
    check(&[
        (
            json!({"dissolvedOxygen": {"value": 85, "unitCode": "P1"}, "temperature": 25}),
            &[(Oxygen, value, false), (Temperature, 25.0, false)],
            &[SaturationConverted],
        ),
        (
            json!({"dissolvedOxygenSaturation": 85, "temperature": 25}),
            &[(Oxygen, value, false), (Temperature, 25.0, false)],
            &[Renamed, SaturationConverted],
        ),
        (json!({"dissolvedOxygen": "85%"}), &[], &[NumberText, SaturationDropped]),
        (
            json!({"dissolvedOxygen": "85%", "temperature": -999}),
            &[],
            &[NumberText, Sentinel, SaturationDropped],
        ),
        (
            json!({"DO%": 85, "temperature": 25, "dissolvedOxygen": 6.9}),
            &[(Oxygen, 6.9, false), (Temperature, 25.0, false)],
            &[Renamed, GivenTwice],
        ),
    ]);
    let got = cleaned(&json!({"dissolvedOxygen": "85%", "temperature": 25}));
    assert!(got.corrections.iter().any(|c| c.en.contains("468 / (31.6 + T)")));
}

#[test]
fn the_list_of_measurands_is_read() {
    let got = cleaned(
        &json!({"measurand": ["TP, 0.12, M1, total P", "NO3, 2.1, M1, Nitrates", "NH3-N, 0,56, M1", 3]}),
    );
    assert_eq!(got.values, [(Ammonia, 0.56, false), (Tp, 0.12, false)]);
    assert_eq!(got.ignored, ["measurand: NO3, 2.1, M1, Nitrates", "measurand: 3"]);
}

#[test]
fn several_instances_of_one_attribute_are_not_chosen_from() {
    let got = cleaned(&json!({"pH": [{"type": "Property", "value": 7}, {"type": "Property", "value": 8}]}));
    assert_eq!((got.values.len(), codes(&got)), (0, vec![GivenTwice]));
    assert_eq!(cleaned(&json!({"pH": [{"type": "Property", "value": 7}]})).values, [(Ph, 7.0, false)]);
}

#[test]
fn the_tide_is_kept() {
    assert_eq!(cleaned(&json!({"tide": "落潮"})).tide, Some(Tide::Falling));
    assert_eq!(cleaned(&json!({"tide": {"type": "Property", "value": "rising"}})).tide, Some(Tide::Rising));
    let got = cleaned(&json!({"tide": "unknown"}));
    assert_eq!((got.tide, got.ignored), (None, vec!["tide".to_owned()]));
}
