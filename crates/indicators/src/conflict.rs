//! Conflicts, found and never averaged: figures that contradict each other, a definition under which the target was
//! reached before the plan began, and a baseline that counts another population than the target.
//!
//! A conflict has a stable id, so that its resolution (which is a record of its own) finds it again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Words;
use crate::definition::{Direction, Indicator};
use crate::figure::{Figure, Kind, number};
use crate::ledger::Ledger;

/// The side a resolution names when no figure is to be judged.
pub const NONE: &str = "none";
/// The side that keeps a baseline of another population.
pub const BASELINE_POPULATION: &str = "baseline-population";
/// The side that keeps the population of the target and leaves the baseline empty.
pub const TARGET_POPULATION: &str = "target-population";

/// Which kind of conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConflictKind {
    /// Two values for one thing at one time.
    Contradiction,
    /// The baseline is beyond the target: something else is counted.
    DefinitionGap,
    /// Baseline and target count different populations.
    Population,
}

/// A conflict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// Stable: kind, indicator and period.
    pub id: String,
    /// Which kind.
    pub kind: ConflictKind,
    /// Of which indicator.
    pub indicator: String,
    /// Its name.
    pub indicator_title: Words,
    /// The conflict in a line.
    pub title: Words,
    /// The conflict in figures.
    pub explanation: Words,
    /// What can be chosen.
    pub sides: Vec<Side>,
    /// What was chosen, and why.
    pub resolution: Option<Resolution>,
}

/// One side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Side {
    /// What a resolution names.
    pub id: String,
    /// In words.
    pub title: Words,
    /// Its figures.
    pub figures: Vec<Figure>,
}

/// A decision, itself a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resolution {
    /// The side.
    pub chosen: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// In which record.
    pub seq: u64,
    /// In which entity.
    pub entity: String,
}

/// All conflicts, by id.
pub fn conflicts(ledger: &Ledger<'_>) -> Vec<Conflict> {
    let mut found = Vec::new();
    for indicator in &ledger.facts().indicators {
        found.extend(contradictions(ledger, indicator));
        found.extend(gap(ledger, indicator));
        found.extend(population(ledger, indicator));
    }
    for conflict in &mut found {
        conflict.resolution = ledger.facts().resolutions.get(&conflict.id).cloned();
    }
    found.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
    found
}

fn same_definition(a: &Figure, b: &Figure) -> bool {
    match (&a.definition, &b.definition) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

fn disagree(a: &Figure, b: &Figure) -> bool {
    let (Some(x), Some(y)) = (a.value, b.value) else { return false };
    // The one stated with fewer digits judges the other.
    let coarse = match (a.kind == Kind::Derived, b.kind == Kind::Derived) {
        (true, false) => b,
        (false, true) => a,
        _ if a.precision() <= b.precision() => a,
        _ => b,
    };
    let other = if std::ptr::eq(coarse, a) { y } else { x };
    !coarse.agrees(other)
}

fn contradictions(ledger: &Ledger<'_>, indicator: &Indicator) -> Vec<Conflict> {
    let known = |f: &&Figure| {
        matches!(f.basis, Kind::Baseline | Kind::Actual | Kind::Comparison) && f.value.is_some()
    };
    let own = ledger.own(&indicator.id).into_iter();
    let all: Vec<&Figure> = own.chain(ledger.derived(&indicator.id)).filter(known).collect();
    let mut periods: Vec<&str> = all.iter().map(|f| f.period.key()).collect();
    periods.sort_unstable();
    periods.dedup();
    if periods.len() > 1 {
        periods.retain(|p| !p.is_empty());
    }
    let mut found = Vec::new();
    for period in periods {
        let here: Vec<&Figure> = all
            .iter()
            .copied()
            .filter(|f| f.period.key() == period || f.period.key().is_empty() && f.kind != Kind::Derived)
            .collect();
        let involved: Vec<&Figure> = here
            .iter()
            .copied()
            .filter(|a| here.iter().any(|b| !std::ptr::eq(*a, *b) && same_definition(a, b) && disagree(a, b)))
            .collect();
        if involved.len() < 2 {
            continue;
        }
        let values: Vec<String> = involved.iter().map(|f| f.words(usize::from(indicator.decimals))).collect();
        let when = involved.iter().map(|f| f.period.text.as_str()).find(|t| !t.is_empty()).unwrap_or("同期");
        found.push(Conflict {
            id: format!("contradiction:{}:{}", indicator.id, if period.is_empty() { "undated" } else { period }),
            kind: ConflictKind::Contradiction,
            indicator: indicator.id.clone(),
            indicator_title: indicator.title.clone(),
            title: Words::new(
                format!("{}：{}", indicator.title.zh, values.join(" 与 ")),
                format!("{}: {}", indicator.title.en, values.join(" against ")),
            ),
            explanation: Words::new(
                format!("同一指标在同一时期（{when}）有 {} 个互不相符的数。并列显示，不取平均。", involved.len()),
                format!(
                    "{} figures of one indicator for the same period ({when}) do not agree; they stand side by side and are not averaged.",
                    involved.len()
                ),
            ),
            sides: involved.iter().map(|f| side_of_figure(indicator, f)).collect(),
            resolution: None,
        });
    }
    found
}

fn side_of_figure(indicator: &Indicator, figure: &Figure) -> Side {
    let value = figure.words(usize::from(indicator.decimals));
    let title = match (&figure.derivation, &figure.source.section_number, &figure.reported_by) {
        (Some(derivation), _, _) => {
            let inputs: Vec<String> = derivation.inputs.iter().map(|i| i.figure.words(2)).collect();
            Words::new(
                format!("{value}：按 {} 推算（{}）", derivation.formula, inputs.join("、")),
                format!("{value}: computed as {} ({})", derivation.formula, inputs.join(", ")),
            )
        }
        (None, Some(section), _) => {
            Words::new(format!("{value}：规划 {section}"), format!("{value}: the plan, {section}"))
        }
        (None, None, Some(by)) => {
            Words::new(format!("{value}：{by} 填报"), format!("{value}: reported by {by}"))
        }
        (None, None, None) => {
            let from = &figure.source.document;
            Words::new(format!("{value}：{from}"), format!("{value}: {from}"))
        }
    };
    Side { id: figure.reference.clone(), title, figures: vec![figure.clone()] }
}

fn gap(ledger: &Ledger<'_>, indicator: &Indicator) -> Option<Conflict> {
    let target =
        ledger.own(&indicator.id).into_iter().find(|f| f.kind == Kind::Target && f.value.is_some())?;
    let goal = target.value?;
    let own = ledger.own(&indicator.id).into_iter();
    let baselines: Vec<&Figure> =
        own.chain(ledger.derived(&indicator.id)).filter(|f| f.basis == Kind::Baseline).collect();
    let beyond = |value: f64| match indicator.direction {
        Direction::Up => value > goal,
        Direction::Down => value < goal,
        Direction::Qualitative => false,
    };
    let over = baselines.iter().copied().find(|f| f.value.is_some_and(beyond))?;
    let mut sides: Vec<Side> = baselines
        .iter()
        .copied()
        .filter(|f| f.value.is_some())
        .map(|f| {
            let side = side_of_figure(indicator, f);
            match f.definition.as_deref().and_then(|id| indicator.definition(id)) {
                Some(definition) => Side {
                    id: definition.id.clone(),
                    title: Words::new(
                        format!("{}：{}", definition.title.zh, f.words(usize::from(indicator.decimals))),
                        format!("{}: {}", definition.title.en, f.words(usize::from(indicator.decimals))),
                    ),
                    ..side
                },
                None => side,
            }
        })
        .collect();
    sides.push(Side {
        id: NONE.into(),
        title: Words::new(
            format!("目标 {}：口径另行确定，暂不判定", target.words(usize::from(indicator.decimals))),
            format!(
                "Target {}: definition to be settled, not judged",
                target.words(usize::from(indicator.decimals))
            ),
        ),
        figures: vec![target.clone()],
    });
    let value = over.value.map(|v| number(v, 1)).unwrap_or_default();
    Some(Conflict {
        id: format!("definition-gap:{}", indicator.id),
        kind: ConflictKind::DefinitionGap,
        indicator: indicator.id.clone(),
        indicator_title: indicator.title.clone(),
        title: Words::new(
            format!("{}：基线已高于目标", indicator.title.zh),
            format!("{}: the baseline is beyond the target", indicator.title.en),
        ),
        explanation: Words::new(
            format!(
                "基线 {value}{unit} 已超过目标 {}，两者所数的东西不同（口径缺口）。选定口径之前不判定完成与否。",
                target.words(2),
                unit = indicator.unit
            ),
            format!(
                "The baseline of {value} is already beyond the target of {}; they count different things. Not judged until a definition is chosen.",
                target.words(2)
            ),
        ),
        sides,
        resolution: None,
    })
}

fn population(ledger: &Ledger<'_>, indicator: &Indicator) -> Option<Conflict> {
    let other = ledger.indicator(indicator.baseline.as_deref()?)?;
    let target = ledger.own(&indicator.id).into_iter().find(|f| f.kind == Kind::Target)?;
    let own_baseline = ledger.counting(indicator, &[Kind::Baseline]);
    if !own_baseline.is_empty() {
        return None; // Somebody supplied the baseline of the right population.
    }
    let baseline = ledger.counting(other, &[Kind::Baseline]).pop()?;
    let decimals = usize::from(indicator.decimals);
    Some(Conflict {
        id: format!("population:{}", indicator.id),
        kind: ConflictKind::Population,
        indicator: indicator.id.clone(),
        indicator_title: indicator.title.clone(),
        title: Words::new(
            format!("{}：基线和目标的统计范围不同", indicator.title.zh),
            format!("{}: baseline and target count different populations", indicator.title.en),
        ),
        explanation: Words::new(
            format!(
                "基线 {} 数的是“{}”，目标 {} 数的是“{}”。范围不同，不计算增长。",
                baseline.words(decimals),
                other.title.zh,
                target.words(decimals),
                indicator.title.zh
            ),
            format!(
                "The baseline of {} counts “{}”, the target of {} counts “{}”: no growth is computed.",
                baseline.words(decimals),
                other.title.en,
                target.words(decimals),
                indicator.title.en
            ),
        ),
        sides: vec![
            Side {
                id: TARGET_POPULATION.into(),
                title: Words::new(
                    "按目标的范围统计，基线留空待补".to_owned(),
                    "Count as the target does; the baseline stays empty until somebody supplies it"
                        .to_owned(),
                ),
                figures: vec![target.clone()],
            },
            Side {
                id: BASELINE_POPULATION.into(),
                title: Words::new(
                    format!("以“{}”为基线", other.title.zh),
                    format!("Take “{}” as the baseline", other.title.en),
                ),
                figures: vec![baseline],
            },
        ],
        resolution: None,
    })
}
