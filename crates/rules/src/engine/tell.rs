//! Makes the firing: what was seen, and what is to happen, its texts final.

use nacre_model::{EntityId, Instant, Seq};

use super::Entry;
use super::weigh::note;
use crate::expression::node::Read;
use crate::expression::{Expression, Trouble, Variables};
use crate::firing::{Effect, Firing, Input, Kind, json};
use crate::rule::{Act, Condition, Rule, Waking};
use crate::scene::{View, observed_at};

/// A rule is over because its entity is gone or no longer of its type: nothing more can be seen.
pub fn ended(rule: &std::sync::Arc<Rule>, about: &EntityId, at: Instant, seq: Option<Seq>) -> Firing {
    Firing {
        rule: rule.clone(),
        about: about.clone(),
        kind: Kind::Clear,
        at,
        seq,
        inputs: Vec::new(),
        effects: Vec::new(),
    }
}

/// A rule fired or is over.
pub fn told(
    entry: &mut Entry,
    view: &View<'_, '_>,
    kind: Kind,
    seq: Option<Seq>,
    area: Option<EntityId>,
) -> Firing {
    let rule = entry.rule.clone();
    let mut firing = ended(&rule, view.scene.id, view.scene.now, seq);
    firing.kind = kind;
    firing.inputs = inputs(&rule, view, kind, area);
    if kind == Kind::Raise {
        entry.stats.firings += 1;
        entry.stats.last_fired = Some(view.scene.now);
        firing.effects = rule.acts.iter().filter_map(|act| effect(entry, act, view)).collect();
    } else {
        entry.stats.clears += 1;
    }
    firing
}

fn inputs(rule: &Rule, view: &View<'_, '_>, kind: Kind, area: Option<EntityId>) -> Vec<Input> {
    let clear = rule.clear.as_ref().filter(|_| kind == Kind::Clear);
    let conditions = rule.condition.iter().chain(clear).chain(&rule.selection);
    let mut reads: Vec<Read> = Vec::new();
    if let Waking::Window { attribute, .. }
    | Waking::Absence { attribute, .. }
    | Waking::Geofence { attribute, .. } = &rule.waking
    {
        reads.push(Read::Attribute(attribute.clone()));
    }
    reads.extend(conditions.flat_map(|c: &Condition| c.expression.reads().iter().cloned()));
    let mut inputs: Vec<Input> = Vec::new();
    for read in reads {
        let Some(name) = name(&read) else { continue };
        if inputs.iter().any(|i| i.name == name) {
            continue;
        }
        let value = view.read(&read).and_then(|v| v.to_model()).map_or(serde_json::Value::Null, |v| json(&v));
        inputs.push(Input { name, value, observed_at: observed_at(view.scene, &read, view.window) });
    }
    if let Some(area) = area {
        inputs.push(Input { name: "area".into(), value: area.as_str().into(), observed_at: None });
    }
    inputs
}

/// How an expression writes what it reads; none for what says nothing about the world.
fn name(read: &Read) -> Option<String> {
    Some(match read {
        Read::Attribute(name) => name.clone(),
        Read::Previous(name) => format!("previous.{name}"),
        Read::ObservedAt(name) => format!("observedAt.{name}"),
        Read::Related(rel, None) => format!("rel.{rel}"),
        Read::Related(rel, Some(name)) => format!("rel.{rel}.{name}"),
        Read::Window(stat) => format!("window.{stat}"),
        Read::Whole => "self".to_string(),
        Read::WholePrevious => "previous".to_string(),
        Read::Id | Read::Type | Read::Now => return None,
    })
}

fn effect(entry: &mut Entry, act: &Act, view: &View<'_, '_>) -> Option<Effect> {
    let id = entry.rule.id().to_string();
    let mut text = |expression: &Expression| match expression.printed(view) {
        Ok(text) => Some(text),
        Err(trouble) => {
            note(entry, expression.text(), &trouble);
            None
        }
    };
    Some(match act {
        Act::Alert { severity, scheme, category, title, group } => Effect::Alert {
            severity: text(severity),
            scheme: scheme.clone(),
            category: category.clone(),
            title: text(title).unwrap_or(id),
            group: group.as_ref().and_then(text),
        },
        Act::Case { workflow, title, description, organisation, role, fields } => Effect::Case {
            workflow: workflow.clone(),
            title: text(title).unwrap_or(id),
            description: description.as_ref().and_then(&mut text),
            organisation: organisation.as_ref().and_then(&mut text),
            role: role.clone(),
            fields: fields.iter().filter_map(|(n, e)| Some((n.clone(), value(entry, e, view)?))).collect(),
        },
        Act::Set { attribute, value: expression, unit } => Effect::Set {
            attribute: attribute.clone(),
            value: value(entry, expression, view)?,
            unit: unit.clone(),
        },
        Act::Notify { role, organisation, text: words } => Effect::Notify {
            role: role.clone(),
            organisation: organisation.as_ref().and_then(&mut text),
            text: text(words).unwrap_or(id),
        },
    })
}

fn value(entry: &mut Entry, expression: &Expression, view: &View<'_, '_>) -> Option<nacre_model::Value> {
    let found = expression
        .value(view)
        .and_then(|v| v.to_model().ok_or_else(|| Trouble::new("结果过大", "the result has too many parts")));
    match found {
        Ok(value) => Some(value),
        Err(trouble) => {
            note(entry, expression.text(), &trouble);
            None
        }
    }
}
