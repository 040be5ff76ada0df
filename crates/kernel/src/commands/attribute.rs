//! One attribute instance: partial update, replacement, deletion (CIM 009 §5.6.4, §5.6.5, §5.6.19).

use nacre_model::{Attribute, Change, Content, DeleteReach, Entity, Iri};

use super::merge::{Depth, patched};
use super::{Decision, Subject};
use crate::command::PartialAttribute;
use crate::refusal::Refusal;

fn standing<'a>(
    subject: &Subject,
    entity: &'a Entity,
    name: &Iri,
    dataset: Option<&Iri>,
) -> Result<&'a Attribute, Refusal> {
    let found = entity.instance(name.as_str(), dataset).filter(|i| !i.expired(subject.now));
    found.map(|i| &i.attribute).ok_or_else(|| Refusal::AttributeNotFound {
        entity: subject.id.clone(),
        name: name.clone(),
        dataset: dataset.cloned(),
    })
}

pub(super) fn update(subject: &Subject, name: &Iri, patch: &PartialAttribute) -> Result<Decision, Refusal> {
    let entity = subject.existing()?;
    let standing = standing(subject, entity, name, patch.dataset_id.as_ref())?;
    if let Some(content) = &patch.content
        && !patch.kind_guessed
        && content.kind() != standing.content.kind()
        && !matches!((&standing.content, content), (Content::Property(_), Content::Geo(_)))
    {
        return Err(Refusal::Invalid(format!(
            "`{name}` is a {}, a partial update cannot make it a {}",
            standing.content.kind().name(),
            content.kind().name()
        )));
    }
    let attribute = patched(standing, patch, Depth::Flat);
    Ok(Decision::done(vec![Change::SetAttribute {
        entity: subject.id.clone(),
        name: name.clone(),
        attribute,
    }]))
}

pub(super) fn replace(subject: &Subject, name: &Iri, attribute: &Attribute) -> Result<Decision, Refusal> {
    let entity = subject.existing()?;
    standing(subject, entity, name, attribute.dataset_id.as_ref())?;
    let change =
        Change::SetAttribute { entity: subject.id.clone(), name: name.clone(), attribute: attribute.clone() };
    Ok(Decision::done(vec![change]))
}

pub(super) fn delete(
    subject: &Subject,
    name: &Iri,
    dataset: Option<&Iri>,
    all: bool,
) -> Result<Decision, Refusal> {
    let entity = subject.existing()?;
    let reach = if all {
        if !entity.attributes.contains_key(name) {
            return Err(Refusal::AttributeNotFound {
                entity: subject.id.clone(),
                name: name.clone(),
                dataset: None,
            });
        }
        DeleteReach::All
    } else {
        standing(subject, entity, name, dataset)?;
        DeleteReach::Dataset(dataset.cloned())
    };
    Ok(Decision::done(vec![Change::DeleteAttribute {
        entity: subject.id.clone(),
        name: name.clone(),
        reach,
    }]))
}
