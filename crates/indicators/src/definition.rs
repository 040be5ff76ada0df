//! What an indicator is, as a pack writes it in `indicators/<id>.yaml`, and the rules that judge it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Words;
use crate::figure::Kind;
use crate::formula::{Formula, FormulaError};

/// An indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Indicator {
    /// Its id: the file name, the same in figures.
    #[serde(default)]
    pub id: String,
    /// Name for people.
    pub title: Words,
    /// The question it answers.
    pub question: Words,
    /// Code of `indicator-group`.
    pub group: String,
    /// Place in lists.
    #[serde(default)]
    pub order: i64,
    /// Code of the unit of its figures.
    pub unit: String,
    /// Which way is better.
    pub direction: Direction,
    /// How often figures are due.
    #[serde(default = "year")]
    pub period: String,
    /// Digits after the point that are shown.
    #[serde(default)]
    pub decimals: u8,
    /// Definitions 口径; the first is the default.
    #[serde(default)]
    pub definitions: Vec<Definition>,
    /// The indicator whose baseline is used although it counts another population.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// How the way to the target is drawn.
    #[serde(default)]
    pub path: PathKind,
    /// Values of the way to the target by year, where somebody stated them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub stated_path: BTreeMap<i32, f64>,
    /// CEL over `inputs`; only for derived indicators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    /// What the formula uses, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Input>,
    /// Responsible organisation 牵头, a local id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// Organisations that help 配合.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub support: Vec<String>,
    /// Whom to ask for a figure that nobody published.
    #[serde(default)]
    pub ask: Words,
    /// Whose figures stand beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// What a reader must know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caveats: Vec<Words>,
    /// Values that are plausible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// Relative change against the last period that wants a word of explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<f64>,
    /// Section of the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

fn year() -> String {
    "year".into()
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Direction {
    Up,
    Down,
    Qualitative,
}

/// How the way from baseline to target is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PathKind {
    /// Straight, shown as interpolated.
    Linear,
    /// Not at all.
    #[default]
    None,
}

/// One definition 口径: what exactly is counted, and while when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// Its id, unique in the indicator.
    pub id: String,
    /// Name for people.
    pub title: Words,
    /// What is counted and what not.
    #[serde(default)]
    pub text: Words,
    /// First day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Inputs of the formula that differ under it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, Input>,
}

/// Where a name of a formula gets its value. Exactly one of `indicator`, `entity` with `attribute`, `count`, `value`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Input {
    /// The figure of another indicator, of the same period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<String>,
    /// Its figure of this kind, whatever the period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// An entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Its attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// How many entities of this type there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Of which these attributes have these values.
    #[serde(default, rename = "where", skip_serializing_if = "BTreeMap::is_empty")]
    pub filter: BTreeMap<String, String>,
    /// A number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Unit of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Where the number comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Input {
    /// The key under which facts from outside the figures are found: an attribute of an entity, or a count.
    pub fn fact_key(&self) -> Option<String> {
        match (&self.entity, &self.attribute, &self.count) {
            (Some(entity), Some(attribute), _) => Some(format!("{entity}#{attribute}")),
            (_, _, Some(count)) => {
                let mut key = format!("count:{count}");
                for (name, value) in &self.filter {
                    key.push_str(&format!("&{name}={value}"));
                }
                Some(key)
            }
            _ => None,
        }
    }
}

/// Values that are plausible.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
}

/// What is wrong with an indicator as written: a JSON pointer and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub pointer: String,
    /// Why.
    pub why: String,
}

impl Indicator {
    /// The inputs under a definition: its own where it has them, else the indicator's.
    pub fn inputs_of<'a>(&'a self, definition: Option<&'a Definition>) -> BTreeMap<&'a str, &'a Input> {
        let mut all: BTreeMap<&str, &Input> = self.inputs.iter().map(|(n, i)| (n.as_str(), i)).collect();
        if let Some(definition) = definition {
            all.extend(definition.inputs.iter().map(|(n, i)| (n.as_str(), i)));
        }
        all
    }

    /// Every input under any definition.
    pub fn all_inputs(&self) -> impl Iterator<Item = &Input> {
        self.inputs.values().chain(self.definitions.iter().flat_map(|d| d.inputs.values()))
    }

    /// The definition with an id.
    pub fn definition(&self, id: &str) -> Option<&Definition> {
        self.definitions.iter().find(|d| d.id == id)
    }

    /// What is wrong with it, taken by itself and against the indicators there are.
    pub fn faults(&self, known: &dyn Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |pointer: String, why: String| faults.push(Fault { pointer, why });
        match &self.formula {
            None if !self.inputs.is_empty() => fault("/inputs".into(), "inputs without a formula".into()),
            None => {}
            Some(text) => match Formula::parse(text) {
                Err(FormulaError::Syntax(why) | FormulaError::Value(why)) => fault("/formula".into(), why),
                Ok(formula) => {
                    for name in formula.names() {
                        if !self.inputs.contains_key(&name) {
                            fault("/formula".into(), format!("`{name}` is no name under `inputs`"));
                        }
                    }
                }
            },
        }
        if let Some(baseline) = self.baseline.as_deref().filter(|b| !known(b)) {
            fault("/baseline".into(), format!("there is no indicator `{baseline}`"));
        }
        let own = self.inputs.iter().map(|(name, input)| (format!("/inputs/{name}"), input));
        let of_definitions = self.definitions.iter().enumerate().flat_map(|(i, d)| {
            d.inputs.iter().map(move |(name, input)| (format!("/definitions/{i}/inputs/{name}"), input))
        });
        for (pointer, input) in own.chain(of_definitions) {
            let ways = [
                input.indicator.is_some(),
                input.entity.is_some() && input.attribute.is_some(),
                input.count.is_some(),
                input.value.is_some(),
            ];
            if ways.iter().filter(|w| **w).count() != 1 {
                let why = "needs exactly one of: indicator; entity with attribute; count; value";
                fault(pointer.clone(), why.into());
            }
            if let Some(other) = input.indicator.as_deref().filter(|i| !known(i)) {
                fault(format!("{pointer}/indicator"), format!("there is no indicator `{other}`"));
            }
            if input.value.is_some() && input.source.is_none() {
                fault(pointer, "a number needs its `source`".into());
            }
        }
        faults
    }
}

/// A rule of `status.yaml`: the first whose condition holds gives the status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// Its id.
    pub id: String,
    /// CEL over the names of [`crate::board`].
    pub when: String,
    /// The status it gives.
    pub status: Status,
    /// The rule in words.
    pub title: Words,
}

/// How an indicator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// 达成.
    Achieved,
    /// 接近.
    Near,
    /// 滞后.
    Behind,
    /// 无数据.
    NoData,
    /// 口径冲突.
    Conflict,
}
