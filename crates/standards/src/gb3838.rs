//! GB 3838-2002 for rivers: the class of a section is that of its worst single parameter (环办〔2011〕22号).
//!
//! Where two classes share a limit the better class counts. Water temperature, total nitrogen and faecal coliforms never
//! decide. Beyond class V is 劣V.

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Parameter {
    Ph,
    DissolvedOxygen,
    PermanganateIndex,
    ChemicalOxygenDemand,
    BiochemicalOxygenDemand,
    AmmoniaNitrogen,
    TotalPhosphorus,
}

/// The class of water.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Class {
    I,
    II,
    III,
    IV,
    V,
    Worse,
}

use Class::{I, II, III, IV, V, Worse};
use Parameter::{
    AmmoniaNitrogen, BiochemicalOxygenDemand, ChemicalOxygenDemand, DissolvedOxygen, PermanganateIndex, Ph,
    TotalPhosphorus,
};

impl Class {
    /// All, the best first.
    pub const ALL: [Class; 6] = [I, II, III, IV, V, Worse];

    /// As it is written: `I` to `V`, `劣V`.
    pub fn name(self) -> &'static str {
        match self {
            I => "I",
            II => "II",
            III => "III",
            IV => "IV",
            V => "V",
            Worse => "劣V",
        }
    }

    /// The class of a name.
    pub fn parse(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The verdict in words, Chinese and English.
    pub fn verdict(self) -> (&'static str, &'static str) {
        match self {
            I | II => ("优", "excellent"),
            III => ("良好", "good"),
            IV => ("轻度污染", "slightly polluted"),
            V => ("中度污染", "moderately polluted"),
            Worse => ("重度污染", "heavily polluted"),
        }
    }
}

impl Parameter {
    /// All that decide.
    pub const ALL: [Parameter; 7] = [
        Ph,
        DissolvedOxygen,
        PermanganateIndex,
        ChemicalOxygenDemand,
        BiochemicalOxygenDemand,
        AmmoniaNitrogen,
        TotalPhosphorus,
    ];

    /// The name of its attribute.
    pub fn name(self) -> &'static str {
        match self {
            Ph => "pH",
            DissolvedOxygen => "dissolvedOxygen",
            PermanganateIndex => "permanganateIndex",
            ChemicalOxygenDemand => "chemicalOxygenDemand",
            BiochemicalOxygenDemand => "biochemicalOxygenDemand",
            AmmoniaNitrogen => "ammoniaNitrogen",
            TotalPhosphorus => "totalPhosphorus",
        }
    }

    /// The parameter of an attribute.
    pub fn parse(name: &str) -> Option<Parameter> {
        Parameter::ALL.into_iter().find(|p| p.name() == name)
    }

    /// What it is called, Chinese and English.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Ph => ("pH 值", "pH"),
            DissolvedOxygen => ("溶解氧", "Dissolved oxygen"),
            PermanganateIndex => ("高锰酸盐指数", "Permanganate index"),
            ChemicalOxygenDemand => ("化学需氧量", "Chemical oxygen demand"),
            BiochemicalOxygenDemand => ("五日生化需氧量", "Biochemical oxygen demand"),
            AmmoniaNitrogen => ("氨氮", "Ammonia nitrogen"),
            TotalPhosphorus => ("总磷", "Total phosphorus"),
        }
    }

    /// Limits of the classes I to V, mg/L for rivers; for pH there are none.
    fn limits(self) -> [f64; 5] {
        match self {
            Ph => [0.0; 5],
            DissolvedOxygen => [7.5, 6.0, 5.0, 3.0, 2.0],
            PermanganateIndex => [2.0, 4.0, 6.0, 10.0, 15.0],
            ChemicalOxygenDemand => [15.0, 15.0, 20.0, 30.0, 40.0],
            BiochemicalOxygenDemand => [3.0, 3.0, 4.0, 6.0, 10.0],
            AmmoniaNitrogen => [0.15, 0.5, 1.0, 1.5, 2.0],
            TotalPhosphorus => [0.02, 0.1, 0.2, 0.3, 0.4],
        }
    }

    /// The limit of a class; none beyond V, and none for pH, which is 6 to 9 for all.
    pub fn limit(self, class: Class) -> Option<f64> {
        let index = Class::ALL.iter().position(|c| *c == class)?;
        (self != Ph).then(|| self.limits().get(index).copied()).flatten()
    }
}

/// The class of one parameter; none for what is no number. `temperature` in °C makes 90 % saturation of oxygen class I.
pub fn classify(parameter: Parameter, value: f64, temperature: Option<f64>) -> Option<Class> {
    if !value.is_finite() || value < 0.0 {
        return None;
    }
    if parameter == Ph {
        return Some(if (6.0..=9.0).contains(&value) { I } else { Worse });
    }
    let saturated = temperature.filter(|t| (0.0..=45.0).contains(t)).map(|t| 468.0 / (31.6 + t));
    if parameter == DissolvedOxygen && saturated.is_some_and(|s| value >= 0.9 * s) {
        return Some(I);
    }
    let fits = |limit: f64| match parameter {
        DissolvedOxygen => value >= limit,
        _ => value <= limit,
    };
    let found = parameter.limits().into_iter().position(fits);
    Some(found.and_then(|i| Class::ALL.get(i).copied()).unwrap_or(Worse))
}

/// A parameter that decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Deciding {
    /// Which.
    pub parameter: Parameter,
    /// What was measured.
    pub value: f64,
}

/// A judgement with its reasons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// The class; none where nothing that decides was measured.
    pub class: Option<Class>,
    /// The parameters in that class: those that decide.
    pub deciding: Vec<Deciding>,
    /// Each parameter with its class.
    pub each: Vec<(Parameter, f64, Class)>,
    /// What was not measured.
    pub missing: Vec<Parameter>,
}

/// Judges a section by its worst parameter.
pub fn judge(values: &[(Parameter, f64)], temperature: Option<f64>) -> Judgement {
    let mut each: Vec<(Parameter, f64, Class)> = values
        .iter()
        .filter_map(|(p, v)| Some((*p, *v, classify(*p, *v, temperature)?)))
        .collect();
    each.sort_by_key(|(p, ..)| *p);
    let class = each.iter().map(|(.., c)| *c).max();
    // A class I that everything shares is decided by nothing in particular.
    let decides = |c: &Class| Some(*c) == class && *c > I;
    let deciding =
        each.iter().filter(|(.., c)| decides(c)).map(|(p, v, _)| Deciding { parameter: *p, value: *v }).collect();
    let missing = Parameter::ALL.into_iter().filter(|p| !each.iter().any(|(known, ..)| known == p)).collect();
    Judgement { class, deciding, each, missing }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_limit_belongs_to_the_better_class_and_beyond_it_the_next_begins() {
        for parameter in Parameter::ALL.into_iter().filter(|p| *p != Ph) {
            for class in [I, II, III, IV, V] {
                let limit = parameter.limit(class).expect("a limit");
                let better = Class::ALL.into_iter().find(|c| parameter.limit(*c) == Some(limit)).expect("a class");
                assert_eq!(classify(parameter, limit, None), Some(better), "{parameter:?} {class:?}");
                let step = if parameter == DissolvedOxygen { -0.0001 } else { 0.0001 };
                let beyond = classify(parameter, limit + step, None).expect("a class");
                assert!(beyond > class, "{parameter:?} just beyond {class:?} is {beyond:?}");
            }
        }
        assert_eq!(classify(Ph, 6.0, None), Some(I));
        assert_eq!(classify(Ph, 9.01, None), Some(Worse));
        assert_eq!(classify(ChemicalOxygenDemand, 15.0, None), Some(I), "I and II share 15 mg/L: the better counts");
        assert_eq!(classify(AmmoniaNitrogen, f64::NAN, None), None);
    }

    #[test]
    fn the_worst_parameter_decides_and_is_named() {
        let judgement = judge(&[(AmmoniaNitrogen, 2.4), (DissolvedOxygen, 1.6), (Ph, 7.2), (TotalPhosphorus, 0.1)], None);
        assert_eq!(judgement.class, Some(Worse));
        let names: Vec<&str> = judgement.deciding.iter().map(|d| d.parameter.name()).collect();
        assert_eq!(names, ["dissolvedOxygen", "ammoniaNitrogen"]);
        assert_eq!(judgement.missing.len(), 3);
        assert_eq!(judge(&[], None).class, None);
    }

    #[test]
    fn oxygen_of_ninety_per_cent_saturation_is_class_one_in_warm_water() {
        assert_eq!(classify(DissolvedOxygen, 7.0, None), Some(II));
        assert_eq!(classify(DissolvedOxygen, 7.0, Some(30.0)), Some(I));
    }

    proptest! {
        #[test]
        fn more_pollution_never_gives_a_better_class(a in 0.0f64..100.0, b in 0.0f64..100.0) {
            let (low, high) = if a < b { (a, b) } else { (b, a) };
            for parameter in Parameter::ALL.into_iter().filter(|p| *p != Ph) {
                let (cleaner, dirtier) = if parameter == DissolvedOxygen { (high, low) } else { (low, high) };
                prop_assert!(classify(parameter, cleaner, None) <= classify(parameter, dirtier, None));
            }
        }

        #[test]
        fn a_section_is_as_bad_as_its_worst_parameter(values in proptest::collection::vec((0usize..7, 0.0f64..60.0), 0..8)) {
            let values: Vec<(Parameter, f64)> = values.into_iter().map(|(i, v)| (Parameter::ALL[i], v)).collect();
            let worst = values.iter().filter_map(|(p, v)| classify(*p, *v, None)).max();
            prop_assert_eq!(judge(&values, None).class, worst);
        }
    }
}
