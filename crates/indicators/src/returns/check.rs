//! What is wrong with the rows of a return: each by itself, against the others, and against what is known.

use std::collections::BTreeMap;

use super::table::finding;
use super::{Finding, ReturnRow, RowKind, Severity};
use crate::definition::Indicator;
use crate::figure::{Figure, Kind, Period, number};
use crate::ledger::{Facts, Ledger};

/// Fills in what follows from the indicator and finds what is wrong. `today` is `2026-11-23`; `own` the local id of the
/// organisation that reports: what it reported before is corrected, not contradicted.
pub fn check(rows: &mut [ReturnRow], facts: &Facts, own: &str, today: &str) {
    let ledger = Ledger::new(facts);
    let mut seen: BTreeMap<(String, String, String, Option<String>, bool), u32> = BTreeMap::new();
    for row in rows {
        row.findings.clear();
        row.conflicts_with.clear();
        let mut findings = Vec::new();
        match ledger.indicator(&row.indicator) {
            None => findings.push(unknown_indicator(row, facts)),
            Some(indicator) => {
                if row.subject.is_empty() {
                    row.subject = ledger.subject(&indicator.id).to_owned();
                }
                row.indicator_title = indicator.title.zh.clone();
                row.conflicts_with = against_known(row, indicator, &ledger, own, &mut findings);
                by_itself(row, indicator, &ledger, today, &mut findings);
            }
        }
        let estimate = row.kind == RowKind::Estimate;
        let key = (
            row.indicator.clone(),
            row.subject.clone(),
            row.period.clone(),
            row.definition.clone(),
            estimate,
        );
        if let Some(first) = seen.get(&key) {
            let (zh, en) = (format!("与第 {first} 行重复"), format!("repeats row {first}"));
            findings.push(finding("duplicate_row", Severity::Error, Some(row.row), None, &zh, &en));
        } else {
            seen.insert(key, row.row);
        }
        findings.sort_by(|a, b| (a.severity, &a.code).cmp(&(b.severity, &b.code)));
        row.findings = findings;
    }
}

fn unknown_indicator(row: &ReturnRow, facts: &Facts) -> Finding {
    let near =
        facts.indicators.iter().find(|i| i.title.zh == row.indicator || i.title.zh == row.indicator_title);
    let (zh, en) = match near {
        Some(i) => (
            format!("没有指标“{}”；名称相同的指标代码是 {}", row.indicator, i.id),
            format!("there is no indicator “{}”; the one of that name is {}", row.indicator, i.id),
        ),
        None => (
            format!("没有指标“{}”；请用模板中的指标代码", row.indicator),
            format!("there is no indicator “{}”; use the codes of the template", row.indicator),
        ),
    };
    finding("unknown_indicator", Severity::Error, Some(row.row), Some("indicator"), &zh, &en)
}

fn by_itself(
    row: &ReturnRow,
    indicator: &Indicator,
    ledger: &Ledger<'_>,
    today: &str,
    findings: &mut Vec<Finding>,
) {
    let mut say = |code: &str, severity, field: &str, zh: String, en: String| {
        findings.push(finding(code, severity, Some(row.row), Some(field), &zh, &en));
    };
    if row.unit != indicator.unit {
        say(
            "wrong_unit",
            Severity::Error,
            "unit",
            format!("单位应为“{}”，填的是“{}”；请换算后再填", indicator.unit, row.unit),
            format!("the unit is “{}”, not “{}”; convert the value", indicator.unit, row.unit),
        );
    }
    let period = Period::parse(&row.period);
    match &period {
        None => say(
            "bad_period",
            Severity::Error,
            "period",
            format!("时期“{}”不对：写 2025、2025-Q1 或 2025-06", row.period),
            format!("period “{}”: write 2025, 2025-Q1 or 2025-06", row.period),
        ),
        Some(period) if row.kind == RowKind::Actual && period.key() > today => say(
            "period_not_over",
            Severity::Error,
            "period",
            format!("{} 还没有结束，不能填实际值；可填估计值", row.period),
            format!("{} is not over: no actual yet, an estimate is possible", row.period),
        ),
        Some(_) => {}
    }
    if let Some(id) = row.definition.as_deref()
        && indicator.definition(id).is_none()
    {
        let known: Vec<&str> = indicator.definitions.iter().map(|d| d.id.as_str()).collect();
        say(
            "unknown_definition",
            Severity::Error,
            "definition",
            format!("没有口径“{id}”；有：{}", known.join("、")),
            format!("there is no definition “{id}”; there are: {}", known.join(", ")),
        );
    }
    if row.source_document.trim().is_empty() {
        say(
            "missing_source",
            Severity::Error,
            "sourceDocument",
            "每个数都要写来源文件".into(),
            "each figure names the document it comes from".into(),
        );
    }
    let qualitative = ledger.own(&indicator.id).iter().any(|f| f.kind == Kind::Target && f.value.is_none());
    match row.value {
        None if qualitative && !row.note.is_empty() => {}
        None => say(
            "missing_value",
            Severity::Error,
            "value",
            "没有数值；没有数就不要填这一行".into(),
            "there is no value; leave the row out where there is none".into(),
        ),
        Some(value) => {
            let range = indicator.range.unwrap_or_default();
            if range.min.is_some_and(|min| value < min) || range.max.is_some_and(|max| value > max) {
                let bound = |b: Option<f64>| b.map_or("…".to_owned(), |b| number(b, 4));
                let (min, max) = (bound(range.min), bound(range.max));
                say(
                    "out_of_range",
                    Severity::Error,
                    "value",
                    format!("{} 不在合理范围 {min}–{max} 内", number(value, 4)),
                    format!("{} is outside the plausible range {min} to {max}", number(value, 4)),
                );
            }
            let last = period.as_ref().and_then(|p| last_before(indicator, ledger, p));
            if let (Some(jump), Some((last, when))) = (indicator.jump, last)
                && last.abs() > f64::EPSILON
                && row.note.is_empty()
                && ((value - last) / last).abs() > jump
            {
                let share = number((value - last) / last * 100.0, 1);
                say(
                    "jump",
                    Severity::Warning,
                    "value",
                    format!("比 {when} 的 {} 变化 {share}%，请在说明中写明原因", number(last, 4)),
                    format!("{share}% against {} of {when}: say why in the note", number(last, 4)),
                );
            }
        }
    }
}

/// The newest known value before a period.
fn last_before(indicator: &Indicator, ledger: &Ledger<'_>, period: &Period) -> Option<(f64, String)> {
    let start = period.start.as_deref().unwrap_or_default();
    let own = ledger.own(&indicator.id).into_iter();
    let known = own.filter(|f| matches!(f.kind, Kind::Baseline | Kind::Actual) && !f.period.key().is_empty());
    let last = known.filter(|f| f.period.key() < start).max_by_key(|f| f.period.key())?;
    Some((last.value?, last.period.text.clone()))
}

/// Figures of others for the same thing that say otherwise; the same figure known already is said too.
fn against_known(
    row: &ReturnRow,
    indicator: &Indicator,
    ledger: &Ledger<'_>,
    own: &str,
    findings: &mut Vec<Finding>,
) -> Vec<Figure> {
    let Some(figure) = row.figure().filter(|f| f.kind == Kind::Actual) else { return Vec::new() };
    let Some(value) = figure.value else { return Vec::new() };
    let known = ledger.own(&indicator.id).into_iter().filter(|f| {
        matches!(f.kind, Kind::Actual | Kind::Baseline | Kind::Comparison)
            && f.subject == figure.subject
            && f.period.key() == figure.period.key()
            && (f.definition.is_none() || figure.definition.is_none() || f.definition == figure.definition)
    });
    let mut against = Vec::new();
    for other in known {
        let mine = other.reported_by.as_deref() == Some(own);
        let who = other.reported_by.clone().unwrap_or_else(|| other.source.document.clone());
        let shown = other.words(usize::from(indicator.decimals));
        if other.agrees(value) {
            let (zh, en) =
                (format!("已有相同的数（{who}：{shown}）"), format!("known already ({who}: {shown})"));
            findings.push(finding(
                "known_already",
                Severity::Warning,
                Some(row.row),
                Some("value"),
                &zh,
                &en,
            ));
        } else if mine {
            let (zh, en) =
                (format!("将更正此前填报的 {shown}"), format!("corrects {shown}, reported before"));
            findings.push(finding("correction", Severity::Warning, Some(row.row), Some("value"), &zh, &en));
        } else {
            let (zh, en) = (
                format!("与已有的数不符（{who}：{shown}）；通过后将列为矛盾"),
                format!("does not agree with {who}: {shown}; becomes a conflict when approved"),
            );
            findings.push(finding("contradicts", Severity::Warning, Some(row.row), Some("value"), &zh, &en));
            against.push(other.clone());
        }
    }
    against
}
