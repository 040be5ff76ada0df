//! `entity.create` (CIM 009 §5.6.1).

use nacre_model::Change;

use super::{Decision, Subject, check_size};
use crate::command::{EntityDraft, Output};
use crate::refusal::Refusal;

pub(super) fn decide(subject: &Subject, draft: &EntityDraft) -> Result<Decision, Refusal> {
    if subject.entity.is_some() {
        return Err(Refusal::EntityExists(draft.id.clone()));
    }
    if draft.types.is_empty() {
        return Err(Refusal::Invalid("an entity needs at least one type".into()));
    }
    check_size(draft)?;
    let mut changes = subject.creation(draft);
    for (name, instances) in &draft.attributes {
        for attribute in instances {
            changes.push(Change::SetAttribute {
                entity: draft.id.clone(),
                name: name.clone(),
                attribute: attribute.clone(),
            });
        }
    }
    Ok(Decision { changes, output: Output::Created })
}
