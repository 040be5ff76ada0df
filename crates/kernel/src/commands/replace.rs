//! `entity.replace` (CIM 009 §5.6.18): the entity becomes what the draft says; only its creation time stays.

use nacre_model::{Change, DeleteReach};

use super::{Decision, Subject, check_size};
use crate::command::EntityDraft;
use crate::refusal::Refusal;

pub(super) fn decide(subject: &Subject, draft: &EntityDraft) -> Result<Decision, Refusal> {
    check_size(draft)?;
    let entity = subject.existing()?;
    let id = || draft.id.clone();
    let mut changes = Vec::new();
    if !draft.types.is_empty() && draft.types != entity.types {
        changes.push(Change::SetTypes { entity: id(), types: draft.types.clone() });
    }
    let scopes = draft.scopes.clone().unwrap_or_default();
    if scopes != entity.scopes {
        changes.push(Change::SetScopes { entity: id(), scopes });
    }
    if draft.expires_at != entity.expires_at {
        changes.push(Change::SetExpiry { entity: id(), expires_at: draft.expires_at });
    }
    for (name, instances) in &entity.attributes {
        let stated = draft.attributes.iter().find(|(n, _)| n == name).map(|(_, all)| all);
        let Some(stated) = stated else {
            changes.push(Change::DeleteAttribute {
                entity: id(),
                name: name.clone(),
                reach: DeleteReach::All,
            });
            continue;
        };
        for instance in instances {
            let dataset = &instance.attribute.dataset_id;
            if !stated.iter().any(|a| a.dataset_id == *dataset) {
                let reach = DeleteReach::Dataset(dataset.clone());
                changes.push(Change::DeleteAttribute { entity: id(), name: name.clone(), reach });
            }
        }
    }
    for (name, instances) in &draft.attributes {
        for attribute in instances {
            changes.push(Change::SetAttribute {
                entity: id(),
                name: name.clone(),
                attribute: attribute.clone(),
            });
        }
    }
    Ok(Decision::done(changes))
}
