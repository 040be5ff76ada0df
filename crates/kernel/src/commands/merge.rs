//! `entity.merge` (CIM 009 §5.6.17): a merge patch, attribute by attribute and member by member.

use nacre_model::{Attribute, Change, Content, DeleteReach, Value};

use super::{Decision, Subject};
use crate::command::{AttributePatch, Attributes, Command, EntityDraft, PartialAttribute};
use crate::refusal::Refusal;

pub(super) fn decide(subject: &Subject, command: &Command) -> Result<Decision, Refusal> {
    let Command::MergeEntity { entity: id, types, scopes, expires_at, attributes, observed_at } = command
    else {
        return Err(Refusal::Invalid("not a merge".into()));
    };
    let entity = subject.existing()?;
    let heading = EntityDraft {
        id: id.clone(),
        types: types.clone(),
        scopes: scopes.clone(),
        expires_at: *expires_at,
        attributes: Vec::new(),
    };
    let mut changes = subject.heading(entity, &heading);
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
                        Some(standing) => merged(&standing.attribute, &patch, merge_content),
                        None => fresh(&patch).ok_or_else(|| {
                            Refusal::Invalid(format!(
                                "attribute `{name}` does not exist and the patch gives it no value"
                            ))
                        })?,
                    };
                    Change::SetAttribute { entity: id.clone(), name: name.clone(), attribute }
                }
            };
            changes.push(change);
        }
    }
    Ok(Decision::done(changes))
}

/// The attribute a patch makes where none was.
fn fresh(patch: &PartialAttribute) -> Option<Attribute> {
    let mut attribute = Attribute::new(patch.content.clone()?);
    attribute.dataset_id = patch.dataset_id.clone();
    Some(merged(&attribute, &PartialAttribute { content: None, ..patch.clone() }, |_, new| new.clone()))
}

/// An attribute with the members of a patch; how contents combine is the caller's choice.
pub(super) fn merged(
    standing: &Attribute,
    patch: &PartialAttribute,
    combine: impl Fn(&Content, &Content) -> Content,
) -> Attribute {
    let removed = |member: &str| patch.removed_members.iter().any(|m| &**m == member);
    let mut out = standing.clone();
    if let Some(content) = &patch.content {
        out.content = combine(&standing.content, content);
    }
    if patch.observed_at.is_some() || removed("observedAt") {
        out.observed_at = patch.observed_at;
    }
    if patch.unit_code.is_some() || removed("unitCode") {
        out.unit_code = patch.unit_code.clone();
    }
    if patch.expires_at.is_some() || removed("expiresAt") {
        out.expires_at = patch.expires_at;
    }
    out.attributes.retain(|(name, _)| !patch.removed_attributes.contains(name));
    merge_sub(&mut out.attributes, &patch.attributes);
    out
}

fn merge_sub(standing: &mut Attributes, stated: &Attributes) {
    for (name, all) in stated {
        match standing.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => old.clone_from(all),
            None => standing.push((name.clone(), all.clone())),
        }
    }
}

/// Contents of the same kind that have members are merged member by member (RFC 7396); others are replaced.
fn merge_content(standing: &Content, stated: &Content) -> Content {
    match (standing, stated) {
        (Content::Property(a), Content::Property(b)) => Content::Property(merge_value(a, b)),
        (Content::Json(a), Content::Json(b)) => Content::Json(merge_value(a, b)),
        (Content::Language(a), Content::Language(b)) => Content::Language(merge_members(a, b)),
        _ => stated.clone(),
    }
}

/// How a member of a value is taken away in a patch.
const NULL: &str = "urn:ngsi-ld:null";

fn merge_value(standing: &Value, stated: &Value) -> Value {
    match (standing, stated) {
        (Value::Map(a), Value::Map(b)) => Value::Map(merge_members(a, b)),
        _ => stated.clone(),
    }
}

fn merge_members(standing: &[(Box<str>, Value)], stated: &[(Box<str>, Value)]) -> Vec<(Box<str>, Value)> {
    let mut out = standing.to_vec();
    for (name, value) in stated {
        let place = out.iter().position(|(n, _)| n == name);
        match (value.as_text() == Some(NULL), place) {
            (true, Some(i)) => drop(out.remove(i)),
            (true, None) => {}
            (false, Some(i)) => out[i].1 = merge_value(&out[i].1, value),
            (false, None) => out.push((name.clone(), value.clone())),
        }
    }
    out
}
