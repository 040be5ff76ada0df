//! Entities as answers: normalized, concise, simplified, GeoJSON; written straight into bytes.
//!
//! Layout: this file holds what can be asked for; `entity` writes an entity's own members, `attribute` one instance,
//! [`projection`] and [`language`] are the parameters with a grammar of their own, [`geojson`] and [`joined`] the
//! other shapes, `json` the primitives.
//!
//! Rules kept here: an array of instances only where more than one is seen; the default instance never shows a
//! datasetId; what has expired is not there; terms are compacted with the context of the request.

pub(crate) mod attribute;
pub(crate) mod entity;
pub mod geojson;
pub mod joined;
pub(crate) mod json;
pub mod language;
pub mod projection;

#[cfg(test)]
mod tests;

use nacre_model::{Entity, Instance, Instant, Iri};

use crate::context::Context;

pub use entity::Joined;
pub use geojson::{GeoShape, write_feature, write_features};
pub use joined::{write_flat, write_inline};
pub use language::LanguageFilter;
pub use projection::Projection;

use entity::Writer;

/// The URI that stands for null (CIM 009 §4.5.0).
pub const NULL: &str = "urn:ngsi-ld:null";

/// What an instance id begins with; record and index of the change follow.
pub const INSTANCE_PREFIX: &str = "urn:ngsi-ld:instance:";

/// How much an answer says of each attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Everything, with types (CIM 009 §4.5.1).
    #[default]
    Normalized,
    /// Everything, types left out where they can be inferred.
    Concise,
    /// Values only (CIM 009 §4.5.4); also called `keyValues`.
    Simplified,
}

impl Format {
    /// Reads the parameter `format`, or a word of `options`.
    pub fn parse(word: &str) -> Option<Format> {
        match word {
            "normalized" => Some(Format::Normalized),
            "concise" => Some(Format::Concise),
            "simplified" | "keyValues" => Some(Format::Simplified),
            _ => None,
        }
    }
}

/// What an answer shows of entities and how.
#[derive(Debug, Clone, Default)]
pub struct Representation {
    /// The form.
    pub format: Format,
    /// Whether createdAt, modifiedAt and expiresAt are shown.
    pub sys_attrs: bool,
    /// Only these members.
    pub pick: Option<Projection>,
    /// All but these members.
    pub omit: Option<Projection>,
    /// Only these attributes (`attrs`, the older way); empty means all.
    pub attributes: Vec<Iri>,
    /// Language properties become properties in one of these languages.
    pub lang: Option<LanguageFilter>,
    /// Only instances with these dataset ids (`None` inside: the default instance); empty means all.
    pub datasets: Vec<Option<Iri>>,
    /// Whether the body carries its `@context`.
    pub with_context: bool,
    /// What has expired at this instant is not shown.
    pub now: Instant,
}

impl Representation {
    /// Whether an instance is to be seen.
    pub(crate) fn shows_instance(&self, instance: &Instance) -> bool {
        !instance.expired(self.now)
            && (self.datasets.is_empty() || self.datasets.contains(&instance.attribute.dataset_id))
    }

    /// Whether anything remains of an entity's attributes: a retrieve with `attrs` that shows none is a 404.
    pub fn shows_any(&self, entity: &Entity) -> bool {
        let pick = self.pick.as_ref();
        entity.attributes.iter().any(|(name, instances)| {
            (self.attributes.is_empty() || self.attributes.contains(name))
                && pick.is_none_or(|p| p.names_attribute(name))
                && self.omit.as_ref().is_none_or(|o| !o.names_whole(name))
                && instances.iter().any(|i| self.shows_instance(i))
        })
    }
}

/// Writes one entity.
pub fn write_entity(out: &mut Vec<u8>, entity: &Entity, context: &Context, rep: &Representation) {
    Writer::new(out, context, rep).entity(entity, rep.with_context);
}

/// Writes an array of entities.
pub fn write_entities<'a>(
    out: &mut Vec<u8>,
    entities: impl IntoIterator<Item = &'a Entity>,
    context: &Context,
    rep: &Representation,
) {
    json::array(out, entities, |out, entity| write_entity(out, entity, context, rep));
}
