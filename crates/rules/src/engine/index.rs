//! Which rules an observation touches: by type, then attribute, then perhaps id.

use std::collections::HashMap;

use nacre_model::{Content, Entity, EntityId, Iri};

use crate::fence::Area;
use crate::rule::{Rule, Waking};
use crate::scene::{Names, Sym};
use crate::world::World;

#[derive(Default)]
struct Bucket {
    any: Vec<u32>,
    by_id: HashMap<Box<str>, Vec<u32>>,
}

impl Bucket {
    fn pick(&self, id: &EntityId, into: &mut Vec<u32>) {
        into.extend_from_slice(&self.any);
        if let Some(own) = self.by_id.get(id.as_str()) {
            into.extend_from_slice(own);
        }
    }
}

#[derive(Default)]
struct OfType {
    by_attribute: HashMap<Sym, Bucket>,
    /// Rules that must know of an entity from its beginning.
    from_birth: Bucket,
}

/// Rules by what wakes them.
#[derive(Default)]
pub struct Index {
    types: HashMap<Sym, OfType>,
}

impl Index {
    /// Adds a rule; numbers must ascend.
    pub fn add(&mut self, number: u32, rule: &Rule, names: &mut Names) {
        if matches!(rule.waking, Waking::Schedule(_)) {
            return;
        }
        let of_type = self.types.entry(names.intern(rule.on())).or_default();
        let put = |bucket: &mut Bucket| match rule.only() {
            Some(id) => bucket.by_id.entry(id.into()).or_default().push(number),
            None => bucket.any.push(number),
        };
        for attribute in rule.attributes() {
            put(of_type.by_attribute.entry(names.intern(attribute)).or_default());
        }
        if matches!(rule.waking, Waking::Absence { .. }) {
            put(&mut of_type.from_birth);
        }
    }

    /// The rules an observation touches, ascending. A `fresh` entity (new, or of new types) changed in all attributes.
    pub fn pick(
        &self,
        id: &EntityId,
        after: &Entity,
        changed: &[Iri],
        fresh: bool,
        names: &Names,
    ) -> Vec<u32> {
        let mut picked = Vec::new();
        let mut sources = 0;
        for kind in &after.types {
            let Some(of_type) = names.get(kind).and_then(|(_, sym)| self.types.get(&sym)) else { continue };
            let all = after.attributes.keys().filter(|_| fresh);
            for attribute in changed.iter().chain(all) {
                let Some((_, sym)) = names.get(attribute) else { continue };
                if let Some(bucket) = of_type.by_attribute.get(&sym) {
                    bucket.pick(id, &mut picked);
                    sources += 1 + usize::from(!bucket.by_id.is_empty());
                }
            }
            if fresh {
                of_type.from_birth.pick(id, &mut picked);
                sources += 2;
            }
        }
        // One source alone is in order already.
        if sources > 1 {
            picked.sort_unstable();
            picked.dedup();
        }
        picked
    }
}

/// The areas that entities of a type carry.
pub fn areas(kind: &str, attribute: &str, world: &dyn World) -> Vec<Area> {
    let mut found = Vec::new();
    for id in world.of_type(kind) {
        let Some(entity) = world.entity(&id) else { continue };
        for (iri, all) in &entity.attributes {
            if world.short(iri) != attribute {
                continue;
            }
            for instance in all {
                if let Content::Geo(shape) = &instance.attribute.content {
                    found.extend(Area::new(Some(id.clone()), shape.clone()));
                }
            }
        }
    }
    found
}
