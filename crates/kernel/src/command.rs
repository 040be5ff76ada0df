//! What a client asks to be done, and what it hears back.
//!
//! A [`Command`] is data; deciding it is the job of the file of the same name under `commands/`. `decide` is pure:
//! from state, command and the present instant it makes changes or a [`Refusal`], and performs nothing.

use std::sync::Arc;

use nacre_model::{Attribute, DocumentKey, EntityId, Instant, Iri, Scope, Seq, Value};

use crate::act::Act;
use crate::door::Principal;

/// Attributes as a client states them: by name, one instance a dataset id.
pub type Attributes = Vec<(Iri, Vec<Attribute>)>;

/// An entity as a client states it.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityDraft {
    /// Its id.
    pub id: EntityId,
    /// Its types; may be empty where the command allows it.
    pub types: Vec<Iri>,
    /// Its scopes; `None` where the client said nothing.
    pub scopes: Option<Vec<Scope>>,
    /// When it stops being visible.
    pub expires_at: Option<Instant>,
    /// Its attributes.
    pub attributes: Attributes,
}

/// One attribute of a merge patch (CIM 009 §5.5.12).
#[derive(Debug, Clone, PartialEq)]
pub enum AttributePatch {
    /// `urn:ngsi-ld:null`: the instance goes.
    Delete {
        /// Which instance.
        dataset_id: Option<Iri>,
    },
    /// The instance is merged member by member.
    Merge(PartialAttribute),
}

/// One attribute of an update (PATCH …/attrs).
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeWrite {
    /// The instance of its dataset id becomes this.
    Set(Attribute),
    /// `urn:ngsi-ld:null`: the instance goes.
    Delete {
        /// Which instance.
        dataset_id: Option<Iri>,
    },
}

/// Some members of an attribute; what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PartialAttribute {
    /// New content; a map value of a merge is merged member by member, a kind that differs replaces.
    pub content: Option<nacre_model::Content>,
    /// The kind of `content` was guessed from a simplified form: where the attribute stands, its kind decides.
    pub kind_guessed: bool,
    /// Which instance is meant.
    pub dataset_id: Option<Iri>,
    /// New time of observation.
    pub observed_at: Option<Instant>,
    /// New unit.
    pub unit_code: Option<Box<str>>,
    /// New end of visibility.
    pub expires_at: Option<Instant>,
    /// Members of the attribute to take away: `observedAt`, `unitCode`.
    pub removed_members: Vec<Box<str>>,
    /// What becomes of sub-attributes; those not named stay.
    pub attributes: Vec<(Iri, Vec<AttributePatch>)>,
}

/// The built-in commands of the twin.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `entity.create`: fails when the entity exists.
    CreateEntity(EntityDraft),
    /// `entity.upsert`: create; or replace; or (with `update`) append to what exists.
    UpsertEntity {
        /// The entity.
        draft: EntityDraft,
        /// Append to an existing entity instead of replacing it.
        update: bool,
    },
    /// `entity.append`: add attributes; existing ones are overwritten or (with `no_overwrite`) left.
    AppendAttributes {
        /// The entity; types are added to the existing ones.
        draft: EntityDraft,
        /// Leave attributes that exist.
        no_overwrite: bool,
    },
    /// `entity.update`: attributes are replaced, appended where missing, or deleted (PATCH …/attrs).
    UpdateAttributes {
        /// Which entity.
        entity: EntityId,
        /// Types to add.
        types: Vec<Iri>,
        /// New scopes; ignored by an entity that has none.
        scopes: Option<Vec<Scope>>,
        /// New end of visibility: not stated, removed, or an instant.
        expires_at: Option<Option<Instant>>,
        /// What to do with each attribute.
        attributes: Vec<(Iri, Vec<AttributeWrite>)>,
    },
    /// `entity.replace`: the entity becomes this; creation times of the entity stay.
    ReplaceEntity(EntityDraft),
    /// `entity.merge`: merge patch of an entity.
    MergeEntity {
        /// Which entity.
        entity: EntityId,
        /// Types to add.
        types: Vec<Iri>,
        /// New scopes.
        scopes: Option<Vec<Scope>>,
        /// New end of visibility: not stated, removed, or an instant.
        expires_at: Option<Option<Instant>>,
        /// What to do with each attribute.
        attributes: Vec<(Iri, Vec<AttributePatch>)>,
        /// Time of observation for merged attributes that had one and were given none.
        observed_at: Option<Instant>,
    },
    /// `entity.delete`.
    DeleteEntity {
        /// Which entity.
        entity: EntityId,
    },
    /// `entity.sweep`: what is left of an expired entity goes; nothing happens when it has not expired.
    SweepEntity {
        /// Which entity.
        entity: EntityId,
    },
    /// `attribute.sweep`: an expired instance goes; nothing happens when it has not expired.
    SweepAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Which instance.
        dataset_id: Option<Iri>,
    },
    /// `attribute.update`: partial update of one instance (PATCH …/attrs/{name}).
    UpdateAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Members to change.
        patch: PartialAttribute,
    },
    /// `attribute.replace`: the instance of that dataset id becomes this (PUT …/attrs/{name}).
    ReplaceAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// The instance.
        attribute: Attribute,
    },
    /// `attribute.delete`.
    DeleteAttribute {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Which instance; ignored with `all`.
        dataset_id: Option<Iri>,
        /// All instances.
        all: bool,
    },
    /// `history.add`: instances of the past (and the present, when newer); creates the entity if need be.
    AddHistory(EntityDraft),
    /// `history.replace`: one past instance becomes this.
    ReplaceInstance {
        /// Which entity.
        entity: EntityId,
        /// Expanded name.
        name: Iri,
        /// Its instance id: record and index among its changes.
        instance: (Seq, u32),
        /// What it becomes.
        attribute: Attribute,
    },
    /// `history.erase`: the whole temporal representation, one attribute's, or one instance.
    EraseHistory {
        /// Which entity.
        entity: EntityId,
        /// Expanded name; none means all.
        name: Option<Iri>,
        /// One instance.
        instance: Option<(Seq, u32)>,
        /// Which dataset's instances go when an attribute is erased; ignored with `all`.
        dataset_id: Option<Iri>,
        /// All datasets.
        all: bool,
    },
    /// `document.put`: `create_only` fails when it exists, `update_only` when it does not.
    PutDocument {
        /// Where.
        key: DocumentKey,
        /// What.
        value: Value,
        /// Which existing state is acceptable.
        mode: PutMode,
    },
    /// `document.delete`.
    DeleteDocument {
        /// Where.
        key: DocumentKey,
    },
    /// A verb of a service above the kernel.
    Act(Act),
}

/// What must be there before a document is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PutMode {
    Create,
    Update,
    Either,
}

impl Command {
    /// The stable name written into records and asked of the door.
    pub fn name(&self) -> &'static str {
        match self {
            Command::CreateEntity(_) => "entity.create",
            Command::UpsertEntity { .. } => "entity.upsert",
            Command::AppendAttributes { .. } => "entity.append",
            Command::UpdateAttributes { .. } => "entity.update",
            Command::ReplaceEntity(_) => "entity.replace",
            Command::MergeEntity { .. } => "entity.merge",
            Command::DeleteEntity { .. } => "entity.delete",
            Command::SweepEntity { .. } => "entity.sweep",
            Command::SweepAttribute { .. } => "attribute.sweep",
            Command::UpdateAttribute { .. } => "attribute.update",
            Command::ReplaceAttribute { .. } => "attribute.replace",
            Command::DeleteAttribute { .. } => "attribute.delete",
            Command::AddHistory(_) => "history.add",
            Command::ReplaceInstance { .. } => "history.replace",
            Command::EraseHistory { .. } => "history.erase",
            Command::PutDocument { .. } => "document.put",
            Command::DeleteDocument { .. } => "document.delete",
            Command::Act(act) => act.0.name(),
        }
    }

    /// The entity it is about, if one.
    pub fn entity(&self) -> Option<&EntityId> {
        match self {
            Command::CreateEntity(draft)
            | Command::UpsertEntity { draft, .. }
            | Command::AppendAttributes { draft, .. }
            | Command::ReplaceEntity(draft)
            | Command::AddHistory(draft) => Some(&draft.id),
            Command::UpdateAttributes { entity, .. }
            | Command::MergeEntity { entity, .. }
            | Command::DeleteEntity { entity }
            | Command::SweepEntity { entity }
            | Command::SweepAttribute { entity, .. }
            | Command::UpdateAttribute { entity, .. }
            | Command::ReplaceAttribute { entity, .. }
            | Command::DeleteAttribute { entity, .. }
            | Command::ReplaceInstance { entity, .. }
            | Command::EraseHistory { entity, .. } => Some(entity),
            Command::PutDocument { .. } | Command::DeleteDocument { .. } => None,
            Command::Act(act) => act.0.entity(),
        }
    }
}

/// A command on its way to the sequencer.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who asks.
    pub principal: Principal,
    /// What.
    pub command: Command,
    /// Key and digest of the request, for retries.
    pub idempotency: Option<(Arc<str>, u64)>,
    /// The record that caused it, if a rule or service did.
    pub cause: Option<Seq>,
}

impl Submission {
    /// A command without key or cause.
    pub fn new(principal: Principal, command: Command) -> Submission {
        Submission { principal, command, idempotency: None, cause: None }
    }
}

/// What an accepted command answers. It is durable, and visible to every read that starts now.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Its record; the newest record when nothing had to change.
    pub seq: Seq,
    /// The typed result.
    pub output: Output,
}

/// Results of commands.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Done.
    Done,
    /// The entity or document came to be.
    Created,
    /// It existed and was changed.
    Updated,
    /// Attributes that were written, and those that were left and why.
    Attributes {
        /// Written.
        updated: Vec<Iri>,
        /// Left, with the reason.
        not_updated: Vec<(Iri, String)>,
    },
    /// A retry: this was done before, by the record named.
    Repeated,
}
