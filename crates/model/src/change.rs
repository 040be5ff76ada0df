//! The effects of a command on state: what a record carries, and how state follows from it.
//!
//! A change is absolute (it says the new value, never "plus one"), so that applying the same change twice
//! gives the same state. `apply` is the only function that turns changes into state; the sequencer, the
//! views after a crash, time travel and the simulator all call it.

use indexmap::IndexMap;

use crate::attribute::Attribute;
use crate::entity::{Entity, Instance};
use crate::id::{DocumentKey, EntityId, Iri, Scope, Seq};
use crate::time::Instant;
use crate::value::Value;

/// Which instances of an attribute go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeleteReach {
    /// The one with this dataset id; `None` is the default instance.
    Dataset(Option<Iri>),
    /// All of them.
    All,
}

/// One effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The entity comes to be (it did not exist before).
    CreateEntity {
        /// Which entity.
        entity: EntityId,
        /// Its types, at least one.
        types: Vec<Iri>,
        /// Its scopes.
        scopes: Vec<Scope>,
        /// When it stops being visible.
        expires_at: Option<Instant>,
    },
    /// The entity and all its attributes cease to be.
    DeleteEntity {
        /// Which entity.
        entity: EntityId,
    },
    /// Its types become these.
    SetTypes {
        /// Which entity.
        entity: EntityId,
        /// All types from now on.
        types: Vec<Iri>,
    },
    /// Its scopes become these.
    SetScopes {
        /// Which entity.
        entity: EntityId,
        /// All scopes from now on.
        scopes: Vec<Scope>,
    },
    /// Its end of visibility becomes this.
    SetExpiry {
        /// Which entity.
        entity: EntityId,
        /// The instant, or none.
        expires_at: Option<Instant>,
    },
    /// The instance with the attribute's dataset id becomes this.
    SetAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// The new instance.
        attribute: Attribute,
    },
    /// Instances cease to be.
    DeleteAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Which instances.
        reach: DeleteReach,
    },
    /// A past instance is added to history; the current state stays unless nothing newer is known.
    AddHistory {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// The instance as it was.
        attribute: Attribute,
    },
    /// Instances of history are withdrawn: one by its instance id, or all of an attribute.
    EraseHistory {
        /// Which entity.
        entity: EntityId,
        /// Expanded name; none means all attributes.
        name: Option<Iri>,
        /// `(record, index among the record's changes)` of the instance; none means all.
        instance: Option<(Seq, u32)>,
    },
    /// A document becomes this.
    PutDocument {
        /// Where.
        key: DocumentKey,
        /// What.
        value: Value,
    },
    /// A document ceases to be.
    DeleteDocument {
        /// Where.
        key: DocumentKey,
    },
}

impl Change {
    /// The entity it touches, unless it touches a document.
    pub fn entity(&self) -> Option<&EntityId> {
        match self {
            Change::CreateEntity { entity, .. }
            | Change::DeleteEntity { entity }
            | Change::SetTypes { entity, .. }
            | Change::SetScopes { entity, .. }
            | Change::SetExpiry { entity, .. }
            | Change::SetAttribute { entity, .. }
            | Change::DeleteAttribute { entity, .. }
            | Change::AddHistory { entity, .. }
            | Change::EraseHistory { entity, .. } => Some(entity),
            Change::PutDocument { .. } | Change::DeleteDocument { .. } => None,
        }
    }

    /// The attribute it touches, if one.
    pub fn attribute_name(&self) -> Option<&Iri> {
        match self {
            Change::SetAttribute { name, .. }
            | Change::DeleteAttribute { name, .. }
            | Change::AddHistory { name, .. } => Some(name),
            Change::EraseHistory { name, .. } => name.as_ref(),
            _ => None,
        }
    }
}

/// Applies the changes of one record that touch one entity. `state` is the entity before the record
/// (absent when it did not exist); the result is the entity after it.
///
/// A change to an entity that does not exist is skipped: `decide` never makes one, and a reader of an old
/// journal must not fail on it.
pub fn apply<'a>(
    mut state: Option<Entity>,
    changes: impl IntoIterator<Item = &'a Change>,
    seq: Seq,
    at: Instant,
) -> Option<Entity> {
    let mut revision = state.as_ref().map_or(0, |e| e.revision);
    for change in changes {
        apply_one(&mut state, change, at);
    }
    revision += 1;
    if let Some(entity) = &mut state {
        entity.seq = seq;
        entity.revision = revision;
    }
    state
}

fn apply_one(state: &mut Option<Entity>, change: &Change, at: Instant) {
    if let Change::CreateEntity { entity, types, scopes, expires_at } = change {
        *state = Some(Entity {
            id: entity.clone(),
            types: types.clone(),
            scopes: scopes.clone(),
            attributes: IndexMap::new(),
            created_at: at,
            modified_at: at,
            expires_at: *expires_at,
            seq: Seq::ZERO,
            revision: state.as_ref().map_or(0, |e| e.revision),
        });
        return;
    }
    if let Change::DeleteEntity { .. } = change {
        *state = None;
        return;
    }
    let Some(entity) = state else { return };
    match change {
        Change::SetTypes { types, .. } => entity.types.clone_from(types),
        Change::SetScopes { scopes, .. } => entity.scopes.clone_from(scopes),
        Change::SetExpiry { expires_at, .. } => entity.expires_at = *expires_at,
        Change::SetAttribute { name, attribute, .. } => set_instance(entity, name, attribute, at),
        Change::DeleteAttribute { name, reach, .. } => delete_instances(entity, name, reach),
        Change::AddHistory { name, attribute, .. } => {
            // Observed later than what stands (or nothing stands): the past became the present.
            let newer = entity
                .instance(name.as_str(), attribute.dataset_id.as_ref())
                .is_none_or(|i| i.attribute.observed_at <= attribute.observed_at);
            if newer {
                set_instance(entity, name, attribute, at);
            }
        }
        _ => return,
    }
    entity.modified_at = at;
}

fn set_instance(entity: &mut Entity, name: &Iri, attribute: &Attribute, at: Instant) {
    let instance = |created_at| Instance { attribute: attribute.clone(), created_at, modified_at: at };
    let Some(all) = entity.attributes.get_mut(name) else {
        entity.attributes.insert(name.clone(), vec![instance(at)]);
        return;
    };
    match all.iter_mut().find(|i| i.attribute.dataset_id == attribute.dataset_id) {
        Some(found) => *found = instance(found.created_at),
        None => all.push(instance(at)),
    }
}

fn delete_instances(entity: &mut Entity, name: &Iri, reach: &DeleteReach) {
    let Some(all) = entity.attributes.get_mut(name) else { return };
    match reach {
        DeleteReach::All => all.clear(),
        DeleteReach::Dataset(id) => all.retain(|i| i.attribute.dataset_id != *id),
    }
    if all.is_empty() {
        entity.attributes.shift_remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> EntityId {
        EntityId::new("urn:ngsi-ld:Lamp:1").expect("valid")
    }

    fn name(n: &str) -> Iri {
        Iri::trusted(&format!("https://example.org/{n}"))
    }

    #[test]
    fn a_restated_attribute_keeps_its_creation_and_gains_a_modification() {
        let create = Change::CreateEntity {
            entity: id(),
            types: vec![name("Lamp")],
            scopes: vec![],
            expires_at: None,
        };
        let set = |v: i64| Change::SetAttribute {
            entity: id(),
            name: name("lit"),
            attribute: Attribute::property(v),
        };
        let one = apply(None, [&create, &set(1)], Seq(1), Instant(10));
        let two = apply(one, [&set(2)], Seq(2), Instant(20)).expect("exists");
        let lit = two.instance("https://example.org/lit", None).expect("set");
        assert_eq!((lit.created_at, lit.modified_at), (Instant(10), Instant(20)));
        assert_eq!((two.seq, two.revision, two.created_at), (Seq(2), 2, Instant(10)));
    }

    #[test]
    fn deleting_the_last_instance_deletes_the_attribute() {
        let create = Change::CreateEntity {
            entity: id(),
            types: vec![name("Lamp")],
            scopes: vec![],
            expires_at: None,
        };
        let set =
            Change::SetAttribute { entity: id(), name: name("lit"), attribute: Attribute::property(true) };
        let delete =
            Change::DeleteAttribute { entity: id(), name: name("lit"), reach: DeleteReach::Dataset(None) };
        let after = apply(None, [&create, &set, &delete], Seq(1), Instant(1)).expect("exists");
        assert!(after.attributes.is_empty());
        let gone = apply(Some(after), [&Change::DeleteEntity { entity: id() }], Seq(2), Instant(2));
        assert_eq!(gone, None);
    }
}
