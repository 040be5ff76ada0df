//! Roles of a pack. What is not written is denied; the access service decides with these.

use crate::type_def::Classification;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Name, unique in the pack.
    pub name: String,
    /// Text key of its title.
    pub title: String,
    /// What it may do.
    pub grants: Vec<Grant>,
    /// Its level in workflows: a role with one is a post that people hold.
    pub level: Option<String>,
    /// Verbs it may use.
    pub verbs: Vec<String>,
    /// Kinds of organisation that have the post.
    pub organisations: Vec<String>,
}

/// Actions on types, up to a classification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Actions.
    pub actions: Vec<Action>,
    /// Short names of types.
    pub types: Vec<String>,
    /// Classifications it reaches.
    pub classifications: Vec<Classification>,
}

/// What a role may do with entities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Action {
    Read,
    Create,
    Observe,
    Delete,
}

impl Action {
    /// The action with a name.
    pub fn parse(name: &str) -> Option<Action> {
        Some(match name {
            "read" => Action::Read,
            "create" => Action::Create,
            "observe" => Action::Observe,
            "delete" => Action::Delete,
            _ => return None,
        })
    }
}
