//! Fragments of attributes and merge patches (CIM 009 §5.5.8, §5.5.12).

use nacre_kernel::Command;
use nacre_kernel::command::{AttributePatch, PartialAttribute};
use nacre_model::{Attribute, Content, Entity, EntityId, Instant, Value};
use serde_json::Value as Json;

use super::Nulls;
use super::attribute::Reader;
use super::entity::{heading, is_heading, object, the_id};
use super::given::{Given, twice};
use super::path::Path;
use crate::context::Context;
use crate::errors::NgsiError;

/// Reads one whole instance of the attribute `name` (PUT …/attrs/{name}).
pub fn parse_attribute(name: &str, json: &Json, context: &Context) -> Result<Attribute, NgsiError> {
    object(json)?;
    let reader = Reader { context, nulls: Nulls::Refused, simplified: false, temporal: false };
    reader.name(name, Path::ROOT)?;
    reader.instance(name, &without_context(json), Path::ROOT)?.whole(Path::ROOT)
}

/// Reads a fragment of one instance of the attribute `name` (PATCH …/attrs/{name}): members to change, or a
/// deletion when its content is the NGSI-LD Null.
pub fn parse_partial(name: &str, json: &Json, context: &Context) -> Result<AttributePatch, NgsiError> {
    object(json)?;
    let reader = Reader { context, nulls: Nulls::Members, simplified: false, temporal: false };
    reader.name(name, Path::ROOT)?;
    let json = without_context(json);
    let members = object(&json)?;
    if members.is_empty() {
        return Err(Path::ROOT.bad("an attribute fragment needs at least one member to change"));
    }
    let given = reader.fragment(name, members, Path::ROOT)?;
    Ok(given.patch())
}

/// The `@context` of an ld+json body stands beside the members of the fragment.
fn without_context(json: &Json) -> std::borrow::Cow<'_, Json> {
    match json {
        Json::Object(members) if members.contains_key("@context") => {
            let mut members = members.clone();
            members.shift_remove("@context");
            std::borrow::Cow::Owned(Json::Object(members))
        }
        other => std::borrow::Cow::Borrowed(other),
    }
}

/// What the parameters of a merge say.
#[derive(Debug, Clone, Copy, Default)]
pub struct MergeOptions {
    /// Values stand bare (`format=simplified`).
    pub simplified: bool,
    /// Time of observation for attributes that had one and are given none (`observedAt`).
    pub observed_at: Option<Instant>,
}

/// Reads a merge patch of the entity `id` (PATCH /entities/{id}); `None` takes the id from the body. Texts in a
/// common language are placed by [`place_language`].
pub fn parse_merge(
    json: &Json,
    context: &Context,
    id: Option<&EntityId>,
    options: MergeOptions,
) -> Result<Command, NgsiError> {
    let members = object(json)?;
    let root = Path::ROOT;
    let entity = the_id(members, id)?;
    let heading = heading(members, context, Nulls::Anywhere)?;
    let reader = Reader { context, nulls: Nulls::Anywhere, simplified: options.simplified, temporal: false };
    let mut attributes: Vec<(nacre_model::Iri, Vec<AttributePatch>)> = Vec::new();
    for (name, json) in members.iter().filter(|(name, _)| !is_heading(name)) {
        let at = root.member(name);
        let iri = reader.name(name, at)?;
        if attributes.iter().any(|(n, _)| *n == iri) {
            return Err(twice(name, &iri, at));
        }
        let patches = reader.instances(name, json, at)?.into_iter().map(Given::patch).collect();
        attributes.push((iri, patches));
    }
    Ok(Command::MergeEntity {
        entity,
        types: heading.types,
        scopes: heading.scopes,
        expires_at: heading.expires_at,
        attributes,
        observed_at: options.observed_at,
    })
}

/// §5.6.17.4: a text that meets a LanguageProperty becomes the text of the common language. (All other kinds
/// are kept by the kernel, which is told that the kind was guessed.)
pub fn place_language(command: &mut Command, standing: &Entity, lang: &str) {
    let Command::MergeEntity { attributes, .. } = command else { return };
    for (name, patches) in attributes {
        for patch in patches {
            let AttributePatch::Merge(PartialAttribute { content: Some(content), dataset_id, .. }) = patch
            else {
                continue;
            };
            let Content::Property(Value::Text(text)) = &*content else { continue };
            let instance = standing.instance(name.as_str(), dataset_id.as_ref());
            if instance.is_some_and(|i| matches!(i.attribute.content, Content::Language(_))) {
                *content = Content::Language(vec![(lang.into(), Value::Text(text.clone()))]);
            }
        }
    }
}
