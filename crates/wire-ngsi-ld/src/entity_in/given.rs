//! An attribute instance between JSON and command: what was given of it, made whole or a patch.

use nacre_kernel::command::{AttributePatch, Attributes, PartialAttribute};
use nacre_model::{Attribute, AttributeKind, Iri};

use super::attribute::content_member;
use super::path::Path;
use crate::errors::NgsiError;

/// One instance as read: the members given, and whether its content is the NGSI-LD Null.
#[derive(Default)]
pub(super) struct Given {
    pub(super) kind: Option<AttributeKind>,
    pub(super) null: bool,
    pub(super) members: PartialAttribute,
}

impl Given {
    /// The content goes.
    pub(super) fn null() -> Given {
        Given { null: true, ..Given::default() }
    }

    /// The whole instance; something must be its content.
    pub(super) fn whole(self, at: Path<'_>) -> Result<Attribute, NgsiError> {
        whole(self.members).ok_or_else(|| {
            at.bad(format!("the attribute has no `{}`", self.kind.map_or("value", content_member)))
        })
    }

    /// What it says in a fragment.
    pub(super) fn patch(self) -> AttributePatch {
        match self {
            Given { null: true, members, .. } => AttributePatch::Delete { dataset_id: members.dataset_id },
            Given { members, .. } => AttributePatch::Merge(members),
        }
    }
}

/// An instance of members; none without content. Sub-attributes that go are simply not there.
fn whole(members: PartialAttribute) -> Option<Attribute> {
    let mut attributes: Attributes = Vec::with_capacity(members.attributes.len());
    for (name, patches) in members.attributes {
        let instances: Vec<Attribute> = patches
            .into_iter()
            .filter_map(|patch| match patch {
                AttributePatch::Merge(members) => whole(members),
                AttributePatch::Delete { .. } => None,
            })
            .collect();
        if !instances.is_empty() {
            attributes.push((name, instances));
        }
    }
    Some(Attribute {
        content: members.content?,
        dataset_id: members.dataset_id,
        observed_at: members.observed_at,
        unit_code: members.unit_code,
        expires_at: members.expires_at,
        attributes,
    })
}

/// §4.5.5: one instance a dataset id.
pub(super) fn refuse_repeats(all: &[Given], at: Path<'_>) -> Result<(), NgsiError> {
    for (i, given) in all.iter().enumerate() {
        if all[..i].iter().any(|other| other.members.dataset_id == given.members.dataset_id) {
            return Err(at.item(i).bad(match &given.members.dataset_id {
                Some(id) => format!("two instances with the datasetId `{id}`"),
                None => "two instances without datasetId; only one can be the default one".to_owned(),
            }));
        }
    }
    Ok(())
}

/// All attributes of several instances, whole.
pub(super) fn whole_instances(all: Vec<Given>, at: Path<'_>) -> Result<Vec<Attribute>, NgsiError> {
    let many = all.len() > 1;
    let one = |(i, given): (usize, Given)| given.whole(if many { at.item(i) } else { at });
    all.into_iter().enumerate().map(one).collect()
}

/// Refuses two names for one attribute.
pub(super) fn add(
    attributes: &mut Attributes,
    name: &str,
    iri: Iri,
    instances: Vec<Attribute>,
    at: Path<'_>,
) -> Result<(), NgsiError> {
    if attributes.iter().any(|(n, _)| *n == iri) {
        return Err(twice(name, &iri, at));
    }
    attributes.push((iri, instances));
    Ok(())
}

/// The error of two names for one attribute.
pub(super) fn twice(name: &str, iri: &Iri, at: Path<'_>) -> NgsiError {
    at.bad(format!("`{name}` names an attribute that stands here under another name too: `{iri}`"))
}
