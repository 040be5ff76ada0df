//! The verdict of a river or basin from its sections, 环办〔2011〕22号.
//!
//! With five judged sections or more the shares of the classes decide; with fewer the concentrations are averaged over the
//! sections and the average is judged by its worst single parameter. A section without a class counts in no share.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gb3838::{Body, Class, Parameter, judge};

/// From so many judged sections on, the shares of the classes decide.
pub const SECTIONS_FOR_SHARES: usize = 5;

/// What is known of one section.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SectionReading {
    /// Its class; none when it could not be judged.
    pub class: Option<Class>,
    /// Its values, in the units of the parameters.
    pub values: Vec<(Parameter, f64)>,
}

/// The verdict of a river.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RiverVerdict {
    /// The word, Chinese and English.
    pub verdict: (&'static str, &'static str),
    /// By which method, Chinese and English.
    pub method: (&'static str, &'static str),
    /// The share of each class that occurs among the judged sections, in percent.
    pub shares: BTreeMap<Class, f64>,
    /// The class of the average concentrations; none by shares, which give a word and no class.
    pub class: Option<Class>,
}

/// Judges a river from its sections.
pub fn river(sections: &[SectionReading], body: Body) -> RiverVerdict {
    let mut counts: BTreeMap<Class, usize> = BTreeMap::new();
    for class in sections.iter().filter_map(|s| s.class) {
        *counts.entry(class).or_default() += 1;
    }
    let judged: usize = counts.values().sum();
    let shares = counts.iter().map(|(class, n)| (*class, *n as f64 * 100.0 / judged as f64)).collect();
    if judged >= SECTIONS_FOR_SHARES {
        let verdict = by_shares(&counts, judged);
        return RiverVerdict {
            verdict,
            method: ("断面水质类别比例法", "shares of the classes of sections"),
            shares,
            class: None,
        };
    }
    let class = of_average(sections, body);
    RiverVerdict {
        verdict: class.map_or(("无法评价", "cannot be assessed"), Class::verdict),
        method: ("断面浓度平均后单因子评价法", "worst single parameter of the average concentrations"),
        shares,
        class,
    }
}

/// The word by shares. Counts are compared as whole numbers, so that exactly 75 % is 75 %.
fn by_shares(counts: &BTreeMap<Class, usize>, judged: usize) -> (&'static str, &'static str) {
    let good: usize = counts.iter().filter(|(class, _)| **class <= Class::III).map(|(_, n)| n).sum();
    let worse = counts.get(&Class::Worse).copied().unwrap_or(0);
    let reaches = |n: usize, percent: usize| n * 100 >= judged * percent;
    let like = if reaches(good, 90) {
        Class::II
    } else if reaches(good, 75) {
        Class::III
    } else if reaches(worse, 40) {
        Class::Worse
    } else if reaches(worse, 20) {
        Class::V
    } else {
        Class::IV
    };
    like.verdict()
}

/// The class of the concentrations averaged over the sections.
fn of_average(sections: &[SectionReading], body: Body) -> Option<Class> {
    let averages: Vec<(Parameter, f64)> =
        Parameter::ALL.into_iter().filter_map(|p| average(sections, p).map(|value| (p, value))).collect();
    // Saturation is only used when every section that gave oxygen gave its temperature as well.
    let has = |s: &SectionReading, p| s.values.iter().any(|(q, v)| *q == p && v.is_finite());
    let complete = sections
        .iter()
        .filter(|s| has(s, Parameter::DissolvedOxygen))
        .all(|s| has(s, Parameter::Temperature));
    let temperature = averages.iter().find(|(p, _)| *p == Parameter::Temperature).map(|(_, value)| *value);
    judge(&averages, body, temperature.filter(|_| complete)).class
}

/// The mean of one parameter over all sections that gave it; what is no reading is left out.
fn average(sections: &[SectionReading], parameter: Parameter) -> Option<f64> {
    let readable = |v: &f64| v.is_finite() && (*v >= 0.0 || parameter == Parameter::Temperature);
    // A section that gave a parameter twice still counts once, with its own mean.
    let per_section = sections.iter().filter_map(|s| {
        mean(
            s.values.iter().filter(|(p, _)| *p == parameter).map(|(_, v)| *v).filter(|v| readable(v)),
            parameter,
        )
    });
    mean(per_section, parameter)
}

/// The arithmetic mean; of pH that of the hydrogen ions, since pH is a logarithm and an acid and an alkaline section would
/// otherwise make a neutral river. Noise of binary fractions beyond nine digits is cleared, so that 0.1, 0.2 and 0.3 make 0.2.
fn mean(values: impl Iterator<Item = f64>, parameter: Parameter) -> Option<f64> {
    let ions = parameter == Parameter::Ph;
    let (mut sum, mut n) = (0.0, 0.0);
    for value in values {
        sum += if ions { 10f64.powf(-value) } else { value };
        n += 1.0;
    }
    if n == 0.0 {
        return None;
    }
    let mean = if ions { -(sum / n).log10() } else { sum / n };
    let rounded = (mean * 1e9).round() / 1e9;
    Some(if rounded.is_finite() { rounded } else { mean })
}
