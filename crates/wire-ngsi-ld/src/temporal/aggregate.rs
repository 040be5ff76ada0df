//! Aggregated values (CIM 009 §4.5.19): `[value, start, end]` for each period that holds data.
//!
//! Periods are counted from the start of the window, or from the entity's first instance in it where the window has
//! no start. What can be computed depends on what the values are; numbers for `true` and `false` are 1 and 0, and
//! of an array its size counts. The standard deviation is that of the population.

use std::collections::{BTreeMap, HashSet};

use nacre_model::{AttributeKind, Content, Instant, Iri, Value};

use super::evolution::{Evolution, PastInstance};
use super::query::{Aggregation, Method, Relation, TemporalQuery};
use super::write::{begin, groups, member as write_name, one_or_array};
use crate::entity_out::entity::Writer;
use crate::entity_out::json;
use crate::errors::NgsiError;

/// Writes an attribute; nothing where no method has anything to say of it.
pub(super) fn member(
    writer: &mut Writer<'_>,
    name: &Iri,
    shown: &[&PastInstance],
    evolution: &Evolution,
    query: &TemporalQuery,
) -> Result<(), NgsiError> {
    let Some(aggregation) = &query.aggregation else { return Ok(()) };
    let range = range(evolution, query);
    let computed: Vec<Vec<(Method, Vec<Row>)>> =
        groups(shown).iter().map(|g| compute(g, aggregation, query, range)).collect();
    if computed.iter().all(|methods| methods.is_empty()) {
        let asked =
            writer.rep.attributes.contains(name) || writer.pick.is_some_and(|p| p.names_attribute(name));
        if asked && !shown.is_empty() {
            let what = format!(
                "none of the aggrMethods can be applied to `{}`",
                writer.context.compact(name.as_str())
            );
            return Err(NgsiError::invalid(what).at("aggrMethods"));
        }
        return Ok(());
    }
    write_name(writer, name);
    let mut results = computed.iter();
    one_or_array(writer, &groups(shown), |writer, group| {
        let first = &group[0].attribute;
        let kind = match first.content.kind() {
            AttributeKind::Relationship | AttributeKind::ListRelationship => AttributeKind::Relationship,
            _ => AttributeKind::Property,
        };
        begin(writer, kind, first.dataset_id.as_ref());
        for (method, rows) in results.next().into_iter().flatten() {
            json::name(writer.out, method.name());
            json::array(writer.out, rows, |out, row| {
                out.push(b'[');
                json::value(out, &row.value);
                for at in [row.start, row.end] {
                    out.push(b',');
                    json::instant(out, at);
                }
                out.push(b']');
            });
            writer.out.push(b',');
        }
        // The comma after the last member gives way to the brace.
        writer.out.pop();
        writer.out.push(b'}');
    });
    Ok(())
}

struct Row {
    value: Value,
    start: Instant,
    end: Instant,
}

/// From the start of the window, or the first instance, to its end, or the last instance.
fn range(evolution: &Evolution, query: &TemporalQuery) -> (Instant, Instant) {
    let times = || {
        let all = evolution.attributes.values().flat_map(|a| &a.instances);
        all.filter_map(|p| p.time(query.property))
    };
    let (first, last) = (times().min().unwrap_or_default(), times().max().unwrap_or_default());
    match query.relation {
        Some(Relation::Between(start, end)) => (start, end),
        Some(Relation::After(start)) => (start, last),
        Some(Relation::Before(end)) => (first, end),
        None => (first, last),
    }
}

fn compute(
    group: &[&PastInstance],
    aggregation: &Aggregation,
    query: &TemporalQuery,
    (anchor, end): (Instant, Instant),
) -> Vec<(Method, Vec<Row>)> {
    let mut periods: BTreeMap<i64, Vec<&Content>> = BTreeMap::new();
    for past in group.iter().filter(|p| p.deleted_at.is_none()) {
        let Some(at) = past.time(query.property) else { continue };
        let number = if aggregation.period.is_zero() { 0 } else { aggregation.period.number_of(anchor, at) };
        periods.entry(number).or_default().push(&past.attribute.content);
    }
    let bounds = |n: i64| {
        if aggregation.period.is_zero() {
            (anchor, end)
        } else {
            (aggregation.period.after(anchor, n), aggregation.period.after(anchor, n + 1))
        }
    };
    let mut results = Vec::new();
    for method in &aggregation.methods {
        let row = |(n, contents): (&i64, &Vec<&Content>)| {
            let (start, end) = bounds(*n);
            Some(Row { value: apply(*method, contents)?, start, end })
        };
        let rows: Vec<Row> = periods.iter().filter_map(row).collect();
        if !rows.is_empty() {
            results.push((*method, rows));
        }
    }
    results
}

fn apply(method: Method, contents: &[&Content]) -> Option<Value> {
    match method {
        Method::TotalCount => return i64::try_from(contents.len()).ok().map(Value::Int),
        Method::DistinctCount => {
            // Content has floats in it and so no hash of its own; what it prints is as distinct as it is.
            let distinct: HashSet<String> = contents.iter().map(|c| format!("{c:?}")).collect();
            return i64::try_from(distinct.len()).ok().map(Value::Int);
        }
        _ => {}
    }
    let values: Vec<&Value> = contents.iter().filter_map(|c| plain(c)).collect();
    let texts = || values.iter().filter_map(|v| v.as_text());
    match (values.first()?, method) {
        (Value::Text(_), Method::Min) => texts().min().map(Value::from),
        (Value::Text(_), Method::Max) => texts().max().map(Value::from),
        (Value::List(_), Method::StdDev | Method::SumSq) => None,
        (Value::List(_), _) => number(method, values.iter().filter_map(|v| size(v))),
        (Value::Int(_) | Value::Float(_), _) => number(method, values.iter().filter_map(|v| v.as_number())),
        (Value::Bool(_), _) => number(method, values.iter().filter_map(|v| truth(v))),
        _ => None,
    }
}

/// The value to compute with: of a typed value the one inside.
fn plain(content: &Content) -> Option<&Value> {
    match content {
        Content::Property(value) => Some(value.get("@value").unwrap_or(value)),
        _ => None,
    }
}

fn size(value: &Value) -> Option<f64> {
    match value {
        Value::List(items) => Some(items.len() as f64),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        _ => None,
    }
}

fn number(method: Method, numbers: impl Iterator<Item = f64>) -> Option<Value> {
    let numbers: Vec<f64> = numbers.collect();
    let count = numbers.len() as f64;
    let sum: f64 = numbers.iter().sum();
    let result = match method {
        Method::Avg => sum / count,
        Method::Sum => sum,
        Method::SumSq => numbers.iter().map(|n| n * n).sum(),
        Method::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Method::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Method::StdDev => {
            let mean = sum / count;
            (numbers.iter().map(|n| (n - mean).powi(2)).sum::<f64>() / count).sqrt()
        }
        Method::DistinctCount | Method::TotalCount => return None,
    };
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    if result.fract() == 0.0 && result.abs() <= WHOLE_MAX {
        return Some(Value::Int(result as i64));
    }
    Some(Value::from(result)).filter(|v| *v != Value::Null)
}
