//! Notifications (CIM 009 §5.3.1, §5.8.6, §6.3.8, §7.2): the bytes and headers to send, and nothing of the sending.
//!
//! What differs from an answer to a query: what was deleted is still named, as null, and with `showChanges` what
//! stood before stands beside what stands now.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use nacre_kernel::query::matching::Links;
use nacre_model::{Attribute, Entity, Instance, Instant, Iri};

use crate::context::Context;
use crate::entity_out::attribute::Marks;
use crate::entity_out::entity::{Writer, embed};
use crate::entity_out::joined::follow;
use crate::entity_out::{Format, Joined, LanguageFilter, NULL, Representation, geojson, json};
use crate::errors::NgsiError;
use crate::subscription::{Accept, Join, Occasion, Subscription, TriggeredEntity};

/// What stands around the data of a notification.
#[derive(Debug, Clone, Copy)]
pub struct Envelope<'a> {
    /// The notification's own id, a URI.
    pub id: &'a str,
    /// When it is made.
    pub at: Instant,
    /// The tenant; none for the default one.
    pub tenant: Option<&'a str>,
}

/// A notification ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The body.
    pub body: Vec<u8>,
    /// Headers in order; of MQTT the metadata.
    pub headers: Vec<(String, String)>,
}

impl Message {
    /// The payload of an MQTT message (CIM 009 §7.2).
    pub fn mqtt(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + 256);
        out.extend_from_slice(b"{\"metadata\":{");
        for (i, (name, value)) in self.headers.iter().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            json::any_name(&mut out, name);
            json::string(&mut out, value);
        }
        out.extend_from_slice(b"},\"body\":");
        out.extend_from_slice(&self.body);
        out.push(b'}');
        out
    }
}

/// The value of a Link header that names a context (CIM 009 §6.3.5).
pub fn context_link(url: &str) -> String {
    format!("<{url}>; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"")
}

/// Makes the notification of an occasion. `context` is that of [`Subscription::notification_context`]; `links` lead to the
/// entities a receiver may see.
pub fn build(
    subscription: &Subscription,
    occasion: &Occasion,
    context: &Context,
    links: &dyn Links,
    envelope: &Envelope<'_>,
) -> Result<Message, NgsiError> {
    let params = &subscription.notification;
    let accept = params.endpoint.accept.unwrap_or_default();
    let rep = Representation {
        format: params.format(),
        sys_attrs: params.sys_attrs == Some(true),
        pick: params.pick.clone(),
        omit: params.omit.clone(),
        attributes: params.attributes.clone(),
        lang: subscription.lang.as_deref().map(LanguageFilter::parse).transpose()?,
        datasets: subscription.datasets.clone(),
        with_context: accept == Accept::LdJson,
        now: envelope.at,
    };
    let joined = Joined { links, levels: params.join_level.unwrap_or(1) };
    let join = params.join.unwrap_or(Join::None);
    let data = Data {
        context,
        rep: &rep,
        joined: &joined,
        join,
        show_changes: params.show_changes == Some(true),
        watched: &subscription.watched,
    };
    let plain_json = prefers_plain(subscription);
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"{\"id\":");
    json::string(&mut out, envelope.id);
    out.extend_from_slice(b",\"type\":\"Notification\",\"subscriptionId\":");
    json::string(&mut out, subscription.id.as_str());
    out.extend_from_slice(b",\"notifiedAt\":");
    json::instant(&mut out, envelope.at);
    out.extend_from_slice(b",\"data\":");
    if accept == Accept::GeoJson {
        let location = context.expand("location")?;
        data.features(&mut out, occasion, &location, !plain_json);
    } else {
        data.entities(&mut out, occasion);
    }
    out.push(b'}');
    let with_link = accept == Accept::Json || (accept == Accept::GeoJson && plain_json);
    let headers = headers(subscription, accept, context, with_link, envelope.tenant);
    Ok(Message { body: out, headers })
}

/// Whether the receiver wants GeoJSON without `@context` inside.
fn prefers_plain(subscription: &Subscription) -> bool {
    let mut info = subscription.notification.endpoint.receiver_info.iter();
    info.any(|(name, value)| name.eq_ignore_ascii_case("Prefer") && value.trim() == "body=json")
}

fn headers(
    subscription: &Subscription,
    accept: Accept,
    context: &Context,
    with_link: bool,
    tenant: Option<&str>,
) -> Vec<(String, String)> {
    let mut headers = vec![("Content-Type".to_owned(), accept.media_type().to_owned())];
    if with_link {
        headers.push(("Link".to_owned(), context_link(context.link())));
    }
    if let Some(tenant) = tenant {
        headers.push(("NGSILD-Tenant".to_owned(), tenant.to_owned()));
    }
    // What describes the body is ours to say.
    const OURS: [&str; 5] = ["content-type", "content-length", "transfer-encoding", "host", "connection"];
    let info = &subscription.notification.endpoint.receiver_info;
    let theirs = info.iter().filter(|(name, _)| !OURS.contains(&name.to_ascii_lowercase().as_str()));
    headers.extend(theirs.cloned());
    headers
}

struct Data<'a> {
    context: &'a Context,
    rep: &'a Representation,
    joined: &'a Joined<'a>,
    join: Join,
    show_changes: bool,
    watched: &'a [Iri],
}

impl Data<'_> {
    fn entities(&self, out: &mut Vec<u8>, occasion: &Occasion) {
        let roots: Vec<Arc<Entity>> = match self.join {
            Join::Flat => occasion.entities.iter().filter_map(|t| t.after.clone()).collect(),
            _ => Vec::new(),
        };
        let linked = follow(&roots, self.rep, self.joined);
        let all = occasion.entities.iter().map(Ok).chain(linked.iter().map(Err));
        json::array(out, all, |out, entity| match entity {
            Ok(triggered) => self.entity(out, triggered),
            Err(linked) => linked.write(out, self.context, self.rep),
        });
    }

    fn entity(&self, out: &mut Vec<u8>, triggered: &TriggeredEntity) {
        let mut writer = Writer::new(out, self.context, self.rep);
        if self.join == Join::Inline
            && let Some(after) = &triggered.after
        {
            writer.joined = Some(self.joined);
            writer.trail.push(after.id.clone());
        }
        let start = writer.open();
        if let Some(entity) = triggered.after.as_ref().or(triggered.before.as_ref()) {
            writer.id(&entity.id);
        }
        self.inside(&mut writer, triggered);
        if self.rep.with_context {
            writer.embed_context();
        }
        writer.close(start);
    }

    fn features(&self, out: &mut Vec<u8>, occasion: &Occasion, location: &Iri, with_context: bool) {
        out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":");
        json::array(out, &occasion.entities, |out, triggered| {
            let Some(entity) = triggered.after.as_ref().or(triggered.before.as_ref()) else {
                return out.extend_from_slice(b"null");
            };
            out.extend_from_slice(b"{\"id\":");
            json::string(out, entity.id.as_str());
            out.extend_from_slice(b",\"type\":\"Feature\",\"geometry\":");
            match &triggered.after {
                Some(after) => geojson::geometry(out, after, self.rep, location),
                None => out.extend_from_slice(b"null"),
            }
            out.extend_from_slice(b",\"properties\":");
            let mut writer = Writer::new(out, self.context, self.rep);
            let start = writer.open();
            self.inside(&mut writer, triggered);
            writer.close(start);
            out.push(b'}');
        });
        if with_context {
            out.extend_from_slice(b",\"@context\":");
            embed(out, self.context);
        }
        out.push(b'}');
    }

    /// All members but the id.
    fn inside(&self, writer: &mut Writer<'_>, triggered: &TriggeredEntity) {
        match (&triggered.before, &triggered.after) {
            (before, Some(after)) => {
                writer.type_and_scope(after);
                let names = after.attributes.keys();
                let gone = before.iter().flat_map(|b| b.attributes.keys());
                for name in names.chain(gone.filter(|n| !after.attributes.contains_key(*n))) {
                    self.attribute(writer, name, before.as_deref(), Some(after), triggered.at);
                }
            }
            (Some(before), None) => {
                writer.types(&before.types);
                if self.rep.sys_attrs {
                    writer.time("createdAt", before.created_at);
                    writer.time("modifiedAt", before.modified_at);
                }
                writer.time("deletedAt", triggered.at);
                // Of an entity that is gone only that is told, unless attributes are what the receiver watches.
                let told = |name: &&Iri| {
                    self.show_changes
                        || triggered.attributes_deleted
                            && (self.watched.is_empty() || self.watched.contains(name))
                };
                for name in before.attributes.keys().filter(told) {
                    self.attribute(writer, name, Some(before), None, triggered.at);
                }
            }
            (None, None) => {}
        }
    }

    fn attribute(
        &self,
        writer: &mut Writer<'_>,
        name: &Iri,
        before: Option<&Entity>,
        after: Option<&Entity>,
        at: Instant,
    ) {
        if !writer.shows_attribute(name) {
            return;
        }
        let items = self.items(name, before, after, at);
        let [first, rest @ ..] = items.as_slice() else { return };
        writer.out.push(b',');
        writer.compacted_name(name);
        if rest.is_empty() {
            return self.single(writer, name, first);
        }
        if self.rep.format == Format::Simplified {
            writer.out.extend_from_slice(b"{\"dataset\":{");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    writer.out.push(b',');
                }
                json::any_name(writer.out, item.attribute.dataset_id.as_ref().map_or("@none", Iri::as_str));
                self.single(writer, name, item);
            }
            return writer.out.extend_from_slice(b"}}");
        }
        writer.out.push(b'[');
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                writer.out.push(b',');
            }
            writer.object(name, &item.attribute, &item.marks);
        }
        writer.out.push(b']');
    }

    fn single(&self, writer: &mut Writer<'_>, name: &Iri, item: &Item<'_>) {
        let marks = &item.marks;
        let more =
            item.attribute.dataset_id.is_some() || marks.created_at.is_some() || marks.previous.is_some();
        match self.rep.format {
            // Only the null, unless more has to be told (CIM 009 §5.8.6).
            Format::Simplified if marks.deleted => json::string(writer.out, NULL),
            Format::Concise if marks.deleted && !more => json::string(writer.out, NULL),
            _ => writer.instance(name, &item.attribute, marks),
        }
    }

    /// Instances that are there, then those that are gone.
    fn items<'e>(
        &self,
        name: &Iri,
        before: Option<&'e Entity>,
        after: Option<&'e Entity>,
        at: Instant,
    ) -> Vec<Item<'e>> {
        let of = |e: Option<&'e Entity>| e.and_then(|e| e.attributes.get(name)).into_iter().flatten();
        let old =
            |i: &Instance| before.and_then(|b| b.instance(name.as_str(), i.attribute.dataset_id.as_ref()));
        let times = |i: &Instance| {
            let shown = self.rep.sys_attrs;
            (shown.then_some(i.created_at), shown.then_some(i.modified_at))
        };
        let mut items = Vec::new();
        for instance in of(after).filter(|i| self.rep.shows_instance(i)) {
            let previous = old(instance).map(|o| &o.attribute.content);
            let previous = previous.filter(|p| self.show_changes && **p != instance.attribute.content);
            let (created_at, modified_at) = times(instance);
            let marks = Marks { created_at, modified_at, previous, ..Marks::default() };
            items.push(Item { attribute: std::borrow::Cow::Borrowed(&instance.attribute), marks });
        }
        let stays = |i: &Instance| {
            after.is_some_and(|a| a.instance(name.as_str(), i.attribute.dataset_id.as_ref()).is_some())
        };
        let wanted = |i: &Instance| {
            self.rep.datasets.is_empty() || self.rep.datasets.contains(&i.attribute.dataset_id)
        };
        let mut gone: Vec<&Instance> = of(before).filter(|i| !stays(i) && wanted(i)).collect();
        // All instances of an attribute gone: the attribute is gone, and told once.
        let all_gone = of(after).next().is_none() && gone.len() > 1 && !self.show_changes;
        if all_gone {
            gone.truncate(1);
        }
        for instance in gone {
            let mut attribute = Attribute::new(instance.attribute.content.clone());
            attribute.dataset_id = instance.attribute.dataset_id.clone().filter(|_| !all_gone);
            let (created_at, modified_at) = times(instance);
            let marks = Marks {
                created_at,
                modified_at,
                deleted_at: Some(at).filter(|_| self.rep.sys_attrs),
                deleted: true,
                previous: Some(&instance.attribute.content).filter(|_| self.show_changes),
                ..Marks::default()
            };
            items.push(Item { attribute: std::borrow::Cow::Owned(attribute), marks });
        }
        items
    }
}

struct Item<'e> {
    attribute: std::borrow::Cow<'e, Attribute>,
    marks: Marks<'e>,
}
