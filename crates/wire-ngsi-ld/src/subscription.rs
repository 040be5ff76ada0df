//! Subscriptions (CIM 009 §5.2.12, §5.8): the typed document, and what makes one send.
//!
//! Layout: this file holds the types; `read` (with `params` and `fields`) makes one of JSON, checks it and applies
//! updates; `write` shows it, to a
//! client in the terms of its context or to the store with full IRIs; [`matching`] decides whether a record concerns
//! it.
//!
//! Names of types and attributes are kept as IRIs. `q`, `csf` and what goes with them stay as written, together with
//! the `@context` they were written under, which is needed to compile them. Counters of delivery are no part of the
//! document: who delivers keeps them ([`DeliveryState`]).

mod fields;
pub mod matching;
mod params;
mod read;
mod write;

#[cfg(test)]
pub(crate) mod tests;

use nacre_kernel::query::{GeoQuery, TypeSelection};
use nacre_model::{EntityId, Instant, Iri, Value};
use serde_json::Value as Json;

use crate::entity_out::{Format, Projection};

pub use fields::ITEMS_MAX;
pub use matching::{Difference, Occasion, TriggeredEntity, Watch};
pub use write::View;

/// The collection subscriptions are stored in as documents.
pub const COLLECTION: &str = "subscription";

/// A subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id, a URI.
    pub id: Iri,
    /// Its name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Entities it is about; empty means all that have a watched attribute.
    pub entities: Vec<EntitySelector>,
    /// Which changes send; empty means created and updated attributes.
    pub triggers: Vec<Trigger>,
    /// Attributes whose changes count; empty means all.
    pub watched: Vec<Iri>,
    /// Condition on values, as written.
    pub q: Option<String>,
    /// Attributes in `q` whose values are terms, as written.
    pub expand_values: Option<String>,
    /// Attributes in `q` whose values are plain JSON, as written.
    pub json_keys: Option<String>,
    /// Condition on a geometry, with the JSON it was written in.
    pub geo_q: Option<(GeoQuery, Json)>,
    /// Condition on scopes, as written.
    pub scope_q: Option<String>,
    /// Condition on the times of context sources, as written.
    pub temporal_q: Option<Json>,
    /// Condition on context sources, as written.
    pub csf: Option<String>,
    /// Only instances with these dataset ids are sent (`None` inside: the default instance); empty means all.
    pub datasets: Vec<Option<Iri>>,
    /// When it ends.
    pub expires_at: Option<Instant>,
    /// False pauses it.
    pub is_active: Option<bool>,
    /// The `@context` notifications shall have, where asked for.
    pub jsonld_context: Option<String>,
    /// The URL of the `@context` it was made under.
    pub context_link: String,
    /// The `@context` under which `q` was written.
    pub context: Json,
    /// Language filter of notifications.
    pub lang: Option<String>,
    /// Only entities of this broker.
    pub local_only: Option<bool>,
    /// Version of NGSI-LD notifications shall conform to, `major.minor`.
    pub conformance: Option<String>,
    /// Whether entities may be spread over brokers.
    pub split_entities: Option<bool>,
    /// Least time between two notifications, in seconds.
    pub throttling: Option<f64>,
    /// Send in this interval, in seconds, whatever changes.
    pub time_interval: Option<f64>,
    /// What is sent and to whom.
    pub notification: NotificationParams,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub modified_at: Instant,
}

/// A group of entities (CIM 009 §5.2.33).
#[derive(Debug, Clone)]
pub struct EntitySelector {
    /// Types; none means `*`, any.
    pub types: Option<TypeSelection>,
    /// Ids; empty means any.
    pub ids: Vec<EntityId>,
    /// Form of the id; ids go before it.
    pub id_pattern: Option<nacre_kernel::query::Pattern>,
}

/// A kind of change that sends (CIM 009 §5.2.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Trigger {
    EntityCreated,
    EntityUpdated,
    EntityDeleted,
    AttributeCreated,
    AttributeUpdated,
    AttributeDeleted,
}

impl Trigger {
    const ALL: [(Trigger, &'static str); 6] = [
        (Trigger::EntityCreated, "entityCreated"),
        (Trigger::EntityUpdated, "entityUpdated"),
        (Trigger::EntityDeleted, "entityDeleted"),
        (Trigger::AttributeCreated, "attributeCreated"),
        (Trigger::AttributeUpdated, "attributeUpdated"),
        (Trigger::AttributeDeleted, "attributeDeleted"),
    ];
    /// What counts where nothing is said.
    const DEFAULT: [Trigger; 2] = [Trigger::AttributeCreated, Trigger::AttributeUpdated];

    fn name(self) -> &'static str {
        Trigger::ALL.iter().find(|(t, _)| *t == self).map_or("", |(_, n)| n)
    }
}

/// What is sent (CIM 009 §5.2.14).
#[derive(Debug, Clone)]
pub struct NotificationParams {
    /// Only these attributes (the older way); empty means all.
    pub attributes: Vec<Iri>,
    /// Only these members.
    pub pick: Option<Projection>,
    /// All but these members.
    pub omit: Option<Projection>,
    /// The form, with the word it was asked for by.
    pub format: Option<(Format, String)>,
    /// Linked entities inside or after the entity.
    pub join: Option<Join>,
    /// How many relationships are followed in a row.
    pub join_level: Option<u32>,
    /// Whether the previous content stands beside the new.
    pub show_changes: Option<bool>,
    /// Whether createdAt, modifiedAt, expiresAt and deletedAt are sent.
    pub sys_attrs: Option<bool>,
    /// To whom.
    pub endpoint: Endpoint,
}

/// How linked entities are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Join {
    None,
    Flat,
    Inline,
}

/// Who receives (CIM 009 §5.2.15).
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Where to send: http, https, mqtt or mqtts.
    pub uri: String,
    /// Media type of the notification.
    pub accept: Option<Accept>,
    /// Headers to send, in order.
    pub receiver_info: Vec<(String, String)>,
    /// Settings of the channel, in order.
    pub notifier_info: Vec<(String, String)>,
    /// Milliseconds after which an answer no longer counts.
    pub timeout_ms: Option<f64>,
    /// Milliseconds of rest after a failure.
    pub cooldown_ms: Option<f64>,
}

/// Media types of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs)]
pub enum Accept {
    #[default]
    Json,
    LdJson,
    GeoJson,
}

impl Accept {
    const ALL: [(Accept, &'static str); 3] = [
        (Accept::Json, "application/json"),
        (Accept::LdJson, "application/ld+json"),
        (Accept::GeoJson, "application/geo+json"),
    ];

    /// The media type.
    pub fn media_type(self) -> &'static str {
        Accept::ALL.iter().find(|(a, _)| *a == self).map_or("", |(_, n)| n)
    }
}

/// What a subscription is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Status {
    Active,
    Paused,
    Expired,
}

/// What deliveries have come to; a part of the subscription for those who read it, output only (CIM 009 §5.2.14.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DeliveryState {
    /// Notifications sent.
    pub times_sent: u64,
    /// Of these, unsuccessful.
    pub times_failed: u64,
    /// The last attempt.
    pub last_notification: Option<Instant>,
    /// The last success.
    pub last_success: Option<Instant>,
    /// The last failure.
    pub last_failure: Option<Instant>,
}

impl DeliveryState {
    /// Counts an attempt.
    pub fn record(&mut self, at: Instant, success: bool) {
        self.times_sent += 1;
        self.last_notification = Some(at);
        if success {
            self.last_success = Some(at);
        } else {
            self.times_failed += 1;
            self.last_failure = Some(at);
        }
    }
}

impl Subscription {
    /// What it is doing at `now`.
    pub fn status(&self, now: Instant) -> Status {
        if self.expires_at.is_some_and(|at| at <= now) {
            Status::Expired
        } else if self.is_active == Some(false) {
            Status::Paused
        } else {
            Status::Active
        }
    }

    /// The URL of the `@context` of notifications: the one asked for, else that of the request that made it.
    pub fn notification_context(&self) -> &str {
        self.jsonld_context.as_deref().unwrap_or(&self.context_link)
    }

    /// As it is stored.
    pub fn to_value(&self) -> Value {
        crate::json::value_in(&self.to_stored())
    }
}

impl NotificationParams {
    /// The form of entities in notifications.
    pub fn format(&self) -> Format {
        self.format.as_ref().map(|(f, _)| *f).unwrap_or_default()
    }
}
