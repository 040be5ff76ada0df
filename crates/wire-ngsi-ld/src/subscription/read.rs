//! Subscriptions from JSON: creation, update, and back from the store; all restrictions of CIM 009 §5.2.12.

use nacre_kernel::query::Pattern;
use nacre_model::{EntityId, Instant, Iri, Value};
use serde_json::Value as Json;

use super::fields::{attribute, boolean, instant, is_null, items, object, positive, text, uri};
use super::params::notification;
use super::{Endpoint, EntitySelector, NotificationParams, Subscription, Trigger, Watch};
use crate::context::Context;
use crate::entity_out::LanguageFilter;
use crate::errors::NgsiError;
use crate::{geo, scope_q, type_query};

const TYPE_NAME: &str = "Subscription";

impl Subscription {
    /// Reads a new one. `id` is taken where the document has none.
    pub fn create(json: &Json, id: &str, context: &Context, now: Instant) -> Result<Subscription, NgsiError> {
        let members = object(json, "")?;
        if members.get("type").and_then(Json::as_str) != Some(TYPE_NAME) {
            return Err(NgsiError::bad("`type` must be `Subscription`").at("/type"));
        }
        let id = match members.get("id").filter(|id| !is_null(id)) {
            Some(id) => uri(text(id, "/id")?, "/id")?,
            None => uri(id, "/id")?,
        };
        let mut subscription = Subscription::blank(id, context, now);
        match members.get("notification").filter(|n| !is_null(n)) {
            Some(json) => subscription.notification = notification(json, context)?,
            None => return Err(NgsiError::bad("a subscription needs a `notification`").at("/notification")),
        }
        for (name, value) in members {
            if !matches!(name.as_str(), "id" | "notification") && !is_null(value) {
                subscription.set(name, value, context)?;
            }
        }
        subscription.check(context, Some(now))?;
        Ok(subscription)
    }

    /// The subscription with the members of a fragment: each replaces the member of its name, null takes it away
    /// (CIM 009 §5.8.2, §5.5.8).
    pub fn updated(
        &self,
        fragment: &Json,
        context: &Context,
        now: Instant,
    ) -> Result<Subscription, NgsiError> {
        let mut subscription = self.clone();
        let mut queries_change = false;
        for (name, value) in object(fragment, "")? {
            // What goes with `q` is read under the context `q` came with.
            let beside = matches!(name.as_str(), "csf" | "expandValues" | "jsonKeys");
            queries_change |= name == "q" || beside && self.q.is_none();
            match name.as_str() {
                "id" if value.as_str() != Some(self.id.as_str()) => {
                    return Err(NgsiError::bad("the id of a subscription cannot be changed").at("/id"));
                }
                "type" if value.as_str() != Some(TYPE_NAME) => {
                    return Err(NgsiError::bad("`type` must be `Subscription`").at("/type"));
                }
                "id" | "type" => {}
                "notification" if is_null(value) => {
                    return Err(NgsiError::bad("a subscription needs a `notification`").at("/notification"));
                }
                "notification" => subscription.notification = notification(value, context)?,
                name if is_null(value) => subscription.unset(name),
                name => subscription.set(name, value, context)?,
            }
        }
        if queries_change {
            subscription.context = context.document().clone();
        }
        let expiry_given = fragment.get("expiresAt").is_some_and(|at| !is_null(at));
        subscription.modified_at = now;
        subscription.check(context, Some(now).filter(|_| expiry_given))?;
        Ok(subscription)
    }

    /// Reads what [`Subscription::to_value`] made.
    pub fn from_value(value: &Value) -> Result<Subscription, NgsiError> {
        let json = crate::json::value_out(value);
        let members = object(&json, "")?;
        let core = Context::core();
        let id = members.get("id").and_then(Json::as_str).unwrap_or_default();
        let mut subscription = Subscription::blank(uri(id, "/id")?, &core, Instant::default());
        for (name, value) in members {
            match name.as_str() {
                "id" => {}
                "@context" => subscription.context = value.clone(),
                "contextLink" => subscription.context_link = text(value, "/contextLink")?.to_owned(),
                "createdAt" => subscription.created_at = instant(value, "/createdAt")?,
                "modifiedAt" => subscription.modified_at = instant(value, "/modifiedAt")?,
                "notification" => subscription.notification = notification(value, &core)?,
                name => subscription.set(name, value, &core)?,
            }
        }
        Ok(subscription)
    }

    /// Makes it ready to match; `context` is the one of [`Subscription::context`].
    pub fn compile(&self, context: &Context) -> Result<Watch, NgsiError> {
        Watch::new(self, context)
    }

    fn blank(id: Iri, context: &Context, now: Instant) -> Subscription {
        Subscription {
            id,
            name: None,
            description: None,
            entities: Vec::new(),
            triggers: Vec::new(),
            watched: Vec::new(),
            q: None,
            expand_values: None,
            json_keys: None,
            geo_q: None,
            scope_q: None,
            temporal_q: None,
            csf: None,
            datasets: Vec::new(),
            expires_at: None,
            is_active: None,
            jsonld_context: None,
            context_link: context.link().to_owned(),
            context: context.document().clone(),
            lang: None,
            local_only: None,
            conformance: None,
            split_entities: None,
            throttling: None,
            time_interval: None,
            notification: NotificationParams {
                attributes: Vec::new(),
                pick: None,
                omit: None,
                format: None,
                join: None,
                join_level: None,
                show_changes: None,
                sys_attrs: None,
                endpoint: Endpoint {
                    uri: String::new(),
                    accept: None,
                    receiver_info: Vec::new(),
                    notifier_info: Vec::new(),
                    timeout_ms: None,
                    cooldown_ms: None,
                },
            },
            created_at: now,
            modified_at: now,
        }
    }

    /// Sets one member. What is output only, and what nobody knows, is passed over.
    fn set(&mut self, name: &str, value: &Json, context: &Context) -> Result<(), NgsiError> {
        let at = format!("/{name}");
        match name {
            "subscriptionName" => self.name = Some(text(value, &at)?.to_owned()),
            "description" => self.description = Some(text(value, &at)?.to_owned()),
            "entities" => self.entities = items(value, &at, |v, at| selector(v, at, context))?,
            "notificationTrigger" => self.triggers = items(value, &at, trigger)?,
            "watchedAttributes" => self.watched = items(value, &at, |v, at| attribute(v, at, context))?,
            "q" => self.q = Some(text(value, &at)?.to_owned()),
            "expandValues" => self.expand_values = Some(text(value, &at)?.to_owned()),
            "jsonKeys" => self.json_keys = Some(text(value, &at)?.to_owned()),
            "geoQ" => {
                let query = geo::from_json(value, context).map_err(|e| under(e, &at))?;
                let mut written = value.clone();
                if let Some(property) = written.get_mut("geoproperty") {
                    *property = query.property.as_str().into();
                }
                self.geo_q = Some((query, written));
            }
            "scopeQ" => {
                let scopes = text(value, &at)?;
                scope_q::parse(scopes)?;
                self.scope_q = Some(scopes.to_owned());
            }
            "temporalQ" => {
                object(value, &at)?;
                crate::temporal::query::from_json(Some(value), None, Default::default())?;
                self.temporal_q = Some(value.clone());
            }
            "csf" => self.csf = Some(text(value, &at)?.to_owned()),
            "datasetId" => {
                self.datasets = items(value, &at, |v, at| match text(v, at)? {
                    "@none" => Ok(None),
                    other => uri(other, at).map(Some),
                })?;
            }
            "expiresAt" => self.expires_at = Some(instant(value, &at)?),
            "isActive" => self.is_active = Some(boolean(value, &at)?),
            "jsonldContext" => self.jsonld_context = Some(uri(text(value, &at)?, &at)?.to_string()),
            "lang" => {
                let lang = text(value, &at)?;
                LanguageFilter::parse(lang)?;
                self.lang = Some(lang.to_owned());
            }
            "localOnly" => self.local_only = Some(boolean(value, &at)?),
            "ngsildConformance" => self.conformance = Some(version(text(value, &at)?, &at)?),
            "splitEntities" => self.split_entities = Some(boolean(value, &at)?),
            "throttling" => self.throttling = Some(positive(value, &at)?),
            "timeInterval" => self.time_interval = Some(positive(value, &at)?),
            _ => {}
        }
        Ok(())
    }

    fn unset(&mut self, name: &str) {
        match name {
            "subscriptionName" => self.name = None,
            "description" => self.description = None,
            "entities" => self.entities.clear(),
            "notificationTrigger" => self.triggers.clear(),
            "watchedAttributes" => self.watched.clear(),
            "q" => self.q = None,
            "expandValues" => self.expand_values = None,
            "jsonKeys" => self.json_keys = None,
            "geoQ" => self.geo_q = None,
            "scopeQ" => self.scope_q = None,
            "temporalQ" => self.temporal_q = None,
            "csf" => self.csf = None,
            "datasetId" => self.datasets.clear(),
            "expiresAt" => self.expires_at = None,
            "isActive" => self.is_active = None,
            "jsonldContext" => self.jsonld_context = None,
            "lang" => self.lang = None,
            "localOnly" => self.local_only = None,
            "ngsildConformance" => self.conformance = None,
            "splitEntities" => self.split_entities = None,
            "throttling" => self.throttling = None,
            "timeInterval" => self.time_interval = None,
            _ => {}
        }
    }

    /// Restrictions between members; the end must lie after `now`, where that is given.
    fn check(&self, context: &Context, now: Option<Instant>) -> Result<(), NgsiError> {
        let bad = |what: &str, at: &str| Err(NgsiError::bad(what).at(at));
        let local = self.local_only == Some(true);
        if self.entities.is_empty() && self.watched.is_empty() && !local {
            return bad("a subscription needs `entities` or `watchedAttributes`", "/entities");
        }
        if local_by_type(self) && self.local_only == Some(false) {
            return bad(
                "the type `*` means entities of this broker, which `localOnly` false denies",
                "/localOnly",
            );
        }
        if self.time_interval.is_some() {
            if !self.watched.is_empty() {
                return bad("`timeInterval` and `watchedAttributes` exclude each other", "/timeInterval");
            }
            if self.throttling.is_some() {
                return bad("`timeInterval` and `throttling` exclude each other", "/timeInterval");
            }
            if self.entities.is_empty() && !local {
                return bad("`timeInterval` needs `entities`", "/entities");
            }
        }
        if let (Some(expires_at), Some(now)) = (self.expires_at, now)
            && expires_at <= now
        {
            return bad("`expiresAt` lies in the past", "/expiresAt");
        }
        // `q` is read under the context it came with; when only other members changed, it was read before.
        if self.context == *context.document() {
            self.compile(context)?;
        }
        Ok(())
    }
}

fn local_by_type(subscription: &Subscription) -> bool {
    subscription.entities.iter().any(|e| e.types.is_none())
}

fn trigger(json: &Json, at: &str) -> Result<Trigger, NgsiError> {
    let name = text(json, at)?;
    let found = Trigger::ALL.iter().find(|(_, n)| *n == name).map(|(t, _)| *t);
    found.ok_or_else(|| {
        let all: Vec<&str> = Trigger::ALL.iter().map(|(_, n)| *n).collect();
        NgsiError::bad(format!("`{name}` is no trigger: {} are", all.join(", "))).at(at)
    })
}

fn selector(json: &Json, at: &str, context: &Context) -> Result<EntitySelector, NgsiError> {
    let members = object(json, at)?;
    let types = match members.get("type").and_then(Json::as_str) {
        Some("*") => None,
        Some(types) => Some(type_query::parse(types, context).map_err(|e| e.at(format!("{at}/type")))?),
        None => {
            return Err(NgsiError::bad("an entity selector needs a `type`, or `*`").at(format!("{at}/type")));
        }
    };
    let id =
        |v: &Json, at: &str| EntityId::new(text(v, at)?).map_err(|e| NgsiError::bad(e.to_string()).at(at));
    let ids = match members.get("id") {
        None | Some(Json::Null) => Vec::new(),
        Some(one @ Json::String(_)) => vec![id(one, &format!("{at}/id"))?],
        Some(all) => items(all, &format!("{at}/id"), id)?,
    };
    let id_pattern = match members.get("idPattern") {
        None | Some(Json::Null) => None,
        Some(pattern) => {
            let at = format!("{at}/idPattern");
            Some(Pattern::new(text(pattern, &at)?).map_err(|e| NgsiError::bad(e.to_string()).at(at))?)
        }
    };
    Ok(EntitySelector { types, ids, id_pattern })
}

fn under(error: NgsiError, prefix: &str) -> NgsiError {
    let inner = error.pointer.clone().unwrap_or_default();
    error.at(format!("{prefix}{inner}"))
}

fn version(text: &str, at: &str) -> Result<String, NgsiError> {
    let whole = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit());
    match text.split_once('.') {
        Some((major, minor)) if whole(major) && whole(minor) => Ok(text.to_owned()),
        _ => Err(NgsiError::bad("a version `major.minor` is expected").at(at)),
    }
}
