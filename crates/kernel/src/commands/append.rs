//! `entity.append` and `entity.update`: attributes written one by one (CIM 009 §5.6.2, §5.6.3).

use nacre_model::{Change, Entity, Iri};

use super::{Decision, INSTANCES_MAX, Subject, check_size};
use crate::command::{EntityDraft, Output};
use crate::refusal::Refusal;

/// Every attribute is written; with `no_overwrite` those that exist are left.
pub(super) fn decide(
    subject: &Subject,
    draft: &EntityDraft,
    no_overwrite: bool,
) -> Result<Decision, Refusal> {
    let entity = subject.existing()?;
    let standing: usize = entity.attributes.values().map(Vec::len).sum();
    let added: usize = draft.attributes.iter().map(|(_, all)| all.len()).sum();
    if standing + added > INSTANCES_MAX {
        check_total(entity, draft)?;
    }
    write(subject, entity, draft, |there| {
        if there && no_overwrite { Err("the attribute exists already") } else { Ok(()) }
    })
}

/// Only attributes that exist are written.
pub(super) fn decide_update(subject: &Subject, draft: &EntityDraft) -> Result<Decision, Refusal> {
    check_size(draft)?;
    let entity = subject.existing()?;
    write(subject, entity, draft, |there| if there { Ok(()) } else { Err("the attribute does not exist") })
}

fn write(
    subject: &Subject,
    entity: &Entity,
    draft: &EntityDraft,
    allowed: impl Fn(bool) -> Result<(), &'static str>,
) -> Result<Decision, Refusal> {
    let mut changes = subject.heading(entity, draft);
    let (mut updated, mut not_updated): (Vec<Iri>, Vec<(Iri, String)>) = (Vec::new(), Vec::new());
    for (name, instances) in &draft.attributes {
        let mut refused = None;
        for attribute in instances {
            let standing = entity.instance(name.as_str(), attribute.dataset_id.as_ref());
            match allowed(standing.is_some_and(|i| !i.expired(subject.now))) {
                Ok(()) => changes.push(Change::SetAttribute {
                    entity: draft.id.clone(),
                    name: name.clone(),
                    attribute: attribute.clone(),
                }),
                Err(why) => refused = Some(why),
            }
        }
        match refused {
            None => updated.push(name.clone()),
            Some(why) => not_updated.push((name.clone(), why.to_owned())),
        }
    }
    Ok(Decision { changes, output: Output::Attributes { updated, not_updated } })
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
