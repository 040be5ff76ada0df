//! Deciding commands: pure functions from state and command to changes, or a refusal.
//!
//! A good sibling here: one file a verb (or a small family), a public `decide` on top, no clock, no IO, every refusal
//! typed; it states only what changes, and the tests below it read as sentences.

mod append;
mod attribute;
mod create;
mod document;
mod history;
mod merge;
mod replace;
mod sweep;
mod update;

use std::sync::Arc;

use nacre_model::{Change, DocumentKey, Entity, EntityId, Instant, Iri, Scope, Seq, Value};
use nacre_views::HistoryRow;

use crate::command::{Command, EntityDraft, Output};
use crate::refusal::Refusal;

/// What `decide` may look at. Everything it shows is as of the record before.
pub trait State {
    /// The entity's state, expired or not.
    fn entity(&self, id: &EntityId) -> Result<Option<Arc<Entity>>, Refusal>;
    /// A document.
    fn document(&self, key: &DocumentKey) -> Option<Arc<Value>>;
    /// What a record did to an entity.
    fn history_row(&self, id: &EntityId, seq: Seq) -> Result<Option<HistoryRow>, Refusal>;
    /// Whether anything was ever known of an entity.
    fn has_history(&self, id: &EntityId) -> Result<bool, Refusal>;
}

/// What was decided: changes to record (none when nothing has to change) and the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// For the record.
    pub changes: Vec<Change>,
    /// For the caller.
    pub output: Output,
}

impl Decision {
    /// Changes that answer nothing but that they are done.
    pub fn done(changes: Vec<Change>) -> Decision {
        Decision { changes, output: Output::Done }
    }
}

/// Most attribute instances one entity may have.
pub const INSTANCES_MAX: usize = 5_000;

/// Decides a command.
pub fn decide(state: &dyn State, command: &Command, now: Instant) -> Result<Decision, Refusal> {
    let decision = match command {
        Command::CreateEntity(draft) => create::decide(&Subject::load(state, &draft.id, now)?, draft),
        Command::UpsertEntity { draft, update } => {
            let subject = Subject::load(state, &draft.id, now)?;
            match (&subject.entity, update) {
                (None, _) => create::decide(&subject, draft),
                (Some(_), true) => append::decide(&subject, draft, false).map(updated),
                (Some(_), false) => replace::decide(&subject, draft).map(updated),
            }
        }
        Command::AppendAttributes { draft, no_overwrite } => {
            append::decide(&Subject::load(state, &draft.id, now)?, draft, *no_overwrite)
        }
        Command::UpdateAttributes { entity, .. } => {
            update::decide(&Subject::load(state, entity, now)?, command)
        }
        Command::ReplaceEntity(draft) => replace::decide(&Subject::load(state, &draft.id, now)?, draft),
        Command::MergeEntity { entity, .. } => merge::decide(&Subject::load(state, entity, now)?, command),
        Command::DeleteEntity { entity } => {
            Subject::load(state, entity, now)?.existing()?;
            Ok(Decision::done(vec![Change::DeleteEntity { entity: entity.clone() }]))
        }
        Command::SweepEntity { entity } => sweep::entity(&Subject::load(state, entity, now)?),
        Command::SweepAttribute { entity, name, dataset_id } => {
            sweep::attribute(&Subject::load(state, entity, now)?, name, dataset_id.as_ref())
        }
        Command::UpdateAttribute { entity, name, patch } => {
            attribute::update(&Subject::load(state, entity, now)?, name, patch)
        }
        Command::ReplaceAttribute { entity, name, attribute } => {
            attribute::replace(&Subject::load(state, entity, now)?, name, attribute)
        }
        Command::DeleteAttribute { entity, name, dataset_id, all } => {
            attribute::delete(&Subject::load(state, entity, now)?, name, dataset_id.as_ref(), *all)
        }
        Command::AddHistory(draft) => history::add(&Subject::load(state, &draft.id, now)?, draft),
        Command::ReplaceInstance { entity, name, instance, attribute } => {
            history::replace(state, entity, name, *instance, attribute)
        }
        Command::EraseHistory { .. } => history::erase(state, command, now),
        Command::PutDocument { key, value, mode } => document::put(state, key, value, *mode),
        Command::DeleteDocument { key } => document::delete(state, key),
        Command::Act(act) => act.0.decide(state, now),
    }?;
    Ok(decision)
}

fn updated(decision: Decision) -> Decision {
    Decision { output: Output::Updated, ..decision }
}

/// The entity a command is about.
struct Subject {
    id: EntityId,
    /// Its state; absent when it does not exist or has expired.
    entity: Option<Arc<Entity>>,
    /// It expired and was not swept yet: creating it must first delete what is left.
    remains: bool,
    now: Instant,
}

impl Subject {
    fn load(state: &dyn State, id: &EntityId, now: Instant) -> Result<Subject, Refusal> {
        let entity = state.entity(id)?;
        let remains = entity.as_ref().is_some_and(|e| e.expired(now));
        Ok(Subject { id: id.clone(), entity: entity.filter(|_| !remains), remains, now })
    }

    fn existing(&self) -> Result<&Entity, Refusal> {
        self.entity.as_deref().ok_or_else(|| Refusal::EntityNotFound(self.id.clone()))
    }

    /// Changes with which an entity comes to be.
    fn creation(&self, draft: &EntityDraft) -> Vec<Change> {
        let mut changes = Vec::with_capacity(draft.attributes.len() + 2);
        if self.remains {
            changes.push(Change::DeleteEntity { entity: self.id.clone() });
        }
        changes.push(Change::CreateEntity {
            entity: self.id.clone(),
            types: draft.types.clone(),
            scopes: draft.scopes.clone().unwrap_or_default(),
            expires_at: draft.expires_at,
        });
        changes
    }

    /// Changes that add types and set scopes and expiry of an existing entity, as far as they are stated.
    fn heading(
        &self,
        entity: &Entity,
        types: &[Iri],
        scopes: Option<&[Scope]>,
        expires_at: Option<Option<Instant>>,
    ) -> Vec<Change> {
        let mut changes = Vec::new();
        let new_types: Vec<_> = types.iter().filter(|t| !entity.types.contains(t)).cloned().collect();
        if !new_types.is_empty() {
            let types = entity.types.iter().cloned().chain(new_types).collect();
            changes.push(Change::SetTypes { entity: self.id.clone(), types });
        }
        if let Some(scopes) = scopes.filter(|s| *s != entity.scopes) {
            changes.push(Change::SetScopes { entity: self.id.clone(), scopes: scopes.to_vec() });
        }
        if let Some(expires_at) = expires_at.filter(|at| *at != entity.expires_at) {
            changes.push(Change::SetExpiry { entity: self.id.clone(), expires_at });
        }
        changes
    }

    /// [`Subject::heading`] of a draft, in which nothing is ever removed.
    fn draft_heading(&self, entity: &Entity, draft: &EntityDraft) -> Vec<Change> {
        self.heading(entity, &draft.types, draft.scopes.as_deref(), draft.expires_at.map(Some))
    }
}

fn check_size(draft: &EntityDraft) -> Result<(), Refusal> {
    let instances: usize = draft.attributes.iter().map(|(_, all)| all.len()).sum();
    if instances > INSTANCES_MAX {
        return Err(Refusal::TooLarge {
            what: "the number of attribute instances",
            limit: INSTANCES_MAX as u64,
        });
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
