//! `entity.update` (CIM 009 §5.6.2): whole attributes replaced, appended where missing, deleted by null.

use nacre_model::{Change, DeleteReach};

use super::{Decision, INSTANCES_MAX, Subject};
use crate::command::{AttributeWrite, Command, Output};
use crate::refusal::Refusal;

pub(super) fn decide(subject: &Subject, command: &Command) -> Result<Decision, Refusal> {
    let Command::UpdateAttributes { types, scopes, expires_at, attributes, .. } = command else {
        return Err(Refusal::Invalid("not an update".into()));
    };
    let entity = subject.existing()?;
    // §5.6.2.4: a scope is replaced, never introduced.
    let scopes = scopes.as_deref().filter(|_| !entity.scopes.is_empty());
    let mut changes = subject.heading(entity, types, scopes, *expires_at);
    let mut added: usize = entity.attributes.values().map(Vec::len).sum();
    let (mut updated, mut not_updated) = (Vec::new(), Vec::new());
    for (name, writes) in attributes {
        let mut refused = None;
        for write in writes {
            match write {
                AttributeWrite::Set(attribute) => {
                    added +=
                        usize::from(entity.instance(name.as_str(), attribute.dataset_id.as_ref()).is_none());
                    changes.push(Change::SetAttribute {
                        entity: subject.id.clone(),
                        name: name.clone(),
                        attribute: attribute.clone(),
                    });
                }
                AttributeWrite::Delete { dataset_id } => {
                    let standing = entity.instance(name.as_str(), dataset_id.as_ref());
                    if standing.is_none_or(|i| i.expired(subject.now)) {
                        refused = Some("the attribute does not exist".to_owned());
                        continue;
                    }
                    let reach = DeleteReach::Dataset(dataset_id.clone());
                    changes.push(Change::DeleteAttribute {
                        entity: subject.id.clone(),
                        name: name.clone(),
                        reach,
                    });
                }
            }
        }
        match refused {
            None => updated.push(name.clone()),
            Some(why) => not_updated.push((name.clone(), why)),
        }
    }
    if added > INSTANCES_MAX {
        return Err(Refusal::TooLarge {
            what: "the number of attribute instances",
            limit: INSTANCES_MAX as u64,
        });
    }
    Ok(Decision { changes, output: Output::Attributes { updated, not_updated } })
}
