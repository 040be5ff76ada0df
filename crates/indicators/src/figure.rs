//! One value with its way back: what it says, of whom and when, who entered it, from which source, in which record.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a figure is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Where the plan began.
    Baseline,
    /// Where it wants to go.
    Target,
    /// What was reached.
    Actual,
    /// Another's figure, or ours beside another's.
    Comparison,
    /// Not counted but judged.
    Estimate,
    /// Computed from others.
    Derived,
}

/// When a figure holds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Period {
    /// As the source says it.
    pub text: String,
    /// First day.
    pub start: Option<String>,
    /// Last day.
    pub end: Option<String>,
}

impl Period {
    /// What makes two periods the same: the last day; empty when the source gives none.
    pub fn key(&self) -> &str {
        self.end.as_deref().unwrap_or_default()
    }

    /// The year of the last day.
    pub fn year(&self) -> Option<i32> {
        self.end.as_deref()?.get(..4)?.parse().ok()
    }

    /// The period that a return writes: `2025`, `2025-Q1`, `2025-06`.
    pub fn parse(text: &str) -> Option<Period> {
        let text = text.trim();
        let year: i32 = text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        if !(1949..=2100).contains(&year) {
            return None;
        }
        let (first, last) = match text.get(4..)? {
            "" | "年" => (1, 12),
            rest => {
                let rest = rest.strip_prefix('-')?;
                match rest.strip_prefix(['Q', 'q']) {
                    Some(quarter) => match quarter.parse().ok()? {
                        q @ 1..=4u8 => (3 * q - 2, 3 * q),
                        _ => return None,
                    },
                    None => match (rest.len(), rest.parse().ok()?) {
                        (2, month @ 1..=12u8) => (month, month),
                        _ => return None,
                    },
                }
            }
        };
        let month = time::Month::try_from(last).ok()?;
        let days = month.length(year);
        Some(Period {
            text: text.trim_end_matches('年').to_owned(),
            start: Some(format!("{year}-{first:02}-01")),
            end: Some(format!("{year}-{last:02}-{days:02}")),
        })
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// The document.
    pub document: String,
    /// The sentence in it.
    pub sentence: Option<String>,
    /// The section of the plan, an entity id.
    pub section: Option<String>,
    /// Its number: 一(一)1.
    pub section_number: Option<String>,
    /// What a reader must know.
    pub note: Option<String>,
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// Stable: the entity, the entity and row, or `derived:indicator:definition:period`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// What it is for.
    pub kind: Kind,
    /// Of a derived figure: what it is for, judged by its inputs.
    pub basis: Kind,
    /// Which indicator.
    pub indicator: String,
    /// Of whom.
    pub subject: String,
    /// When.
    pub period: Period,
    /// `eq`, `gt`, `about` …
    pub comparator: Option<String>,
    /// The number, in `unit`.
    pub value: Option<f64>,
    /// The words, where there is no number.
    pub statement: Option<String>,
    /// Unit as written.
    pub unit: String,
    /// Under which definition 口径.
    pub definition: Option<String>,
    /// From where.
    pub source: Source,
    /// Organisation that reported it.
    pub reported_by: Option<String>,
    /// Who entered it.
    pub entered_by: String,
    /// When it was recorded.
    pub recorded_at: String,
    /// In which record.
    pub seq: Option<u64>,
    /// In which entity.
    pub entity: Option<String>,
    /// In which row of it.
    pub row: Option<u32>,
    /// It is simulated or a sample.
    pub simulated: bool,
    /// How it was computed.
    #[schema(no_recursion)]
    pub derivation: Option<Derivation>,
}

/// How a figure was computed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Derivation {
    /// The formula.
    pub formula: String,
    /// What went in.
    #[schema(no_recursion)]
    pub inputs: Vec<NamedFigure>,
}

/// A figure under the name a formula gives it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NamedFigure {
    /// The name.
    pub name: String,
    /// The figure.
    #[schema(no_recursion)]
    pub figure: Figure,
}

impl Figure {
    /// A figure with nothing but its value, for building.
    pub fn new(indicator: &str, kind: Kind, period: Period, value: Option<f64>, unit: &str) -> Figure {
        Figure {
            reference: String::new(),
            kind,
            basis: kind,
            indicator: indicator.to_owned(),
            subject: String::new(),
            period,
            comparator: None,
            value,
            statement: None,
            unit: unit.to_owned(),
            definition: None,
            source: Source::default(),
            reported_by: None,
            entered_by: String::new(),
            recorded_at: String::new(),
            seq: None,
            entity: None,
            row: None,
            simulated: false,
            derivation: None,
        }
    }

    /// Digits after the point with which the value is written.
    pub fn precision(&self) -> usize {
        self.value.map_or(0, |v| {
            let text = v.to_string();
            text.split_once('.').map_or(0, |(_, fraction)| fraction.len())
        })
    }

    /// Whether it and a computed value say the same at the precision of the figure as stated.
    pub fn agrees(&self, computed: f64) -> bool {
        let Some(stated) = self.value else { return true };
        match self.comparator.as_deref() {
            Some("gt" | "ge") => computed >= stated,
            Some("lt" | "le") => computed <= stated,
            Some("about") => (computed - stated).abs() <= 0.05 * stated.abs() || self.rounds_to(computed),
            _ => self.rounds_to(computed),
        }
    }

    fn rounds_to(&self, computed: f64) -> bool {
        let unit = 10f64.powi(-i32::try_from(self.precision()).unwrap_or(9));
        self.value.is_some_and(|stated| (computed - stated).abs() <= unit * 0.5 + 1e-9)
    }

    /// The value with its unit, for sentences; at most `decimals` digits after the point.
    pub fn words(&self, decimals: usize) -> String {
        match (self.value, &self.statement) {
            (Some(value), _) => {
                let sign = match self.comparator.as_deref() {
                    Some("gt") => "超过",
                    Some("ge") => "不少于",
                    Some("lt") => "低于",
                    Some("about") => "约",
                    _ => "",
                };
                // What was stated keeps its digits; what was computed has those of the indicator.
                let stated = if self.kind == Kind::Derived { 0 } else { self.precision().min(4) };
                format!("{sign}{}{}", number(value, decimals.max(stated)), self.unit)
            }
            (None, Some(words)) => words.clone(),
            (None, None) => "—".into(),
        }
    }
}

/// A number with at most so many digits after the point, without zeros at its end.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.split_once('.') {
        Some(_) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}
