//! Indicators as people see them: target beside what is known, the way between, peers, and how it stands.
//!
//! Names a status rule may use: `hasActual`, `hasTarget`, `hasConflict`, `qualitative` (yes or no); `actual`, `target`,
//! `baseline`, `progress`, `expected` (numbers, 0.0 where unknown). `progress` is the share of the way from baseline to
//! target (without a baseline: of the target) that the newest actual has gone; `expected` is the share the drawn way has
//! gone at the same time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::conflict::{BASELINE_POPULATION, Conflict, conflicts};
use crate::definition::{Direction, Indicator, PathKind, Status, StatusRule};
use crate::figure::{Figure, Kind};
use crate::formula::{Formula, Scalar};
use crate::ledger::{Facts, Ledger};
use crate::{Party, Words};

/// All indicators and conflicts of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// Goals first, then by place.
    pub indicators: Vec<IndicatorView>,
    /// Resolved ones too.
    pub conflicts: Vec<Conflict>,
}

/// A definition, and whether it counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Definition)]
pub struct DefinitionView {
    /// Its id.
    pub id: String,
    /// Name.
    pub title: Words,
    /// What is counted.
    pub text: Words,
    /// First day it holds.
    pub from: Option<String>,
    /// Last day it holds.
    pub to: Option<String>,
    /// It counts now.
    pub chosen: bool,
}

/// A point of the way to the target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathPoint {
    /// Year.
    pub year: i32,
    /// Value.
    pub value: f64,
    /// `stated` by somebody, or `interpolated`.
    pub kind: String,
}

/// A rule by id and words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RuleWords {
    /// Its id.
    pub id: String,
    /// In words.
    pub title: Words,
}

/// An indicator as people see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Indicator)]
pub struct IndicatorView {
    /// Its id.
    pub id: String,
    /// Name.
    pub title: Words,
    /// The question it answers.
    pub question: Words,
    /// Code of its group.
    pub group: String,
    /// Name of its group.
    pub group_title: Words,
    /// Place in lists.
    pub order: i64,
    /// Unit.
    pub unit: String,
    /// Digits after the point.
    pub decimals: u8,
    /// Which way is better.
    pub direction: Direction,
    /// The plan has a target for it.
    pub goal: bool,
    /// It is computed.
    pub derived: bool,
    /// The formula, where it is computed.
    pub formula: Option<String>,
    /// Of whom it speaks.
    pub subject: String,
    /// Definitions 口径.
    pub definitions: Vec<DefinitionView>,
    /// 牵头.
    pub lead: Option<Party>,
    /// 配合.
    pub support: Vec<Party>,
    /// Whom to ask for what is missing.
    pub ask_whom: Words,
    /// Where it began.
    pub baseline: Option<Figure>,
    /// Where it wants to go.
    pub target: Option<Figure>,
    /// The newest actual.
    pub actual: Option<Figure>,
    /// Figures of others.
    pub peers: Vec<Figure>,
    /// The way to the target.
    pub path: Vec<PathPoint>,
    /// What is known of the subject itself, by period.
    pub series: Vec<Figure>,
    /// Share of the way gone.
    pub progress: Option<f64>,
    /// Target less actual.
    pub gap: Option<f64>,
    /// How it stands.
    pub status: Status,
    /// By which rule.
    pub status_rule: RuleWords,
    /// Conflicts, resolved ones too.
    pub conflicts: Vec<String>,
    /// What a reader must know.
    pub caveats: Vec<Words>,
    /// Section of the plan.
    pub source: Option<String>,
}

/// Computes the board.
pub fn board(facts: &Facts) -> Board {
    let ledger = Ledger::new(facts);
    let conflicts = conflicts(&ledger);
    let rules: Vec<(Option<Formula>, &StatusRule)> =
        facts.status_rules.iter().map(|r| (Formula::parse(&r.when).ok(), r)).collect();
    let mut indicators: Vec<IndicatorView> =
        facts.indicators.iter().map(|i| view(&ledger, i, &conflicts, &rules)).collect();
    indicators.sort_by(|a, b| (!a.goal, a.order, &a.id).cmp(&(!b.goal, b.order, &b.id)));
    Board { indicators, conflicts }
}

fn view(
    ledger: &Ledger<'_>,
    indicator: &Indicator,
    conflicts: &[Conflict],
    rules: &[(Option<Formula>, &StatusRule)],
) -> IndicatorView {
    let facts = ledger.facts();
    let party = |id: &String| Party { id: id.clone(), name: facts.parties.get(id).unwrap_or(id).clone() };
    let target = ledger
        .own(&indicator.id)
        .into_iter()
        .filter(|f| f.kind == Kind::Target)
        .max_by_key(|f| f.period.key());
    let baseline = baseline(ledger, indicator);
    let actual = ledger.counting(indicator, &[Kind::Actual]).pop();
    let chosen = ledger.definition(indicator).map(|d| d.id.clone());
    let mine: Vec<&Conflict> = conflicts.iter().filter(|c| c.indicator == indicator.id).collect();
    let path = path(indicator, baseline.as_ref(), target);
    let value = |f: Option<&Figure>| f.and_then(|f| f.value);
    let (b, t, a) = (value(baseline.as_ref()), value(target), value(actual.as_ref()));
    let progress = progress(b, t, a);
    let expected = actual.as_ref().and_then(|f| f.period.year()).and_then(|year| {
        let point = path.iter().rfind(|p| p.year <= year)?;
        self::progress(b, t, Some(point.value))
    });
    let names = BTreeMap::from([
        ("hasActual", Scalar::Bool(actual.is_some())),
        ("hasTarget", Scalar::Bool(target.is_some())),
        ("hasConflict", Scalar::Bool(mine.iter().any(|c| c.resolution.is_none()))),
        ("qualitative", Scalar::Bool(target.is_some_and(|f| f.value.is_none()))),
        ("actual", Scalar::Number(a.unwrap_or(0.0))),
        ("target", Scalar::Number(t.unwrap_or(0.0))),
        ("baseline", Scalar::Number(b.unwrap_or(0.0))),
        ("progress", Scalar::Number(progress.unwrap_or(0.0))),
        ("expected", Scalar::Number(expected.unwrap_or(1.0))),
    ]);
    let rule = rules.iter().find(|(f, _)| f.as_ref().is_some_and(|f| f.holds(&names).unwrap_or(false)));
    let (status, status_rule) = match rule {
        Some((_, rule)) => (rule.status, RuleWords { id: rule.id.clone(), title: rule.title.clone() }),
        None => (
            Status::NoData,
            RuleWords { id: "none".into(), title: Words::new("没有规则适用", "no rule applies") },
        ),
    };
    IndicatorView {
        id: indicator.id.clone(),
        title: indicator.title.clone(),
        question: indicator.question.clone(),
        group: indicator.group.clone(),
        group_title: facts.groups.get(&indicator.group).cloned().unwrap_or_default(),
        order: indicator.order,
        unit: indicator.unit.clone(),
        decimals: indicator.decimals,
        direction: indicator.direction,
        goal: target.is_some(),
        derived: indicator.formula.is_some(),
        formula: indicator.formula.clone(),
        subject: ledger.subject(&indicator.id).to_owned(),
        definitions: indicator
            .definitions
            .iter()
            .map(|d| DefinitionView {
                id: d.id.clone(),
                title: d.title.clone(),
                text: d.text.clone(),
                from: d.from.clone(),
                to: d.to.clone(),
                chosen: chosen.as_deref() == Some(&d.id),
            })
            .collect(),
        lead: indicator.lead.as_ref().map(party),
        support: indicator.support.iter().map(party).collect(),
        ask_whom: indicator.ask.clone(),
        peers: ledger.peers(&indicator.id).into_iter().cloned().collect(),
        series: ledger.counting(indicator, &[Kind::Baseline, Kind::Actual, Kind::Comparison, Kind::Estimate]),
        progress,
        gap: t.zip(a).map(|(t, a)| t - a),
        status,
        status_rule,
        conflicts: mine.iter().map(|c| c.id.clone()).collect(),
        caveats: indicator.caveats.clone(),
        source: indicator.source.clone(),
        baseline,
        target: target.cloned(),
        actual,
        path,
    }
}

/// The own baseline; else, unless that was decided against, the one of the indicator named; else a figure beside others.
fn baseline(ledger: &Ledger<'_>, indicator: &Indicator) -> Option<Figure> {
    if let Some(own) = ledger.counting(indicator, &[Kind::Baseline]).pop() {
        return Some(own);
    }
    let decided = ledger.facts().resolutions.get(&format!("population:{}", indicator.id));
    let other = indicator.baseline.as_deref().and_then(|id| ledger.indicator(id));
    let other = other.filter(|_| decided.is_none_or(|r| r.chosen == BASELINE_POPULATION));
    match other {
        Some(other) => ledger.counting(other, &[Kind::Baseline]).pop(),
        None => ledger
            .counting(indicator, &[Kind::Comparison])
            .pop()
            .filter(|f| f.subject == ledger.subject(&indicator.id)),
    }
}

fn progress(baseline: Option<f64>, target: Option<f64>, actual: Option<f64>) -> Option<f64> {
    let (target, actual) = (target?, actual?);
    match baseline {
        Some(b) if (target - b).abs() > f64::EPSILON => Some((actual - b) / (target - b)),
        _ if target.abs() > f64::EPSILON => Some(actual / target),
        _ => None,
    }
}

fn path(indicator: &Indicator, baseline: Option<&Figure>, target: Option<&Figure>) -> Vec<PathPoint> {
    let mut points: BTreeMap<i32, PathPoint> = BTreeMap::new();
    let ends = baseline.zip(target).and_then(|(b, t)| {
        let (from, to) = (b.period.year()?, t.period.year()?);
        Some((from, b.value?, to, t.value?))
    });
    if let (PathKind::Linear, Some((from, b, to, t))) = (indicator.path, ends)
        && (1..=50).contains(&(to - from))
    {
        for year in from..=to {
            let share = f64::from(year - from) / f64::from(to - from);
            let kind = if year == from || year == to { "stated" } else { "interpolated" };
            points.insert(year, PathPoint { year, value: b + (t - b) * share, kind: kind.into() });
        }
    }
    for (year, value) in &indicator.stated_path {
        points.insert(*year, PathPoint { year: *year, value: *value, kind: "stated".into() });
    }
    points.into_values().collect()
}
