//! Subscriptions as JSON: in the terms of a client's context, or for the store.

use nacre_model::{Instant, Iri};
use serde_json::{Map, Value as Json, json};

use super::{
    DeliveryState, Endpoint, EntitySelector, Join, NotificationParams, Status, Subscription, Trigger,
};
use crate::context::Context;
use crate::type_query;

/// How to show a subscription to a client.
pub struct View<'a> {
    /// In whose terms.
    pub context: &'a Context,
    /// What deliveries have come to.
    pub delivery: DeliveryState,
    /// Whether the default trigger and context are told; not so of subscriptions to registrations.
    pub defaults: bool,
    /// Whether createdAt and modifiedAt are shown.
    pub sys_attrs: bool,
    /// Whether the body carries its `@context`.
    pub with_context: bool,
    /// The present, for the status.
    pub now: Instant,
}

type Names<'a> = &'a dyn Fn(&Iri) -> String;

/// An instant as JSON: no fraction where it is nought.
pub(super) fn time(at: Instant) -> Json {
    Json::String(at.to_string().replace(".000Z", "Z"))
}

fn number(n: f64) -> Json {
    if n.fract() == 0.0 && n.abs() < 1e15 { json!(n as i64) } else { json!(n) }
}

fn put(map: &mut Map<String, Json>, name: &str, value: Option<impl Into<Json>>) {
    if let Some(value) = value {
        map.insert(name.to_owned(), value.into());
    }
}

fn list<T>(items: &[T], one: impl Fn(&T) -> String) -> Option<Json> {
    (!items.is_empty()).then(|| items.iter().map(one).collect::<Vec<_>>().into())
}

impl Subscription {
    /// As a client reads it.
    pub fn to_json(&self, view: &View<'_>) -> Json {
        let name = |iri: &Iri| view.context.compact(iri.as_str()).into_owned();
        let mut map = self.members(&name);
        if view.defaults {
            map.insert("jsonldContext".into(), self.notification_context().into());
        }
        if view.defaults && self.triggers.is_empty() {
            map.insert("notificationTrigger".into(), Trigger::DEFAULT.map(Trigger::name).to_vec().into());
        }
        let status = match self.status(view.now) {
            Status::Active => "active",
            Status::Paused => "paused",
            Status::Expired => "expired",
        };
        map.insert("status".into(), status.into());
        if let Some(Json::Object(notification)) = map.get_mut("notification") {
            delivery(notification, &view.delivery);
        }
        if view.sys_attrs {
            map.insert("createdAt".into(), time(self.created_at));
            map.insert("modifiedAt".into(), time(self.modified_at));
        }
        if view.with_context {
            map.insert("@context".into(), view.context.document().clone());
        }
        Json::Object(map)
    }

    /// As it is stored: full IRIs, the context of `q`, the times.
    pub(super) fn to_stored(&self) -> Json {
        let mut map = self.members(&Iri::to_string);
        map.insert("@context".into(), self.context.clone());
        map.insert("contextLink".into(), self.context_link.clone().into());
        map.insert("createdAt".into(), time(self.created_at));
        map.insert("modifiedAt".into(), time(self.modified_at));
        Json::Object(map)
    }

    fn members(&self, name: Names<'_>) -> Map<String, Json> {
        let mut map = Map::new();
        put(&mut map, "id", Some(self.id.as_str()));
        put(&mut map, "type", Some("Subscription"));
        put(&mut map, "subscriptionName", self.name.clone());
        put(&mut map, "description", self.description.clone());
        if !self.entities.is_empty() {
            let entities: Vec<Json> = self.entities.iter().map(|e| selector(e, name)).collect();
            map.insert("entities".into(), entities.into());
        }
        put(&mut map, "notificationTrigger", list(&self.triggers, |t| t.name().to_owned()));
        put(&mut map, "watchedAttributes", list(&self.watched, name));
        put(&mut map, "q", self.q.clone());
        put(&mut map, "expandValues", self.expand_values.clone());
        put(&mut map, "jsonKeys", self.json_keys.clone());
        if let Some((query, written)) = &self.geo_q {
            let mut written = written.clone();
            if let Some(property) = written.get_mut("geoproperty") {
                *property = name(&query.property).into();
            }
            map.insert("geoQ".into(), written);
        }
        put(&mut map, "scopeQ", self.scope_q.clone());
        put(&mut map, "temporalQ", self.temporal_q.clone());
        put(&mut map, "csf", self.csf.clone());
        let dataset = |d: &Option<Iri>| d.as_ref().map_or_else(|| "@none".to_owned(), Iri::to_string);
        put(&mut map, "datasetId", list(&self.datasets, dataset));
        put(&mut map, "expiresAt", self.expires_at.map(time));
        put(&mut map, "isActive", self.is_active);
        put(&mut map, "jsonldContext", self.jsonld_context.clone());
        put(&mut map, "lang", self.lang.clone());
        put(&mut map, "localOnly", self.local_only);
        put(&mut map, "ngsildConformance", self.conformance.clone());
        put(&mut map, "splitEntities", self.split_entities);
        put(&mut map, "throttling", self.throttling.map(number));
        put(&mut map, "timeInterval", self.time_interval.map(number));
        map.insert("notification".into(), notification(&self.notification, name));
        map
    }
}

fn selector(selector: &EntitySelector, name: Names<'_>) -> Json {
    let mut map = Map::new();
    match selector.ids.as_slice() {
        [] => {}
        [one] => put(&mut map, "id", Some(one.as_str())),
        all => put(&mut map, "id", list(all, |id| id.to_string())),
    }
    put(&mut map, "idPattern", selector.id_pattern.as_ref().map(|p| p.0.as_str()));
    let types = selector.types.as_ref().map_or_else(|| "*".to_owned(), |t| type_query::print(t, name));
    put(&mut map, "type", Some(types));
    Json::Object(map)
}

fn notification(params: &NotificationParams, name: Names<'_>) -> Json {
    let mut map = Map::new();
    put(&mut map, "attributes", list(&params.attributes, name));
    put(&mut map, "pick", params.pick.as_ref().map(|p| p.print(name)));
    put(&mut map, "omit", params.omit.as_ref().map(|p| p.print(name)));
    put(&mut map, "format", params.format.as_ref().map(|(_, word)| word.clone()));
    let join = params.join.map(|j| match j {
        Join::None => "@none",
        Join::Flat => "flat",
        Join::Inline => "inline",
    });
    put(&mut map, "join", join);
    put(&mut map, "joinLevel", params.join_level);
    put(&mut map, "showChanges", params.show_changes);
    put(&mut map, "sysAttrs", params.sys_attrs);
    map.insert("endpoint".into(), endpoint(&params.endpoint));
    Json::Object(map)
}

fn endpoint(endpoint: &Endpoint) -> Json {
    let mut map = Map::new();
    put(&mut map, "uri", Some(endpoint.uri.clone()));
    put(&mut map, "accept", endpoint.accept.map(super::Accept::media_type));
    let pairs = |pairs: &[(String, String)]| {
        let all: Vec<Json> = pairs.iter().map(|(k, v)| json!({"key": k, "value": v})).collect();
        (!all.is_empty()).then_some(all)
    };
    put(&mut map, "receiverInfo", pairs(&endpoint.receiver_info));
    put(&mut map, "notifierInfo", pairs(&endpoint.notifier_info));
    put(&mut map, "timeout", endpoint.timeout_ms.map(number));
    put(&mut map, "cooldown", endpoint.cooldown_ms.map(number));
    Json::Object(map)
}

/// Counters that are nought are left out, as the standard asks for numbers greater than it.
fn delivery(map: &mut Map<String, Json>, state: &DeliveryState) {
    let status = match (state.last_success, state.last_failure) {
        (None, None) => None,
        (success, failure) if success >= failure => Some("ok"),
        _ => Some("failed"),
    };
    put(map, "status", status);
    put(map, "timesSent", Some(state.times_sent).filter(|n| *n > 0));
    put(map, "timesFailed", Some(state.times_failed).filter(|n| *n > 0));
    put(map, "lastNotification", state.last_notification.map(time));
    put(map, "lastSuccess", state.last_success.map(time));
    put(map, "lastFailure", state.last_failure.map(time));
}
