//! GB 3838-2002, the environmental quality standard for surface water: limits, the class of a value, the class of a section.
//!
//! The class of a section is that of its worst single parameter (单因子评价法, 环办〔2011〕22号). Seven of the items that count
//! are here; those a section did not give are listed as missing, so that nobody takes a class of three items for one of seven.
//! Total nitrogen and temperature are known but never decide. Limits are compared as they stand: no rounding before.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is measured. The first seven decide a class; total nitrogen and temperature never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Parameter {
    /// pH 值, without unit.
    #[serde(rename = "pH")]
    Ph,
    /// 溶解氧, the only one of which more is better.
    DissolvedOxygen,
    /// 高锰酸盐指数, CODMn.
    PermanganateIndex,
    /// 化学需氧量, CODCr.
    ChemicalOxygenDemand,
    /// 五日生化需氧量, BOD5.
    BiochemicalOxygenDemand,
    /// 氨氮, NH3-N, as nitrogen.
    AmmoniaNitrogen,
    /// 总磷, as phosphorus. The only one of the seven whose limits differ between rivers and lakes.
    TotalPhosphorus,
    /// 总氮; never decides a class.
    TotalNitrogen,
    /// 水温; never decides a class, but is needed for the saturation of oxygen.
    Temperature,
}

impl Parameter {
    /// All parameters, those that decide first.
    pub const ALL: [Parameter; 9] = [
        Parameter::Ph,
        Parameter::DissolvedOxygen,
        Parameter::PermanganateIndex,
        Parameter::ChemicalOxygenDemand,
        Parameter::BiochemicalOxygenDemand,
        Parameter::AmmoniaNitrogen,
        Parameter::TotalPhosphorus,
        Parameter::TotalNitrogen,
        Parameter::Temperature,
    ];

    /// The short name, as used in entities and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Parameter::Ph => "pH",
            Parameter::DissolvedOxygen => "dissolvedOxygen",
            Parameter::PermanganateIndex => "permanganateIndex",
            Parameter::ChemicalOxygenDemand => "chemicalOxygenDemand",
            Parameter::BiochemicalOxygenDemand => "biochemicalOxygenDemand",
            Parameter::AmmoniaNitrogen => "ammoniaNitrogen",
            Parameter::TotalPhosphorus => "totalPhosphorus",
            Parameter::TotalNitrogen => "totalNitrogen",
            Parameter::Temperature => "temperature",
        }
    }

    /// The parameter of exactly this short name. Foreign and misspelt names are a matter of [`crate::observed`].
    pub fn parse(name: &str) -> Option<Parameter> {
        Parameter::ALL.into_iter().find(|p| p.name() == name)
    }

    /// The title, Chinese and English.
    pub fn title(self) -> (&'static str, &'static str) {
        match self {
            Parameter::Ph => ("pH 值", "pH"),
            Parameter::DissolvedOxygen => ("溶解氧", "dissolved oxygen"),
            Parameter::PermanganateIndex => ("高锰酸盐指数", "permanganate index"),
            Parameter::ChemicalOxygenDemand => ("化学需氧量", "chemical oxygen demand"),
            Parameter::BiochemicalOxygenDemand => ("五日生化需氧量", "five-day biochemical oxygen demand"),
            Parameter::AmmoniaNitrogen => ("氨氮", "ammonia nitrogen"),
            Parameter::TotalPhosphorus => ("总磷", "total phosphorus"),
            Parameter::TotalNitrogen => ("总氮", "total nitrogen"),
            Parameter::Temperature => ("水温", "water temperature"),
        }
    }

    /// The UN/CEFACT code of the unit: `M1` mg/L, `C62` one (without unit), `CEL` °C.
    pub fn unit(self) -> &'static str {
        match self {
            Parameter::Ph => "C62",
            Parameter::Temperature => "CEL",
            _ => "M1",
        }
    }

    /// Whether it can decide the class of a section.
    pub fn decides(self) -> bool {
        !matches!(self, Parameter::TotalNitrogen | Parameter::Temperature)
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The class of water; the order is from best to worst, so `max` is the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Class {
    /// Ⅰ类.
    I,
    /// Ⅱ类.
    II,
    /// Ⅲ类.
    III,
    /// Ⅳ类.
    IV,
    /// Ⅴ类.
    V,
    /// 劣Ⅴ类: beyond the limits of class V.
    #[serde(rename = "劣V")]
    Worse,
}

impl Class {
    /// All classes, the best first.
    pub const ALL: [Class; 6] = [Class::I, Class::II, Class::III, Class::IV, Class::V, Class::Worse];

    /// The name: `I` to `V`, `劣V`.
    pub fn name(self) -> &'static str {
        match self {
            Class::I => "I",
            Class::II => "II",
            Class::III => "III",
            Class::IV => "IV",
            Class::V => "V",
            Class::Worse => "劣V",
        }
    }

    /// The class of exactly this name.
    pub fn parse(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The verdict of a section of this class, Chinese and English.
    pub fn verdict(self) -> (&'static str, &'static str) {
        match self {
            Class::I | Class::II => ("优", "excellent"),
            Class::III => ("良好", "good"),
            Class::IV => ("轻度污染", "lightly polluted"),
            Class::V => ("中度污染", "moderately polluted"),
            Class::Worse => ("重度污染", "heavily polluted"),
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kind of water body; total phosphorus has its own limits in lakes and reservoirs 湖、库.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    /// 河流.
    River,
    /// 湖泊、水库.
    Lake,
}

/// One limit of the table, in the unit of the parameter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Limit {
    /// `≤`.
    AtMost(f64),
    /// `≥`; dissolved oxygen only.
    AtLeast(f64),
    /// From and to, both included; pH only.
    Within(f64, f64),
}

impl Limit {
    /// Whether a value keeps the limit; exactly at the limit it does, and NaN never does.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Limit::AtMost(most) => value <= most,
            Limit::AtLeast(least) => value >= least,
            Limit::Within(from, to) => value >= from && value <= to,
        }
    }

    /// The one figure of the limit a value is to be shown beside: of two bounds the one it is nearer to.
    pub fn figure(self, value: f64) -> f64 {
        match self {
            Limit::AtMost(figure) | Limit::AtLeast(figure) => figure,
            Limit::Within(from, to) if (value - from).abs() < (value - to).abs() => from,
            Limit::Within(_, to) => to,
        }
    }
}

/// The limit of a parameter for a class, table 1 of GB 3838-2002; none for `劣V` and for what never decides.
///
/// For dissolved oxygen class I is also reached at 90 % saturation; that needs the temperature, see [`classify`].
pub fn limit(parameter: Parameter, class: Class, body: Body) -> Option<Limit> {
    let column = match class {
        Class::I => 0,
        Class::II => 1,
        Class::III => 2,
        Class::IV => 3,
        Class::V => 4,
        Class::Worse => return None,
    };
    let row: [f64; 5] = match (parameter, body) {
        (Parameter::Ph, _) => return Some(Limit::Within(6.0, 9.0)),
        (Parameter::DissolvedOxygen, _) => return Some(Limit::AtLeast([7.5, 6.0, 5.0, 3.0, 2.0][column])),
        (Parameter::PermanganateIndex, _) => [2.0, 4.0, 6.0, 10.0, 15.0],
        (Parameter::ChemicalOxygenDemand, _) => [15.0, 15.0, 20.0, 30.0, 40.0],
        (Parameter::BiochemicalOxygenDemand, _) => [3.0, 3.0, 4.0, 6.0, 10.0],
        (Parameter::AmmoniaNitrogen, _) => [0.15, 0.5, 1.0, 1.5, 2.0],
        (Parameter::TotalPhosphorus, Body::River) => [0.02, 0.1, 0.2, 0.3, 0.4],
        (Parameter::TotalPhosphorus, Body::Lake) => [0.01, 0.025, 0.05, 0.1, 0.2],
        (Parameter::TotalNitrogen | Parameter::Temperature, _) => return None,
    };
    Some(Limit::AtMost(row[column]))
}

/// Dissolved oxygen at saturation in mg/L: `468 / (31.6 + T)`, the formula of HJ 2.3 for fresh water at sea level.
///
/// None outside 0 to 40 °C: beyond it a temperature of river water is rather an error.
pub fn saturation(temperature: f64) -> Option<f64> {
    (0.0..=40.0).contains(&temperature).then(|| 468.0 / (31.6 + temperature))
}

/// As [`limit`], but class I of dissolved oxygen is the lower of 7.5 mg/L and 90 % saturation.
fn limit_at(parameter: Parameter, class: Class, body: Body, temperature: Option<f64>) -> Option<Limit> {
    let plain = limit(parameter, class, body)?;
    match (plain, class, temperature.and_then(saturation)) {
        (Limit::AtLeast(least), Class::I, Some(full)) => Some(Limit::AtLeast(least.min(0.9 * full))),
        _ => Some(plain),
    }
}

/// The class of one value: the best class whose limit it keeps, so where two classes share a limit the better one.
///
/// None for what never decides and for what is no reading (NaN, infinite; below zero except pH).
pub fn classify(parameter: Parameter, value: f64, body: Body, temperature: Option<f64>) -> Option<Class> {
    let reading = value.is_finite() && (value >= 0.0 || parameter == Parameter::Ph);
    if !parameter.decides() || !reading {
        return None;
    }
    let kept = Class::ALL
        .into_iter()
        .find(|class| limit_at(parameter, *class, body, temperature).is_some_and(|l| l.holds(value)));
    Some(kept.unwrap_or(Class::Worse))
}

/// Whether a class reaches a target: it is the target or better.
pub fn meets(class: Class, target: Class) -> bool {
    class <= target
}

/// One of the parameters that gave a section its class 定类因子.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deciding {
    /// Which parameter.
    pub parameter: Parameter,
    /// Its value, in the unit of the parameter.
    pub value: f64,
    /// Its class, which is that of the section.
    pub class: Class,
    /// The figure of the target's limit; none when no target was given, or the target is `劣V`.
    pub limit_of_target: Option<f64>,
    /// The figure of the limit of `class`; for `劣V` that of class V, which it broke.
    pub limit: Option<f64>,
}

/// The class of one section and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// The worst class of all values; none when no value has one.
    pub class: Option<Class>,
    /// The parameters of that class, in the order given.
    pub deciding: Vec<Deciding>,
    /// Every value given with its class, in the order given.
    pub each: Vec<(Parameter, f64, Option<Class>)>,
    /// The deciding parameters for which no value could be judged.
    pub missing: Vec<Parameter>,
}

/// Judges a section by its worst single parameter, without a target.
pub fn judge(values: &[(Parameter, f64)], body: Body, temperature: Option<f64>) -> Judgement {
    judge_against(values, body, temperature, None)
}

/// Judges a section as [`judge`] does, and puts the limit of the target class beside each deciding parameter.
pub fn judge_against(
    values: &[(Parameter, f64)],
    body: Body,
    temperature: Option<f64>,
    target: Option<Class>,
) -> Judgement {
    let each: Vec<_> = values.iter().map(|&(p, v)| (p, v, classify(p, v, body, temperature))).collect();
    let class = each.iter().filter_map(|(_, _, class)| *class).max();
    let deciding =
        each.iter().filter(|(_, _, c)| c.is_some() && *c == class).filter_map(|&(parameter, value, c)| {
            let class = c?;
            let figure = |class| limit_at(parameter, class, body, temperature).map(|l| l.figure(value));
            let limit = figure(class.min(Class::V));
            Some(Deciding { parameter, value, class, limit_of_target: target.and_then(figure), limit })
        });
    let deciding = deciding.collect();
    let judged = |p: Parameter| each.iter().any(|(q, _, class)| *q == p && class.is_some());
    let missing = Parameter::ALL.into_iter().filter(|p| p.decides() && !judged(*p)).collect();
    Judgement { class, deciding, each, missing }
}
