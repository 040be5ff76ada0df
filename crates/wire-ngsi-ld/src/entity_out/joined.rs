//! Linked entity retrieval (CIM 009 §4.5.23): the entities that relationships lead to, inside them or after them.

use std::collections::HashSet;
use std::sync::Arc;

use nacre_model::{Entity, EntityId, Iri};

use super::entity::{Joined, Writer};
use super::projection::Projection;
use super::{Representation, json};
use crate::context::Context;

/// How many entities one flat answer may hold beside those asked for.
pub const LINKED_MAX: usize = 5_000;

/// Writes an entity with the entities its relationships lead to inside it.
pub fn write_inline(
    out: &mut Vec<u8>,
    entity: &Entity,
    context: &Context,
    rep: &Representation,
    joined: &Joined<'_>,
) {
    let mut writer = Writer::new(out, context, rep);
    writer.joined = Some(joined);
    writer.trail.push(entity.id.clone());
    writer.entity(entity, rep.with_context);
}

/// Writes entities, then those their relationships lead to, each once; always an array.
pub fn write_flat(
    out: &mut Vec<u8>,
    entities: &[Arc<Entity>],
    context: &Context,
    rep: &Representation,
    joined: &Joined<'_>,
) {
    let linked = follow(entities, rep, joined);
    let all = entities.iter().map(Ok).chain(linked.iter().map(Err));
    json::array(out, all, |out, entity| match entity {
        Ok(root) => Writer::new(out, context, rep).entity(root, rep.with_context),
        Err(linked) => linked.write(out, context, rep),
    });
}

impl Linked<'_> {
    /// Writes the entity.
    pub(crate) fn write(&self, out: &mut Vec<u8>, context: &Context, rep: &Representation) {
        let mut writer = Writer::new(out, context, rep);
        (writer.pick, writer.omit) = (self.pick, self.omit);
        // `attrs` speaks of the entities asked for only: this one is as deep as one inside another.
        writer.trail = vec![self.entity.id.clone(); 2];
        writer.entity(&self.entity, rep.with_context);
    }
}

/// An entity that was found by following relationships, with the parts of the projections that speak of it.
pub(crate) struct Linked<'a> {
    pub(crate) entity: Arc<Entity>,
    pick: Option<&'a Projection>,
    omit: Option<&'a Projection>,
}

/// The entities that relationships lead to, nearest first, each once.
pub(crate) fn follow<'a>(
    entities: &[Arc<Entity>],
    rep: &'a Representation,
    joined: &Joined<'_>,
) -> Vec<Linked<'a>> {
    let mut seen: HashSet<EntityId> = entities.iter().map(|e| e.id.clone()).collect();
    let mut found: Vec<Linked<'a>> = Vec::new();
    let mut level: Vec<Linked<'a>> = entities
        .iter()
        .map(|e| Linked { entity: e.clone(), pick: rep.pick.as_ref(), omit: rep.omit.as_ref() })
        .collect();
    for depth in 0..joined.levels {
        let mut next = Vec::new();
        for from in &level {
            for (name, object) in targets(from, rep, depth == 0) {
                let Ok(id) = EntityId::new(object.as_str()) else { continue };
                if found.len() + next.len() >= LINKED_MAX || seen.contains(&id) {
                    continue;
                }
                let Some(entity) = joined.links.entity(&id).filter(|e| !e.expired(rep.now)) else { continue };
                seen.insert(id);
                let pick = from.pick.and_then(|p| p.linked(name));
                let omit = from.omit.and_then(|o| o.linked(name));
                next.push(Linked { entity, pick, omit });
            }
        }
        found.extend(std::mem::replace(&mut level, next).into_iter().filter(|_| depth > 0));
    }
    found.extend(level.into_iter().filter(|_| joined.levels > 0));
    found
}

/// The relationships of an entity that are shown, with their targets.
fn targets<'l>(
    from: &'l Linked<'_>,
    rep: &'l Representation,
    root: bool,
) -> impl Iterator<Item = (&'l Iri, &'l Iri)> {
    from.entity
        .attributes
        .iter()
        .filter(move |(name, _)| {
            (!root || rep.attributes.is_empty() || rep.attributes.contains(name))
                && from.pick.is_none_or(|p| p.names_attribute(name))
                && from.omit.is_none_or(|o| !o.names_whole(name))
        })
        .flat_map(move |(name, instances)| {
            let shown = instances.iter().filter(|i| rep.shows_instance(i));
            shown.flat_map(move |i| i.attribute.content.objects().iter().map(move |o| (name, o)))
        })
}
