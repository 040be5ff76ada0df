//! A river by its sections: from five sections on by shares of classes, fewer by average concentrations.

use std::collections::BTreeMap;

use crate::gb3838::{Class, Parameter, judge};

/// What was found at a section.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its class.
    pub class: Class,
    /// What was measured.
    pub values: Vec<(Parameter, f64)>,
}

/// A verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// In words, Chinese and English.
    pub words: (&'static str, &'static str),
    /// How it was found, Chinese and English.
    pub method: (&'static str, &'static str),
    /// Share of each class, 0 to 1.
    pub shares: BTreeMap<Class, f64>,
}

/// Sections from which shares decide.
pub const SHARES_FROM: usize = 5;

/// Judges a river; nothing where no section was judged.
pub fn river(sections: &[Section]) -> Option<Verdict> {
    if sections.is_empty() {
        return None;
    }
    let count = sections.len() as f64;
    let mut shares = BTreeMap::new();
    for section in sections {
        *shares.entry(section.class).or_insert(0.0) += 1.0 / count;
    }
    if sections.len() >= SHARES_FROM {
        let upto = |last: Class| shares.range(..=last).map(|(_, s)| s).sum::<f64>();
        // A sum of shares may miss 0.9 by a hair.
        let hair = 1e-9;
        let (good, worst) = (upto(Class::III), shares.get(&Class::Worse).copied().unwrap_or(0.0));
        let words = if good >= 0.9 - hair {
            ("优", "excellent")
        } else if good >= 0.75 - hair {
            ("良好", "good")
        } else if worst < 0.2 - hair {
            ("轻度污染", "slightly polluted")
        } else if worst < 0.4 - hair {
            ("中度污染", "moderately polluted")
        } else {
            ("重度污染", "heavily polluted")
        };
        return Some(Verdict { words, method: ("断面比例", "shares of sections"), shares });
    }
    let mut sums: BTreeMap<Parameter, (f64, f64)> = BTreeMap::new();
    for (parameter, value) in sections.iter().flat_map(|s| &s.values) {
        let sum = sums.entry(*parameter).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    let averages: Vec<(Parameter, f64)> = sums.into_iter().map(|(p, (sum, n))| (p, sum / n)).collect();
    let class = judge(&averages, None).class?;
    Some(Verdict { words: class.verdict(), method: ("平均浓度（断面少于 5 个）", "average concentrations (fewer than 5 sections)"), shares })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sections(classes: &[Class]) -> Vec<Section> {
        classes.iter().map(|c| Section { class: *c, values: Vec::new() }).collect()
    }

    #[test]
    fn shares_decide_from_five_sections_on() {
        use Class::{II, III, IV, V, Worse};
        let words = |classes: &[Class]| river(&sections(classes)).expect("a verdict").words.0;
        assert_eq!(words(&[II; 10]), "优");
        assert_eq!(words(&[II, II, II, III, III, III, III, III, III, IV]), "优");
        
        assert_eq!(words(&[III, III, III, IV, III, III, III, V]), "良好");
        assert_eq!(words(&[III, III, IV, IV, V]), "轻度污染");
        assert_eq!(words(&[III, III, IV, IV, Worse]), "中度污染");
        assert_eq!(words(&[III, IV, V, Worse, Worse]), "重度污染");
        assert!(river(&[]).is_none());
    }

    #[test]
    fn few_sections_are_judged_by_their_average() {
        let section = |v: f64| Section { class: Class::I, values: vec![(Parameter::AmmoniaNitrogen, v)] };
        let verdict = river(&[section(0.2), section(2.2)]).expect("a verdict");
        assert_eq!(verdict.words.0, "轻度污染", "1.2 mg/L on average is class IV");
    }
}
