//! All figures of one moment: those that were entered, those that follow from them, and which of several counts.

use std::collections::{BTreeMap, BTreeSet};

use crate::Words;
use crate::conflict::Resolution;
use crate::definition::{Definition, Indicator, Input, StatusRule};
use crate::figure::{Derivation, Figure, Kind, NamedFigure};
use crate::formula::Formula;

/// What is known at one moment.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Name of the district: the subject of figures that are its own.
    pub district: String,
    /// The indicators.
    pub indicators: Vec<Indicator>,
    /// How they are judged, first rule first.
    pub status_rules: Vec<StatusRule>,
    /// Titles of groups, by code.
    pub groups: BTreeMap<String, Words>,
    /// Figures that were entered and hold.
    pub figures: Vec<Figure>,
    /// Attributes and counts of entities that formulas use, by [`Input::fact_key`].
    pub outside: BTreeMap<String, Figure>,
    /// Resolutions of conflicts, by the id of the conflict.
    pub resolutions: BTreeMap<String, Resolution>,
    /// Names of organisations, by local id.
    pub parties: BTreeMap<String, String>,
}

/// Formulas that lead to formulas, at most this deep.
const DEPTH_MAX: usize = 16;

/// Figures by indicator, chosen and derived.
pub struct Ledger<'a> {
    facts: &'a Facts,
    indicators: BTreeMap<&'a str, &'a Indicator>,
    entered: BTreeMap<&'a str, Vec<&'a Figure>>,
    derived: BTreeMap<&'a str, Vec<Figure>>,
}

impl<'a> Ledger<'a> {
    /// Sorts what is known and derives what follows.
    pub fn new(facts: &'a Facts) -> Ledger<'a> {
        let indicators: BTreeMap<&str, &Indicator> =
            facts.indicators.iter().map(|i| (i.id.as_str(), i)).collect();
        let mut entered: BTreeMap<&str, Vec<&Figure>> = BTreeMap::new();
        for figure in &facts.figures {
            entered.entry(&figure.indicator).or_default().push(figure);
        }
        for figures in entered.values_mut() {
            supersede(figures);
        }
        let mut ledger = Ledger { facts, indicators, entered, derived: BTreeMap::new() };
        for indicator in facts.indicators.iter().filter(|i| i.formula.is_some()) {
            let figures = ledger.derive_all(indicator);
            ledger.derived.insert(&indicator.id, figures);
        }
        ledger
    }

    /// What it was made of.
    pub fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// An indicator.
    pub fn indicator(&self, id: &str) -> Option<&'a Indicator> {
        self.indicators.get(id).copied()
    }

    /// Of whom an indicator speaks: whom its target or baseline is about, else the district.
    pub fn subject(&self, id: &str) -> &'a str {
        let entered = self.entered.get(id).map(Vec::as_slice).unwrap_or_default();
        let of = |kind| entered.iter().find(|f| f.kind == kind).map(|f| f.subject.as_str());
        of(Kind::Target).or_else(|| of(Kind::Baseline)).unwrap_or(&self.facts.district)
    }

    /// Figures that were entered about the indicator's own subject.
    pub fn own(&self, id: &str) -> Vec<&'a Figure> {
        let subject = self.subject(id);
        let all = self.entered.get(id).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(|f| f.subject == subject).collect()
    }

    /// Figures about others.
    pub fn peers(&self, id: &str) -> Vec<&'a Figure> {
        let subject = self.subject(id);
        let all = self.entered.get(id).map(Vec::as_slice).unwrap_or_default();
        all.iter().copied().filter(|f| f.subject != subject).collect()
    }

    /// Figures that follow from others.
    pub fn derived(&self, id: &str) -> &[Figure] {
        self.derived.get(id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The definition that counts: the one chosen where its gap was resolved, else the first.
    pub fn definition(&self, indicator: &'a Indicator) -> Option<&'a Definition> {
        let gap = self.facts.resolutions.get(&format!("definition-gap:{}", indicator.id));
        gap.and_then(|r| indicator.definition(&r.chosen)).or(indicator.definitions.first())
    }

    /// The figures that count of some kinds, one a period, oldest first.
    pub fn counting(&self, indicator: &'a Indicator, kinds: &[Kind]) -> Vec<Figure> {
        let mut by_period: BTreeMap<String, Figure> = BTreeMap::new();
        let own = self.own(&indicator.id);
        let derived = self.derived(&indicator.id).iter();
        for figure in own.iter().copied().chain(derived).filter(|f| kinds.contains(&f.basis)) {
            let key = figure.period.key().to_owned();
            let better =
                by_period.get(&key).is_none_or(|b| self.rank(indicator, figure) > self.rank(indicator, b));
            if better {
                by_period.insert(key, figure.clone());
            }
        }
        by_period.into_values().collect()
    }

    /// What makes a figure count before another of the same period: chosen by a resolution, under the definition that counts,
    /// entered rather than derived, the stronger kind, the newer record.
    fn rank(&self, indicator: &'a Indicator, figure: &Figure) -> (bool, bool, bool, u8, u64) {
        let chosen = self.facts.resolutions.values().any(|r| r.chosen == figure.reference);
        let wanted = self.definition(indicator).map(|d| d.id.as_str());
        let fits = figure.definition.is_none() || figure.definition.as_deref() == wanted;
        let strength = match figure.basis {
            Kind::Actual => 4,
            Kind::Baseline | Kind::Target => 3,
            Kind::Comparison => 2,
            Kind::Estimate => 1,
            Kind::Derived => 0,
        };
        (chosen, fits, figure.kind != Kind::Derived, strength, figure.seq.unwrap_or(0))
    }

    fn derive_all(&self, indicator: &'a Indicator) -> Vec<Figure> {
        let mut found: Vec<Figure> = Vec::new();
        let none = [None];
        let definitions: Vec<Option<&Definition>> = match indicator.definitions.is_empty() {
            true => none.to_vec(),
            false => indicator.definitions.iter().map(Some).collect(),
        };
        for definition in definitions {
            let before = found.len();
            let periods = self.periods(indicator, definition, 0);
            for period in periods.iter().filter(|p| !p.is_empty()) {
                found.extend(self.derive(indicator, definition, period, 0));
            }
            if found.len() == before {
                found.extend(self.derive(indicator, definition, "", 0));
            }
        }
        found
    }

    /// The periods for which some input has a figure.
    fn periods(
        &self,
        indicator: &'a Indicator,
        definition: Option<&'a Definition>,
        depth: usize,
    ) -> BTreeSet<String> {
        let mut periods = BTreeSet::new();
        if depth > DEPTH_MAX {
            return periods;
        }
        for input in indicator.inputs_of(definition).into_values().filter(|i| i.kind.is_none()) {
            let Some(other) = input.indicator.as_deref().and_then(|id| self.indicator(id)) else { continue };
            let values =
                self.own(&other.id).into_iter().filter(|f| f.kind != Kind::Target && f.value.is_some());
            periods.extend(values.map(|f| f.period.key().to_owned()));
            if other.formula.is_some() {
                periods.extend(self.periods(other, self.definition(other), depth + 1));
            }
        }
        periods
    }

    fn derive(
        &self,
        indicator: &'a Indicator,
        definition: Option<&'a Definition>,
        period: &str,
        depth: usize,
    ) -> Option<Figure> {
        if depth > DEPTH_MAX {
            return None;
        }
        let text = indicator.formula.as_deref()?;
        let formula = Formula::parse(text).ok()?;
        let mut inputs = Vec::new();
        for (name, input) in indicator.inputs_of(definition) {
            let figure = self.input(input, period, depth)?;
            inputs.push(NamedFigure { name: name.to_owned(), figure });
        }
        let values: BTreeMap<&str, f64> =
            inputs.iter().filter_map(|i| Some((i.name.as_str(), i.figure.value?))).collect();
        let value = formula.number(&values).ok()?;
        let from: Vec<&Figure> =
            inputs.iter().map(|i| &i.figure).filter(|f| !f.indicator.is_empty()).collect();
        let when = from.iter().find(|f| f.period.key() == period).map(|f| f.period.clone());
        let mut figure =
            Figure::new(&indicator.id, Kind::Derived, when.unwrap_or_default(), Some(value), &indicator.unit);
        let definition_id = definition.map(|d| d.id.as_str());
        figure.reference =
            format!("derived:{}:{}:{}", indicator.id, definition_id.unwrap_or("-"), figure.period.key());
        figure.basis = basis(&from);
        figure.subject = self.subject(&indicator.id).to_owned();
        figure.definition = definition_id.map(str::to_owned);
        figure.recorded_at = inputs.iter().map(|i| i.figure.recorded_at.clone()).max().unwrap_or_default();
        figure.seq = inputs.iter().filter_map(|i| i.figure.seq).max();
        figure.simulated = inputs.iter().any(|i| i.figure.simulated);
        figure.derivation = Some(Derivation { formula: text.to_owned(), inputs });
        Some(figure)
    }

    /// The figure an input gives for a period: of that period; or the only kind of figure that carries no date.
    fn input(&self, input: &'a Input, period: &str, depth: usize) -> Option<Figure> {
        if let Some(value) = input.value {
            let mut figure = Figure::new("", Kind::Estimate, Default::default(), Some(value), "");
            figure.unit = input.unit.clone().unwrap_or_default();
            figure.source.document = input.source.clone().unwrap_or_default();
            figure.reference = format!("constant:{value}");
            return Some(figure);
        }
        if let Some(key) = input.fact_key() {
            let mut figure = self.facts.outside.get(&key).filter(|f| f.value.is_some())?.clone();
            if let Some(unit) = &input.unit {
                figure.unit = unit.clone();
            }
            return Some(figure);
        }
        let other = self.indicator(input.indicator.as_deref()?)?;
        let fits = |f: &&Figure| match input.kind {
            Some(kind) => f.kind == kind,
            None => f.kind != Kind::Target && (f.period.key() == period || f.period.key().is_empty()),
        };
        let own = self.own(&other.id).into_iter().filter(|f| f.value.is_some()).filter(|f| fits(f));
        let best = own.max_by_key(|f| (f.period.key() == period, f.period.key(), self.rank(other, f)));
        match best {
            Some(figure) => Some(figure.clone()),
            None if other.formula.is_some() => self.derive(other, self.definition(other), period, depth + 1),
            None => None,
        }
    }
}

/// What a derived figure is for: actual when an actual went in, target only when all inputs are targets.
fn basis(inputs: &[&Figure]) -> Kind {
    let has = |kind| inputs.iter().any(|f| f.basis == kind);
    let all = |kind| inputs.iter().all(|f| f.basis == kind);
    match () {
        () if inputs.is_empty() => Kind::Actual,
        () if all(Kind::Target) => Kind::Target,
        () if has(Kind::Target) => Kind::Comparison,
        () if has(Kind::Estimate) => Kind::Estimate,
        () if has(Kind::Actual) => Kind::Actual,
        () if has(Kind::Baseline) => Kind::Baseline,
        () => Kind::Comparison,
    }
}

/// Of figures that one organisation reported for the same thing, the newest holds: a correction replaces what it corrects.
fn supersede(figures: &mut Vec<&Figure>) {
    let mut newest: BTreeMap<(Kind, &str, &str, Option<&str>, &str), u64> = BTreeMap::new();
    let all = figures.clone();
    for f in &all {
        let Some(by) = f.reported_by.as_deref() else { continue };
        let key = (f.kind, f.subject.as_str(), f.period.key(), f.definition.as_deref(), by);
        let seq = newest.entry(key).or_default();
        *seq = (*seq).max(f.seq.unwrap_or(0));
    }
    figures.retain(|f| {
        let Some(by) = f.reported_by.as_deref() else { return true };
        let key = (f.kind, f.subject.as_str(), f.period.key(), f.definition.as_deref(), by);
        newest.get(&key) == Some(&f.seq.unwrap_or(0))
    });
}
