//! The plan's work items: how each stands, by rules that are data.
//!
//! Names a light rule may use: `done`, `hasReport`, `overdue` (yes or no); `percent`, `elapsed` (numbers; `elapsed` is the
//! share of the plan's term that has passed, 0 to 1); `daysLeft`, `daysSinceReport` (whole numbers; 99999 where never).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Date, Month};
use utoipa::ToSchema;

use crate::Words;
use crate::board::RuleWords;
use crate::formula::{Formula, Scalar};

/// A rule of `lights.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LightRule {
    /// Its id.
    pub id: String,
    /// CEL over the names above.
    pub when: String,
    /// The light it gives.
    pub light: Light,
    /// The rule in words.
    pub title: Words,
}

/// 红黄绿.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Light {
    Green,
    Yellow,
    Red,
}

/// What the rules look at.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaskFacts {
    /// It is done.
    pub done: bool,
    /// Share reached by the newest report, 0 to 100.
    pub percent: Option<f64>,
    /// Day of the newest report.
    pub reported_on: Option<String>,
    /// Day by which it is due.
    pub due: Option<String>,
}

/// First and last day of the plan's term.
pub const TERM: (&str, &str) = ("2021-01-01", "2025-12-31");

/// Days from one day to another; none where either is no date.
pub fn days_between(from: &str, to: &str) -> Option<i64> {
    Some((date(to)? - date(from)?).whole_days())
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.get(..10)?.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
}

/// The light of a task on a day, and the rule that gave it. Without a rule that fits: yellow.
pub fn light(rules: &[LightRule], facts: &TaskFacts, today: &str) -> (Light, RuleWords) {
    let left = facts.due.as_deref().and_then(|due| days_between(today, due));
    let since = facts.reported_on.as_deref().and_then(|day| days_between(day, today));
    let term = days_between(TERM.0, TERM.1).unwrap_or(1).max(1) as f64;
    let passed = days_between(TERM.0, today).unwrap_or(0) as f64;
    let names = BTreeMap::from([
        ("done", Scalar::Bool(facts.done)),
        ("hasReport", Scalar::Bool(facts.percent.is_some())),
        ("overdue", Scalar::Bool(left.is_some_and(|d| d < 0))),
        ("percent", Scalar::Number(facts.percent.unwrap_or(0.0))),
        ("elapsed", Scalar::Number((passed / term).clamp(0.0, 1.0))),
        ("daysLeft", Scalar::Int(left.unwrap_or(99_999))),
        ("daysSinceReport", Scalar::Int(since.unwrap_or(99_999))),
    ]);
    let fits = |rule: &&LightRule| Formula::parse(&rule.when).and_then(|f| f.holds(&names)).unwrap_or(false);
    match rules.iter().find(fits) {
        Some(rule) => (rule.light, RuleWords { id: rule.id.clone(), title: rule.title.clone() }),
        None => (
            Light::Yellow,
            RuleWords { id: "none".into(), title: Words::new("没有规则适用", "no rule applies") },
        ),
    }
}
