//! `entity.merge` (CIM 009 §5.6.17, §5.5.12): a merge patch to any depth: attributes, sub-attributes, members of values.

use nacre_model::{Attribute, Change, Content, DeleteReach, Iri, Value};

use super::{Decision, Subject};
use crate::command::{AttributePatch, Attributes, Command, PartialAttribute};
use crate::refusal::Refusal;

pub(super) fn decide(subject: &Subject, command: &Command) -> Result<Decision, Refusal> {
    let Command::MergeEntity { entity: id, types, scopes, expires_at, attributes, observed_at } = command
    else {
        return Err(Refusal::Invalid("not a merge".into()));
    };
    let entity = subject.existing()?;
    let mut changes = subject.heading(entity, types, scopes.as_deref(), *expires_at);
    for (name, patches) in attributes {
        for patch in patches {
            let change = match patch {
                AttributePatch::Delete { dataset_id } => {
                    if entity.instance(name.as_str(), dataset_id.as_ref()).is_none() {
                        continue;
                    }
                    let reach = DeleteReach::Dataset(dataset_id.clone());
                    Change::DeleteAttribute { entity: id.clone(), name: name.clone(), reach }
                }
                AttributePatch::Merge(patch) => {
                    let standing = entity.instance(name.as_str(), patch.dataset_id.as_ref());
                    let mut patch = patch.clone();
                    let had_time = standing.is_some_and(|i| i.attribute.observed_at.is_some());
                    if patch.observed_at.is_none() && had_time {
                        patch.observed_at = *observed_at;
                    }
                    let attribute = match standing {
                        Some(standing) => patched(&standing.attribute, &patch, Depth::Deep),
                        None => fresh(name, &patch)?,
                    };
                    Change::SetAttribute { entity: id.clone(), name: name.clone(), attribute }
                }
            };
            changes.push(change);
        }
    }
    Ok(Decision::done(changes))
}

/// How far a patch goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// A partial update: contents and named sub-attributes are replaced.
    Flat,
    /// A merge: contents and sub-attributes are merged.
    Deep,
}

/// The attribute a patch makes where none was.
fn fresh(name: &Iri, patch: &PartialAttribute) -> Result<Attribute, Refusal> {
    let content = patch.content.clone().ok_or_else(|| {
        Refusal::Invalid(format!("attribute `{name}` does not exist and the patch gives it no value"))
    })?;
    let mut attribute = Attribute::new(without_nulls(content));
    attribute.dataset_id = patch.dataset_id.clone();
    Ok(patched(&attribute, &PartialAttribute { content: None, ..patch.clone() }, Depth::Deep))
}

/// An attribute with the members of a patch.
pub(super) fn patched(standing: &Attribute, patch: &PartialAttribute, depth: Depth) -> Attribute {
    let removed = |member: &str| patch.removed_members.iter().any(|m| &**m == member);
    let mut out = standing.clone();
    if let Some(content) = &patch.content {
        let content = if patch.kind_guessed { adapted(content, &standing.content) } else { content.clone() };
        out.content = match depth {
            Depth::Deep => merge_content(&standing.content, content),
            Depth::Flat => content,
        };
    }
    if patch.observed_at.is_some() || removed("observedAt") {
        out.observed_at = patch.observed_at;
    }
    if patch.unit_code.is_some() || removed("unitCode") {
        out.unit_code.clone_from(&patch.unit_code);
    }
    if patch.expires_at.is_some() || removed("expiresAt") {
        out.expires_at = patch.expires_at;
    }
    patch_sub(&mut out.attributes, &patch.attributes, depth);
    out
}

fn patch_sub(standing: &mut Attributes, patches: &[(Iri, Vec<AttributePatch>)], depth: Depth) {
    for (name, patches) in patches {
        let place = standing.iter().position(|(n, _)| n == name);
        let mut instances = place.map(|i| standing[i].1.clone()).unwrap_or_default();
        if depth == Depth::Flat {
            instances.clear();
        }
        for patch in patches {
            match patch {
                AttributePatch::Delete { dataset_id } => instances.retain(|a| a.dataset_id != *dataset_id),
                AttributePatch::Merge(patch) => {
                    match instances.iter_mut().find(|a| a.dataset_id == patch.dataset_id) {
                        Some(found) => *found = patched(found, patch, depth),
                        None => instances.extend(fresh(name, patch).ok()),
                    }
                }
            }
        }
        match (place, instances.is_empty()) {
            (Some(i), true) => drop(standing.remove(i)),
            (Some(i), false) => standing[i].1 = instances,
            (None, true) => {}
            (None, false) => standing.push((name.clone(), instances)),
        }
    }
}

/// A simplified value read as the kind that stands there, where it can be (§5.6.17.4).
fn adapted(stated: &Content, standing: &Content) -> Content {
    let Content::Property(value) = stated else { return stated.clone() };
    let iris = |value: &Value| -> Option<(Vec<Iri>, bool)> {
        let one = |v: &Value| v.as_text().and_then(|t| Iri::new(t).ok());
        match value {
            Value::List(items) => items.iter().map(one).collect::<Option<Vec<_>>>().map(|all| (all, true)),
            value => one(value).map(|iri| (vec![iri], false)),
        }
    };
    let kept = match (standing, value) {
        (Content::Relationship { object_types, .. }, value) => iris(value).map(|(objects, many)| {
            Content::Relationship { objects, many, object_types: object_types.clone() }
        }),
        (Content::ListRelationship { object_types, .. }, value) => iris(value)
            .map(|(objects, _)| Content::ListRelationship { objects, object_types: object_types.clone() }),
        (Content::Json(_), value) => Some(Content::Json(value.clone())),
        (Content::List(_), Value::List(items)) => Some(Content::List(items.clone())),
        (Content::Language(_), Value::Map(members)) => Some(Content::Language(members.clone())),
        (Content::Vocab { .. }, value) => iris(value).map(|(terms, many)| Content::Vocab { terms, many }),
        _ => None,
    };
    kept.unwrap_or_else(|| stated.clone())
}

/// Contents of the same kind that have members are merged member by member (RFC 7396); others are replaced.
fn merge_content(standing: &Content, stated: Content) -> Content {
    match (standing, stated) {
        (Content::Property(a), Content::Property(b)) => Content::Property(merge_value(a, b)),
        (Content::Json(a), Content::Json(b)) => Content::Json(merge_value(a, b)),
        (Content::Language(a), Content::Language(b)) => Content::Language(merge_members(a, b)),
        (_, stated) => without_nulls(stated),
    }
}

/// How a member of a value is taken away in a patch.
const NULL: &str = "urn:ngsi-ld:null";

fn without_nulls(content: Content) -> Content {
    match content {
        Content::Property(v) => Content::Property(merge_value(&Value::Null, v)),
        Content::Json(v) => Content::Json(merge_value(&Value::Null, v)),
        Content::Language(members) => Content::Language(merge_members(&[], members)),
        other => other,
    }
}

fn merge_value(standing: &Value, stated: Value) -> Value {
    match (standing, stated) {
        (Value::Map(a), Value::Map(b)) => Value::Map(merge_members(a, b)),
        (_, Value::Map(b)) => Value::Map(merge_members(&[], b)),
        (_, stated) => stated,
    }
}

fn merge_members(standing: &[(Box<str>, Value)], stated: Vec<(Box<str>, Value)>) -> Vec<(Box<str>, Value)> {
    let mut out = standing.to_vec();
    for (name, value) in stated {
        let place = out.iter().position(|(n, _)| *n == name);
        match (value.as_text() == Some(NULL), place) {
            (true, Some(i)) => drop(out.remove(i)),
            (true, None) => {}
            (false, Some(i)) => out[i].1 = merge_value(&out[i].1, value),
            (false, None) => out.push((name, merge_value(&Value::Null, value))),
        }
    }
    out
}
