//! Whether a record concerns a subscription (CIM 009 §5.8.6), and what of it is to be told.
//!
//! An attribute counts as changed when anything a client can state of it differs from before: a write that changes
//! nothing sends nothing. Instances are compared one by one, by dataset id. Conditions are asked of the entity after
//! the record, of a deleted one before it.

use std::borrow::Cow;
use std::sync::Arc;

use nacre_kernel::query::Query;
use nacre_kernel::query::matching::{Links, matches};
use nacre_model::{Entity, Instant, Iri};
use nacre_views::{Applied, Touched};

use super::{Status, Subscription, Trigger};
use crate::context::Context;
use crate::errors::NgsiError;
use crate::{q, scope_q, type_query};

/// A subscription ready to match.
#[derive(Debug, Clone)]
pub struct Watch {
    subscription: Subscription,
    selectors: Vec<Query>,
    condition: Query,
}

/// What one instance went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Difference {
    Created,
    Updated,
    Deleted,
}

/// An entity to be told of.
#[derive(Debug, Clone)]
pub struct TriggeredEntity {
    /// Before the change.
    pub before: Option<Arc<Entity>>,
    /// After it; none when it was deleted.
    pub after: Option<Arc<Entity>>,
    /// When.
    pub at: Instant,
    /// Whether the deletion of attributes is what is told of a deleted entity.
    pub attributes_deleted: bool,
}

/// What is to be told in one notification.
#[derive(Debug, Clone, Default)]
pub struct Occasion {
    /// Each entity once.
    pub entities: Vec<TriggeredEntity>,
}

impl Occasion {
    /// The present state of entities: what an interval sends.
    pub fn present(entities: impl IntoIterator<Item = Arc<Entity>>, at: Instant) -> Occasion {
        let one = |e: Arc<Entity>| TriggeredEntity {
            before: Some(e.clone()),
            after: Some(e),
            at,
            attributes_deleted: false,
        };
        Occasion { entities: entities.into_iter().map(one).collect() }
    }

    /// Takes in a later occasion of the same request: one request is one notification, however many records it made.
    pub fn join(&mut self, later: Occasion) {
        for entity in later.entities {
            let id = |t: &TriggeredEntity| t.after.as_ref().or(t.before.as_ref()).map(|e| e.id.clone());
            match self.entities.iter_mut().find(|t| id(t) == id(&entity)) {
                Some(earlier) => {
                    earlier.after = entity.after;
                    earlier.at = entity.at;
                    earlier.attributes_deleted = entity.attributes_deleted;
                }
                None => self.entities.push(entity),
            }
        }
    }
}

impl Watch {
    pub(super) fn new(subscription: &Subscription, context: &Context) -> Result<Watch, NgsiError> {
        let expanded: Vec<Iri> = match &subscription.expand_values {
            Some(names) => names.split(',').map(|n| context.expand(n.trim())).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let filter = match &subscription.q {
            Some(text) => Some(q::parse(&decoded(text), context, &expanded).map_err(|e| e.at("/q"))?),
            None => None,
        };
        let condition = Query {
            filter,
            geo: subscription.geo_q.as_ref().map(|(query, _)| query.clone()),
            scopes: subscription.scope_q.as_deref().map(scope_q::parse).transpose()?,
            ..Query::default()
        };
        let selector = |e: &super::EntitySelector| Query {
            types: e.types.clone(),
            ids: e.ids.clone(),
            id_pattern: e.id_pattern.clone().filter(|_| e.ids.is_empty()),
            ..Query::default()
        };
        let selectors = subscription.entities.iter().map(selector).collect();
        Ok(Watch { subscription: subscription.clone(), selectors, condition })
    }

    /// The subscription.
    pub fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    /// Types one of which an entity must have to concern it; none means any. For an index over many subscriptions.
    pub fn types(&self) -> Option<Vec<&Iri>> {
        let mut all = Vec::new();
        for selector in &self.selectors {
            all.extend(type_query::types_of(selector.types.as_ref()?));
        }
        (!all.is_empty()).then_some(all)
    }

    /// Whether an entity is subscribed to and meets the conditions: what an interval sends.
    pub fn selects(&self, entity: &Entity, now: Instant, links: &dyn Links) -> bool {
        self.of_interest(entity, now, links) && matches(&self.condition, entity, now, links)
    }

    fn of_interest(&self, entity: &Entity, now: Instant, links: &dyn Links) -> bool {
        self.selectors.is_empty() || self.selectors.iter().any(|s| matches(s, entity, now, links))
    }

    /// Whether a record is to be told, and of which entities. `links` lead to entities as they are after it.
    pub fn matches_change(&self, applied: &Applied, links: &dyn Links) -> Option<Occasion> {
        let at = applied.record.at;
        let sends =
            self.subscription.status(at) == Status::Active && self.subscription.time_interval.is_none();
        if !sends {
            return None;
        }
        let one = |touched: &Touched| self.matches_entity(touched, at, links);
        let entities: Vec<TriggeredEntity> = applied.touched.iter().filter_map(one).collect();
        (!entities.is_empty()).then_some(Occasion { entities })
    }

    fn matches_entity(&self, touched: &Touched, at: Instant, links: &dyn Links) -> Option<TriggeredEntity> {
        let state = touched.after.as_ref().or(touched.before.as_ref())?;
        // An entity that is taken away because it expired was still there when it did.
        let now = match (&touched.after, state.expires_at) {
            (None, Some(expires_at)) => at.min(expires_at.plus_ms(-1)),
            _ => at,
        };
        if !self.of_interest(state, now, links) {
            return None;
        }
        let (by_entity, by_attribute) = self.triggered(touched);
        if !(by_entity || by_attribute) || !matches(&self.condition, state, now, links) {
            return None;
        }
        Some(TriggeredEntity {
            before: touched.before.clone(),
            after: touched.after.clone(),
            at,
            attributes_deleted: by_attribute && !by_entity,
        })
    }

    /// Whether the coming or going of the entity triggers, and whether a change of an attribute does.
    fn triggered(&self, touched: &Touched) -> (bool, bool) {
        let listed = &self.subscription.triggers;
        let has = |t: Trigger| {
            if listed.is_empty() { Trigger::DEFAULT.contains(&t) } else { listed.contains(&t) }
        };
        let watched = &self.subscription.watched;
        let watches = |name: &Iri| watched.is_empty() || watched.contains(name);
        let has_watched =
            |e: &Entity| watched.is_empty() || watched.iter().any(|n| e.attributes.contains_key(n));
        let by_entity = match (&touched.before, &touched.after) {
            (None, Some(after)) => has(Trigger::EntityCreated) && has_watched(after),
            (Some(before), None) => has(Trigger::EntityDeleted) && has_watched(before),
            _ => false,
        };
        let updated = has(Trigger::EntityUpdated);
        let counts = |difference: Difference| {
            updated
                || has(match difference {
                    Difference::Created => Trigger::AttributeCreated,
                    Difference::Updated => Trigger::AttributeUpdated,
                    Difference::Deleted => Trigger::AttributeDeleted,
                })
        };
        let by_attribute = differences(touched.before.as_deref(), touched.after.as_deref())
            .any(|(name, _, difference)| watches(name) && counts(difference));
        (by_entity, by_attribute)
    }
}

/// How the instances of an entity differ: name, dataset id, difference.
pub fn differences<'e>(
    before: Option<&'e Entity>,
    after: Option<&'e Entity>,
) -> impl Iterator<Item = (&'e Iri, Option<&'e Iri>, Difference)> {
    let instances = |e: Option<&'e Entity>| {
        let all = e.into_iter().flat_map(|e| e.attributes.iter());
        all.flat_map(|(name, all)| all.iter().map(move |i| (name, i)))
    };
    let present = instances(after).filter_map(move |(name, instance)| {
        let dataset = instance.attribute.dataset_id.as_ref();
        let difference = match before.and_then(|b| b.instance(name.as_str(), dataset)) {
            None => Difference::Created,
            Some(old) if old.attribute != instance.attribute => Difference::Updated,
            Some(_) => return None,
        };
        Some((name, dataset, difference))
    });
    let gone = instances(before).filter_map(move |(name, instance)| {
        let dataset = instance.attribute.dataset_id.as_ref();
        let stays = after.is_some_and(|a| a.instance(name.as_str(), dataset).is_some());
        (!stays).then_some((name, dataset, Difference::Deleted))
    });
    present.chain(gone)
}

/// A query as it stands in a body is sometimes percent-encoded as in a URL, where no `%` followed by two hexadecimal
/// digits can mean anything else than a byte.
fn decoded(text: &str) -> Cow<'_, str> {
    let hex = |b: Option<&u8>| b.and_then(|b| (*b as char).to_digit(16)).and_then(|d| u8::try_from(d).ok());
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(i) {
        match (byte, hex(bytes.get(i + 1)), hex(bytes.get(i + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                i += 3;
            }
            _ => {
                out.push(*byte);
                i += 1;
            }
        }
    }
    match String::from_utf8(out) {
        Ok(plain) if plain != text => Cow::Owned(plain),
        _ => Cow::Borrowed(text),
    }
}
