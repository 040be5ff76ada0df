//! Documents: subscriptions, hosted contexts and the like.

use nacre_model::{Change, DocumentKey, Value};

use super::{Decision, State};
use crate::command::{Output, PutMode};
use crate::refusal::Refusal;

/// Largest document, roughly in bytes.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;

pub(super) fn put(
    state: &dyn State,
    key: &DocumentKey,
    value: &Value,
    mode: PutMode,
) -> Result<Decision, Refusal> {
    if value.weight() > 4 * DOCUMENT_BYTES_MAX {
        return Err(Refusal::TooLarge {
            what: "the document's size in bytes",
            limit: DOCUMENT_BYTES_MAX as u64,
        });
    }
    let exists = state.document(key).is_some();
    let (collection, id) = (key.collection.to_string(), key.id.to_string());
    let output = match (mode, exists) {
        (PutMode::Create, true) => return Err(Refusal::DocumentExists { collection, id }),
        (PutMode::Update, false) => return Err(Refusal::DocumentNotFound { collection, id }),
        (_, false) => Output::Created,
        (_, true) => Output::Updated,
    };
    Ok(Decision { changes: vec![Change::PutDocument { key: key.clone(), value: value.clone() }], output })
}

pub(super) fn delete(state: &dyn State, key: &DocumentKey) -> Result<Decision, Refusal> {
    if state.document(key).is_none() {
        let (collection, id) = (key.collection.to_string(), key.id.to_string());
        return Err(Refusal::DocumentNotFound { collection, id });
    }
    Ok(Decision::done(vec![Change::DeleteDocument { key: key.clone() }]))
}
