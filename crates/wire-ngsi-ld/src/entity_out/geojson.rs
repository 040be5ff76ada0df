//! Entities as GeoJSON features (CIM 009 §4.5.16).

use nacre_model::{Content, Entity, Iri};

use super::entity::{Writer, embed};
use super::{Representation, json};
use crate::context::Context;

/// How features are made.
#[derive(Debug, Clone)]
pub struct GeoShape {
    /// The attribute that becomes `geometry`.
    pub geometry_property: Iri,
}

/// Writes one entity as a feature.
pub fn write_feature(
    out: &mut Vec<u8>,
    entity: &Entity,
    context: &Context,
    rep: &Representation,
    shape: &GeoShape,
) {
    feature(out, entity, context, rep, shape, rep.with_context);
}

/// Writes entities as a feature collection; the context stands once, at its end.
pub fn write_features<'a>(
    out: &mut Vec<u8>,
    entities: impl IntoIterator<Item = &'a Entity>,
    context: &Context,
    rep: &Representation,
    shape: &GeoShape,
) {
    out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":");
    json::array(out, entities, |out, entity| feature(out, entity, context, rep, shape, false));
    if rep.with_context {
        out.extend_from_slice(b",\"@context\":");
        embed(out, context);
    }
    out.push(b'}');
}

fn feature(
    out: &mut Vec<u8>,
    entity: &Entity,
    context: &Context,
    rep: &Representation,
    shape: &GeoShape,
    with_context: bool,
) {
    out.extend_from_slice(b"{\"id\":");
    json::string(out, entity.id.as_str());
    out.extend_from_slice(b",\"type\":\"Feature\",\"geometry\":");
    geometry(out, entity, rep, &shape.geometry_property);
    out.extend_from_slice(b",\"properties\":");
    let mut writer = Writer::new(out, context, rep);
    let start = writer.open();
    writer.type_and_scope(entity);
    writer.attributes(entity);
    writer.close(start);
    if with_context {
        writer.embed_context();
    }
    out.push(b'}');
}

/// The instance meant is the default one, or the one whose dataset id was asked for (CIM 009 §4.5.16.1).
pub(crate) fn geometry(out: &mut Vec<u8>, entity: &Entity, rep: &Representation, name: &Iri) {
    let asked = match rep.datasets.as_slice() {
        [one] => one.as_ref(),
        _ => None,
    };
    match entity.instance(name.as_str(), asked).filter(|i| !i.expired(rep.now)).map(|i| &i.attribute.content)
    {
        Some(Content::Geo(geometry)) => json::geometry(out, geometry),
        _ => out.extend_from_slice(b"null"),
    }
}
