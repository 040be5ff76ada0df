//! `entity.append`: attributes written one by one (CIM 009 §5.6.3).

use nacre_model::{Change, Entity, Iri, Scope};

use super::{Decision, INSTANCES_MAX, Subject};
use crate::command::{EntityDraft, Output};
use crate::refusal::Refusal;

/// Every attribute is written; with `no_overwrite` those that exist are left and scopes are added to the standing ones.
pub(super) fn decide(
    subject: &Subject,
    draft: &EntityDraft,
    no_overwrite: bool,
) -> Result<Decision, Refusal> {
    let entity = subject.existing()?;
    check_total(entity, draft)?;
    let mut changes = if no_overwrite {
        let scopes = draft.scopes.as_ref().map(|new| joined(&entity.scopes, new));
        let expires_at = draft.expires_at.filter(|_| entity.expires_at.is_none());
        subject.heading(entity, &draft.types, scopes.as_deref(), expires_at.map(Some))
    } else {
        subject.draft_heading(entity, draft)
    };
    let (mut updated, mut not_updated): (Vec<Iri>, Vec<(Iri, String)>) = (Vec::new(), Vec::new());
    for (name, instances) in &draft.attributes {
        let mut left = false;
        for attribute in instances {
            let standing = entity.instance(name.as_str(), attribute.dataset_id.as_ref());
            if no_overwrite && standing.is_some_and(|i| !i.expired(subject.now)) {
                left = true;
                continue;
            }
            changes.push(Change::SetAttribute {
                entity: draft.id.clone(),
                name: name.clone(),
                attribute: attribute.clone(),
            });
        }
        if left {
            not_updated.push((name.clone(), "the attribute exists already".to_owned()));
        } else {
            updated.push(name.clone());
        }
    }
    Ok(Decision { changes, output: Output::Attributes { updated, not_updated } })
}

fn joined(standing: &[Scope], new: &[Scope]) -> Vec<Scope> {
    let mut all = standing.to_vec();
    all.extend(new.iter().filter(|s| !standing.contains(s)).cloned());
    all
}

fn check_total(entity: &Entity, draft: &EntityDraft) -> Result<(), Refusal> {
    let standing: usize = entity.attributes.values().map(Vec::len).sum();
    let new = draft.attributes.iter().flat_map(|(name, all)| all.iter().map(move |a| (name, a)));
    let added =
        new.filter(|(name, a)| entity.instance(name.as_str(), a.dataset_id.as_ref()).is_none()).count();
    if standing + added > INSTANCES_MAX {
        return Err(Refusal::TooLarge {
            what: "the number of attribute instances",
            limit: INSTANCES_MAX as u64,
        });
    }
    Ok(())
}
