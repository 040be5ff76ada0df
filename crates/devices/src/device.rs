//! A device and its credential.

use nacre_model::{Entity, EntityId, Instant};
use sha2::{Digest, Sha256};

use crate::names::{flag, instant, local, number, object, text};

/// Type of a device.
pub const DEVICE: &str = "Device";

/// A device, as its entity says.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its entity.
    pub id: EntityId,
    /// Name for people.
    pub name: String,
    /// Id of its feed.
    pub feed: String,
    /// What its readings are of; itself where nothing is written.
    pub asset: Option<EntityId>,
    /// Readings are not of the world.
    pub simulated: bool,
    /// SHA-256 of its password, hex.
    pub credential: Option<String>,
    /// The credential counts no more.
    pub revoked: Option<Instant>,
    /// When it was last heard, as recorded.
    pub last_seen: Option<Instant>,
    /// 0 to 1.
    pub battery: Option<f64>,
    /// Version.
    pub firmware: Option<String>,
    /// Its clock was ahead by so many seconds.
    pub skew_s: Option<f64>,
}

impl Device {
    /// Reads a device; nothing when the entity is none.
    pub fn read(entity: &Entity) -> Option<Device> {
        if !entity.types.iter().any(|t| t.as_str().ends_with("/Device")) {
            return None;
        }
        Some(Device {
            id: entity.id.clone(),
            name: text(entity, "name").unwrap_or_else(|| local(entity.id.as_str()).to_owned()),
            feed: text(entity, "feed")?,
            asset: object(entity, "controlledAsset").and_then(|a| EntityId::new(&a).ok()),
            simulated: flag(entity, "simulated"),
            credential: text(entity, "credentialDigest"),
            revoked: instant(entity, "credentialRevokedAt"),
            last_seen: instant(entity, "dateLastValueReported"),
            battery: number(entity, "batteryLevel"),
            firmware: text(entity, "firmwareVersion"),
            skew_s: number(entity, "clockSkew"),
        })
    }

    /// Its local id: also its user name.
    pub fn local(&self) -> &str {
        local(self.id.as_str())
    }

    /// What its readings are of.
    pub fn target(&self) -> &EntityId {
        self.asset.as_ref().unwrap_or(&self.id)
    }

    /// Whether a password is its own.
    pub fn knows(&self, password: &[u8]) -> bool {
        let Some(kept) = self.credential.as_deref().filter(|_| self.revoked.is_none()) else { return false };
        let given = digest(password);
        // Every character is looked at, so that time tells nothing.
        kept.len() == given.len() && kept.bytes().zip(given.bytes()).fold(0, |d, (a, b)| d | (a ^ b)) == 0
    }
}

/// What is kept of a password. It is long and random, so a plain digest does.
pub fn digest(password: &[u8]) -> String {
    hex::encode(Sha256::digest(password))
}
