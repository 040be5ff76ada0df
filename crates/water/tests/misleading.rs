//! What would be read as another parameter, or give a better class than the water has.

use nacre_water::{CorrectionCode, Parameter, clean};
use serde_json::{Value, json};

fn values(attribute: Value) -> (Vec<(Parameter, f64, bool)>, Vec<CorrectionCode>) {
    let mut entity = attribute;
    entity["id"] = json!("s-1");
    entity["dateObserved"] = json!("2026-11-03T09:00:00Z");
    let got = clean(&entity, 1_794_000_000_000).expect("is taken");
    (got.values, got.corrections.iter().map(|c| c.code).collect())
}

#[test]
fn a_misspelling_is_the_nearest_name_and_not_the_first() {
    for name in ["bichemicalOxygenDemand", "biochemcalOxygenDemand", "biochemicalOxygenDemnd"] {
        assert_eq!(
            values(json!({name: 3.5})).0,
            [(Parameter::BiochemicalOxygenDemand, 3.5, false)],
            "{name}"
        );
    }
    assert_eq!(
        values(json!({"chemcalOxygenDemand": 3.5})).0,
        [(Parameter::ChemicalOxygenDemand, 3.5, false)]
    );
}

#[test]
fn less_than_is_no_limit_of_detection_where_less_is_worse() {
    use CorrectionCode::{NumberText, OutsideRange};
    for attribute in [json!({"pH": "<6"}), json!({"dissolvedOxygen": "<5"}), json!({"dissolvedOxygen": "<2"})]
    {
        assert_eq!(values(attribute), (vec![], vec![NumberText, OutsideRange]));
    }
    assert_eq!(values(json!({"dissolvedOxygen": "<0.2"})).0, [(Parameter::DissolvedOxygen, 0.2, true)]);
    assert_eq!(values(json!({"ammoniaNitrogen": "<0.01"})).0, [(Parameter::AmmoniaNitrogen, 0.01, true)]);
}
