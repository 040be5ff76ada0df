//! The past: instances added to history, corrected, or withdrawn from it (CIM 009 §5.6.11 to §5.6.16).

use nacre_model::{Attribute, Change, DeleteReach, EntityId, Instant, Iri, Seq};

use super::{Decision, State, Subject, check_size};
use crate::command::{Command, EntityDraft, Output};
use crate::refusal::Refusal;

/// Instances in order of observation; the entity comes to be if it does not exist.
pub(super) fn add(subject: &Subject, draft: &EntityDraft) -> Result<Decision, Refusal> {
    check_size(draft)?;
    let (mut changes, output) = match &subject.entity {
        Some(entity) => (subject.draft_heading(entity, draft), Output::Updated),
        None if draft.types.is_empty() => return Err(Refusal::EntityNotFound(draft.id.clone())),
        None => (subject.creation(draft), Output::Created),
    };
    for (name, instances) in &draft.attributes {
        let mut instances: Vec<&Attribute> = instances.iter().collect();
        instances.sort_by_key(|a| a.observed_at);
        for attribute in instances {
            changes.push(Change::AddHistory {
                entity: draft.id.clone(),
                name: name.clone(),
                attribute: attribute.clone(),
            });
        }
    }
    Ok(Decision { changes, output })
}

fn instance_of(
    state: &dyn State,
    entity: &EntityId,
    name: &Iri,
    (seq, index): (Seq, u32),
) -> Result<Attribute, Refusal> {
    let row = state.history_row(entity, seq)?;
    let change =
        row.as_ref().filter(|r| !r.hidden.contains(&index)).and_then(|r| r.changes.get(index as usize));
    match change {
        Some(
            Change::SetAttribute { name: n, attribute, .. } | Change::AddHistory { name: n, attribute, .. },
        ) if n == name => Ok(attribute.clone()),
        _ => Err(Refusal::InstanceNotFound {
            entity: entity.clone(),
            name: name.clone(),
            instance: format!("{seq}-{index}"),
        }),
    }
}

/// One past instance becomes another; what the correction leaves out stays as it was.
pub(super) fn replace(
    state: &dyn State,
    entity: &EntityId,
    name: &Iri,
    instance: (Seq, u32),
    attribute: &Attribute,
) -> Result<Decision, Refusal> {
    let old = instance_of(state, entity, name, instance)?;
    let mut attribute = attribute.clone();
    attribute.observed_at = attribute.observed_at.or(old.observed_at);
    attribute.dataset_id = attribute.dataset_id.or(old.dataset_id);
    Ok(Decision::done(vec![
        Change::EraseHistory { entity: entity.clone(), name: Some(name.clone()), instance: Some(instance) },
        Change::AddHistory { entity: entity.clone(), name: name.clone(), attribute },
    ]))
}

/// The whole history of an entity, of one attribute, or one instance is withdrawn; with it goes what stands now.
pub(super) fn erase(state: &dyn State, command: &Command, now: Instant) -> Result<Decision, Refusal> {
    let Command::EraseHistory { entity, name, instance, dataset_id, all } = command else {
        return Err(Refusal::Invalid("not an erasure".into()));
    };
    let subject = Subject::load(state, entity, now)?;
    if subject.entity.is_none() && !state.has_history(entity)? {
        return Err(Refusal::EntityNotFound(entity.clone()));
    }
    let mut changes = Vec::new();
    match (name, instance) {
        (Some(name), Some(instance)) => {
            instance_of(state, entity, name, *instance)?;
        }
        (Some(name), None) => {
            let standing = subject.entity.as_ref().is_some_and(|e| {
                if *all {
                    e.attributes.contains_key(name)
                } else {
                    e.instance(name.as_str(), dataset_id.as_ref()).is_some()
                }
            });
            if !standing {
                let (entity, name) = (entity.clone(), name.clone());
                return Err(Refusal::AttributeNotFound { entity, name, dataset: dataset_id.clone() });
            }
            let reach = if *all { DeleteReach::All } else { DeleteReach::Dataset(dataset_id.clone()) };
            changes.push(Change::DeleteAttribute { entity: entity.clone(), name: name.clone(), reach });
        }
        (None, _) => {
            if subject.entity.is_some() || subject.remains {
                changes.push(Change::DeleteEntity { entity: entity.clone() });
            }
        }
    }
    // A dataset's share of an attribute is deleted, not withdrawn: history keeps one list for all datasets.
    if name.is_none() || instance.is_some() || *all || dataset_id.is_none() {
        changes.push(Change::EraseHistory {
            entity: entity.clone(),
            name: name.clone(),
            instance: *instance,
        });
    }
    Ok(Decision::done(changes))
}
