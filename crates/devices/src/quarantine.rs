//! What could not be read is kept, for somebody to look at, mend and replay.

use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Fault, Output, Refusal, Verb};
use nacre_model::{Attribute, Change, DeleteReach, EntityId, Instant, Value};
use sha2::{Digest, Sha256};

use crate::names::{iri, property, relationship, text, urn};

/// Type of a message that is held.
pub const QUARANTINED: &str = "QuarantinedMessage";

/// Why a message is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// Stable code.
    pub code: String,
    /// In words.
    pub words: String,
}

/// A message is held; the same one again is counted.
#[derive(Debug, Clone)]
pub struct Quarantine {
    /// Its id, from what it says.
    pub id: EntityId,
    /// The device, where it is known.
    pub device: Option<EntityId>,
    /// Its feed, where it is known.
    pub feed: Option<String>,
    /// Topic or path.
    pub topic: String,
    /// As it came.
    pub payload: Vec<u8>,
    /// Why.
    pub reason: Reason,
}

impl Quarantine {
    /// A message to hold.
    pub fn new(
        device: Option<EntityId>,
        feed: Option<String>,
        topic: String,
        payload: Vec<u8>,
        reason: Reason,
    ) -> Option<Quarantine> {
        let mut hash = Sha256::new();
        // What two devices say is two messages, also when it is the same.
        let whose = device.as_ref().map_or("", |d| d.as_str());
        for part in [whose.as_bytes(), topic.as_bytes(), reason.code.as_bytes(), &payload] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let name = hex::encode(hash.finalize());
        let id = EntityId::new(&urn(QUARANTINED, name.get(..24)?)).ok()?;
        Some(Quarantine { id, device, feed, topic, payload, reason })
    }
}

/// A payload as text, and how it is encoded.
pub fn readable(payload: &[u8]) -> (String, &'static str) {
    match std::str::from_utf8(payload) {
        Ok(text) if !text.contains('\0') => (text.to_owned(), "text"),
        _ => (hex::encode(payload), "hex"),
    }
}

impl Verb for Quarantine {
    fn name(&self) -> &'static str {
        "device.quarantine"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let before = state.entity(&self.id)?;
        let count = before.as_ref().and_then(|e| crate::names::number(e, "count")).unwrap_or(0.0);
        let mut changes = Vec::new();
        if before.is_none() {
            changes.push(Change::CreateEntity {
                entity: self.id.clone(),
                types: vec![iri(QUARANTINED)],
                scopes: Vec::new(),
                expires_at: None,
            });
        }
        let words = |t: &str| property(Value::text(t));
        let mut all: Vec<(&str, Attribute)> = vec![
            ("count", property(Value::Int(count as i64 + 1))),
            ("receivedAt", words(&now.to_string())),
            ("messageState", words("held")),
        ];
        if before.is_none() {
            let (payload, encoding) = readable(&self.payload);
            all.push(("name", words(&self.topic)));
            all.push(("topic", words(&self.topic)));
            all.push(("payload", words(&payload)));
            all.push(("encoding", words(encoding)));
            all.push(("reasonCode", words(&self.reason.code)));
            all.push(("reason", words(&self.reason.words)));
            if let Some(device) = &self.device {
                all.push(("device", relationship(device.as_str())));
            }
            if let Some(feed) = &self.feed {
                all.push(("feed", words(feed)));
            }
        }
        let set =
            |(name, attribute)| Change::SetAttribute { entity: self.id.clone(), name: iri(name), attribute };
        changes.extend(all.into_iter().map(set));
        // Held again, it waits for a decision of its own.
        let decided = ["decidedBy", "decidedAt", "note"].map(iri);
        let old = before.iter().flat_map(|e| e.attributes.keys()).filter(|n| decided.contains(n));
        changes.extend(old.map(|name| Change::DeleteAttribute {
            entity: self.id.clone(),
            name: name.clone(),
            reach: DeleteReach::All,
        }));
        Ok(Decision { changes, output: Output::Done })
    }
}

/// Somebody decided about a message: replayed, or discarded.
#[derive(Debug, Clone)]
pub struct Decided {
    /// Which.
    pub id: EntityId,
    /// `replayed` or `discarded`.
    pub state: &'static str,
    /// By whom.
    pub by: String,
    /// What was said.
    pub note: Option<String>,
}

impl Verb for Decided {
    fn name(&self) -> &'static str {
        "device.decide"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.id)
    }

    fn decide(&self, state: &dyn State, now: Instant) -> Result<Decision, Refusal> {
        let refused = |code, fault, detail: &str| Refusal::Act { code, fault, detail: detail.to_owned() };
        let found = state.entity(&self.id)?;
        let found = found.ok_or_else(|| {
            refused("message_unknown", Fault::Missing, "没有这条消息。 / There is no such message.")
        })?;
        if text(&found, "messageState").as_deref() != Some("held") {
            return Err(refused(
                "message_decided",
                Fault::Conflict,
                "这条消息已处理过。 / The message was decided about before.",
            ));
        }
        let words = |t: &str| property(Value::text(t));
        let mut all = vec![
            ("messageState", words(self.state)),
            ("decidedBy", words(&self.by)),
            ("decidedAt", words(&now.to_string())),
        ];
        if let Some(note) = &self.note {
            all.push(("note", words(note)));
        }
        let set =
            |(name, attribute)| Change::SetAttribute { entity: self.id.clone(), name: iri(name), attribute };
        Ok(Decision::done(all.into_iter().map(set).collect()))
    }
}
