//! A whole entity: its own members, then its attributes, then the context.

use std::sync::Arc;

use nacre_kernel::query::matching::Links;
use nacre_model::{Entity, EntityId, Instance, Iri};

use super::attribute::Marks;
use super::projection::{Member, Projection};
use super::{Format, Representation, json};
use crate::context::Context;

/// How the entities that relationships lead to come into the answer (CIM 009 §4.5.23).
#[derive(Clone, Copy)]
pub struct Joined<'a> {
    /// Where they come from; the caller sees to it that the reader may see them.
    pub links: &'a dyn Links,
    /// How many relationships are followed in a row.
    pub levels: u32,
}

/// Writes one entity; notifications and temporal answers use its parts.
pub(crate) struct Writer<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    pub(crate) context: &'a Context,
    pub(crate) rep: &'a Representation,
    pub(crate) pick: Option<&'a Projection>,
    pub(crate) omit: Option<&'a Projection>,
    pub(crate) joined: Option<&'a Joined<'a>>,
    /// The entities around the one being written: a circle of relationships is cut where it closes.
    pub(crate) trail: Vec<EntityId>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, context: &'a Context, rep: &'a Representation) -> Writer<'a> {
        Writer {
            out,
            context,
            rep,
            pick: rep.pick.as_ref(),
            omit: rep.omit.as_ref(),
            joined: None,
            trail: Vec::new(),
        }
    }

    /// Whether a member passes `pick` and `omit`.
    pub(crate) fn shows(&self, member: &Member) -> bool {
        self.pick.is_none_or(|p| p.names(member)) && self.omit.is_none_or(|o| !o.names(member))
    }

    /// Whether an attribute passes `attrs`, `pick` and `omit`.
    pub(crate) fn shows_attribute(&self, name: &Iri) -> bool {
        (self.rep.attributes.is_empty() || self.trail.len() > 1 || self.rep.attributes.contains(name))
            && self.pick.is_none_or(|p| p.names_attribute(name))
            && self.omit.is_none_or(|o| !o.names_whole(name))
    }

    /// Writes an entity with its braces.
    pub(crate) fn entity(&mut self, entity: &Entity, with_context: bool) {
        let start = self.open();
        self.heading(entity);
        self.attributes(entity);
        if with_context {
            self.embed_context();
        }
        self.close(start);
    }

    /// Begins an object whose members each begin with a comma; [`Writer::close`] takes the first one away.
    pub(crate) fn open(&mut self) -> usize {
        self.out.len()
    }

    /// Ends what [`Writer::open`] began.
    pub(crate) fn close(&mut self, start: usize) {
        match self.out.get_mut(start) {
            Some(comma) => *comma = b'{',
            None => self.out.push(b'{'),
        }
        self.out.push(b'}');
    }

    /// Id, types, scopes and times.
    pub(crate) fn heading(&mut self, entity: &Entity) {
        self.id(&entity.id);
        self.type_and_scope(entity);
    }

    /// The id.
    pub(crate) fn id(&mut self, id: &EntityId) {
        if self.shows(&Member::Id) {
            self.out.extend_from_slice(b",\"id\":");
            json::string(self.out, id.as_str());
        }
    }

    /// The types.
    pub(crate) fn types(&mut self, types: &[Iri]) {
        if self.shows(&Member::Type) {
            self.out.extend_from_slice(b",\"type\":");
            self.terms(types, false);
        }
    }

    /// The heading without id, as GeoJSON needs it.
    pub(crate) fn type_and_scope(&mut self, entity: &Entity) {
        self.types(&entity.types);
        if !entity.scopes.is_empty() && self.shows(&Member::Scope) {
            self.out.extend_from_slice(b",\"scope\":");
            match entity.scopes.as_slice() {
                [one] => json::string(self.out, one.as_str()),
                all => json::array(self.out, all, |out, scope| json::string(out, scope.as_str())),
            }
        }
        if self.rep.sys_attrs {
            let times = [
                (Member::CreatedAt, "createdAt", Some(entity.created_at)),
                (Member::ModifiedAt, "modifiedAt", Some(entity.modified_at)),
                (Member::ExpiresAt, "expiresAt", entity.expires_at),
            ];
            for (member, name, at) in times {
                if let Some(at) = at
                    && self.shows(&member)
                {
                    self.time(name, at);
                }
            }
        }
    }

    /// All attributes that are to be seen.
    pub(crate) fn attributes(&mut self, entity: &Entity) {
        for (name, instances) in &entity.attributes {
            if self.shows_attribute(name) {
                self.attribute(name, instances);
            }
        }
    }

    fn attribute(&mut self, name: &Iri, instances: &[Instance]) {
        let rep = self.rep;
        let mut seen = instances.iter().filter(|i| rep.shows_instance(i)).peekable();
        let Some(first) = seen.next() else { return };
        self.out.push(b',');
        self.compacted_name(name);
        if seen.peek().is_none() {
            let marks = self.marks(first);
            return self.instance(name, &first.attribute, &marks);
        }
        if rep.format == Format::Simplified {
            self.out.extend_from_slice(b"{\"dataset\":{");
            for (i, instance) in std::iter::once(first).chain(seen).enumerate() {
                if i > 0 {
                    self.out.push(b',');
                }
                let dataset = instance.attribute.dataset_id.as_ref().map_or("@none", Iri::as_str);
                json::any_name(self.out, dataset);
                self.simplified(name, &instance.attribute);
            }
            self.out.extend_from_slice(b"}}");
            return;
        }
        self.out.push(b'[');
        for (i, instance) in std::iter::once(first).chain(seen).enumerate() {
            if i > 0 {
                self.out.push(b',');
            }
            let marks = self.marks(instance);
            self.object(name, &instance.attribute, &marks);
        }
        self.out.push(b']');
    }

    fn marks(&self, instance: &Instance) -> Marks<'static> {
        if self.rep.sys_attrs {
            Marks {
                created_at: Some(instance.created_at),
                modified_at: Some(instance.modified_at),
                ..Marks::default()
            }
        } else {
            Marks::default()
        }
    }

    /// Writes the member `@context`.
    pub(crate) fn embed_context(&mut self) {
        self.out.extend_from_slice(b",\"@context\":");
        embed(self.out, self.context);
    }

    /// Whether linked entities are shown at this depth.
    pub(crate) fn joins(&self) -> bool {
        self.joined.is_some_and(|j| self.trail.len() <= j.levels as usize)
    }

    /// Writes an entity that the relationship `name` of the present one leads to.
    pub(crate) fn nested(&mut self, name: &Iri, entity: &Arc<Entity>) {
        let (pick, omit) = (self.pick, self.omit);
        self.pick = pick.and_then(|p| p.linked(name));
        self.omit = omit.and_then(|o| o.linked(name));
        self.trail.push(entity.id.clone());
        self.entity(entity, false);
        self.trail.pop();
        (self.pick, self.omit) = (pick, omit);
    }
}

/// Writes the document of a context.
pub(crate) fn embed(out: &mut Vec<u8>, context: &Context) {
    if serde_json::to_writer(&mut *out, context.document()).is_err() {
        out.extend_from_slice(b"null");
    }
}
