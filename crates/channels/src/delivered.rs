//! What became of a notice outside, written on the notice itself: the one place where it is looked for.

use nacre_cases::case::{attribute, iri};
use nacre_cases::value;
use nacre_kernel::commands::{Decision, State};
use nacre_kernel::{Refusal, Verb};
use nacre_model::{Attribute, Change, Content, Entity, EntityId, Instant};
use serde::{Deserialize, Serialize};

use crate::address::Address;
use crate::outbox::Fate;

/// Where it stands.
pub const DELIVERY: &str = "delivery";

/// What became of a notice at one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Names the address without saying it.
    pub key: String,
    /// `mail`, `webhook`, `wecom-robot`, `wecom`.
    pub channel: String,
    /// The address, masked.
    pub to: String,
    /// `sent`, `waiting`, `failed`.
    pub state: String,
    /// How often it was tried.
    pub tries: u32,
    /// The last try.
    pub at: String,
    /// Why it was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Delivery {
    /// Of a try.
    pub fn of(address: &Address, fate: Fate, tries: u32, at: Instant, error: Option<&str>) -> Delivery {
        Delivery {
            key: address.key(),
            channel: address.way().name().into(),
            to: address.masked(),
            state: fate.name().into(),
            tries,
            at: at.to_string(),
            error: error.filter(|_| fate != Fate::Sent).map(str::to_owned),
        }
    }

    /// Nothing more happens by itself.
    pub fn ended(&self) -> bool {
        self.state != Fate::Waiting.name()
    }
}

/// What is known of a notice.
pub fn deliveries(notice: &Entity) -> Vec<Delivery> {
    match attribute(notice, DELIVERY) {
        Some(Content::Property(v) | Content::Json(v)) => value::read(v).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A notice was sent, or was not.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// Which notice.
    pub notice: EntityId,
    /// What became of it.
    pub delivery: Delivery,
}

impl Verb for Delivered {
    fn name(&self) -> &'static str {
        "notice.delivered"
    }

    fn entity(&self) -> Option<&EntityId> {
        Some(&self.notice)
    }

    fn decide(&self, state: &dyn State, _now: Instant) -> Result<Decision, Refusal> {
        // A notice that was deleted meanwhile needs no account.
        let Some(notice) = state.entity(&self.notice)? else { return Ok(Decision::done(Vec::new())) };
        let mut all = deliveries(&notice);
        match all.iter_mut().find(|d| d.key == self.delivery.key) {
            Some(known) => *known = self.delivery.clone(),
            None => all.push(self.delivery.clone()),
        }
        let all = serde_json::to_value(&all).unwrap_or_default();
        let attribute = Attribute::new(Content::Json(value::of(&all)));
        let change = Change::SetAttribute { entity: self.notice.clone(), name: iri(DELIVERY), attribute };
        Ok(Decision::done(vec![change]))
    }
}
