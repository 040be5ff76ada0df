//! Whole entities, and fragments of them for the attribute routes.

use nacre_kernel::command::{AttributeWrite, Attributes};
use nacre_kernel::{Command, EntityDraft};
use nacre_model::{EntityId, Instant, Iri, Scope};
use serde_json::{Map, Value as Json};

use super::Nulls;
use super::attribute::{self, Reader};
use super::given::{self, Given};
use super::path::Path;
use crate::context::Context;
use crate::errors::NgsiError;
use crate::json::kind_name;
use crate::names::{self, NULL};

/// What a body is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// A whole entity: `type` is needed.
    Create,
    /// The same, instead of what is there.
    Replace,
    /// Attributes to add: `type` may be missing.
    Append,
    /// An item of a batch of fragments: `type` may be missing.
    Batch,
}

/// Reads an entity that carries its own id, in normalized or concise form.
pub fn parse_entity(json: &Json, context: &Context, mode: Mode) -> Result<EntityDraft, NgsiError> {
    parse_fragment(json, context, None, mode)
}

/// Reads an entity, or attributes of it, for the entity `id` of the request; an id given in the body must be
/// the same. `None` takes the id from the body.
pub fn parse_fragment(
    json: &Json,
    context: &Context,
    id: Option<&EntityId>,
    mode: Mode,
) -> Result<EntityDraft, NgsiError> {
    let members = object(json)?;
    let id = the_id(members, id)?;
    let Heading { types, scopes, expires_at } = heading(members, context, Nulls::Refused)?;
    if matches!(mode, Mode::Create | Mode::Replace) && types.is_empty() {
        return Err(Path::ROOT.member("type").bad("an entity needs a `type`"));
    }
    let reader = Reader { context, nulls: Nulls::Refused, simplified: false, temporal: false };
    let mut attributes: Attributes = Vec::with_capacity(members.len());
    for (name, json) in members.iter().filter(|(name, _)| !is_heading(name)) {
        let at = Path::ROOT.member(name);
        let iri = reader.name(name, at)?;
        let instances = given::whole_instances(reader.instances(name, json, at)?, at)?;
        given::add(&mut attributes, name, iri, instances, at)?;
    }
    Ok(EntityDraft { id, types, scopes, expires_at: expires_at.flatten(), attributes })
}

/// Reads an update (PATCH …/attrs, §5.6.2): attributes are stated whole, or go by the NGSI-LD Null.
pub fn parse_update(json: &Json, context: &Context, id: Option<&EntityId>) -> Result<Command, NgsiError> {
    let members = object(json)?;
    let entity = the_id(members, id)?;
    let Heading { types, scopes, expires_at } = heading(members, context, Nulls::Members)?;
    let reader = Reader { context, nulls: Nulls::Members, simplified: false, temporal: false };
    let mut attributes: Vec<(Iri, Vec<AttributeWrite>)> = Vec::with_capacity(members.len());
    for (name, json) in members.iter().filter(|(name, _)| !is_heading(name)) {
        let at = Path::ROOT.member(name);
        let iri = reader.name(name, at)?;
        if attributes.iter().any(|(n, _)| *n == iri) {
            return Err(given::twice(name, &iri, at));
        }
        let write = |given: Given| match given {
            Given { null: true, members, .. } => {
                Ok(AttributeWrite::Delete { dataset_id: members.dataset_id })
            }
            given => given.whole(at).map(AttributeWrite::Set),
        };
        let writes = reader.instances(name, json, at)?.into_iter().map(write).collect::<Result<_, _>>()?;
        attributes.push((iri, writes));
    }
    Ok(Command::UpdateAttributes { entity, types, scopes, expires_at, attributes })
}

/// The id of the request, which one in the body must repeat; or that of the body.
pub(super) fn the_id(members: &Map<String, Json>, id: Option<&EntityId>) -> Result<EntityId, NgsiError> {
    let at = Path::ROOT.member("id");
    match (id, own_id(members)?) {
        (Some(path), Some(own)) if *path != own => {
            Err(at.bad(format!("the body is about `{own}`, the request about `{path}`")))
        }
        (Some(id), _) => Ok(id.clone()),
        (None, Some(own)) => Ok(own),
        (None, None) => Err(at.bad("an entity needs an `id`, which is a URI")),
    }
}

/// The members of an entity that are no attributes.
pub(super) struct Heading {
    pub(super) types: Vec<Iri>,
    pub(super) scopes: Option<Vec<Scope>>,
    /// Not stated, removed, or an instant.
    pub(super) expires_at: Option<Option<Instant>>,
}

/// True for members of an entity that are no attributes; those a broker alone writes are passed over.
pub(super) fn is_heading(name: &str) -> bool {
    matches!(
        name,
        "id" | "@id"
            | "type"
            | "@type"
            | "@context"
            | "scope"
            | "expiresAt"
            | "createdAt"
            | "modifiedAt"
            | "deletedAt"
    )
}

/// Type, scope, expiresAt.
pub(super) fn heading(
    members: &Map<String, Json>,
    context: &Context,
    nulls: Nulls,
) -> Result<Heading, NgsiError> {
    let root = Path::ROOT;
    let types = match members.get("type").or_else(|| members.get("@type")) {
        None => Vec::new(),
        Some(json) => types(json, context, root.member("type"))?,
    };
    let scopes = match members.get("scope") {
        None => None,
        Some(Json::String(text)) if text == NULL && nulls != Nulls::Refused => Some(Vec::new()),
        Some(json) => Some(scopes(json, root.member("scope"))?),
    };
    let expires_at = match members.get("expiresAt") {
        None => None,
        Some(Json::String(text)) if text == NULL && nulls != Nulls::Refused => Some(None),
        Some(json) => Some(Some(attribute::time(json, "expiresAt", root.member("expiresAt"))?)),
    };
    Ok(Heading { types, scopes, expires_at })
}

pub(super) fn object(json: &Json) -> Result<&Map<String, Json>, NgsiError> {
    json.as_object()
        .ok_or_else(|| Path::ROOT.bad(format!("the body is a JSON object, not {}", kind_name(json))))
}

/// The id in the body, if one.
fn own_id(members: &Map<String, Json>) -> Result<Option<EntityId>, NgsiError> {
    let root = Path::ROOT;
    let at = root.member("id");
    match members.get("id").or_else(|| members.get("@id")) {
        None => Ok(None),
        Some(Json::String(text)) if text == NULL => {
            Err(at.bad("an entity cannot be named `urn:ngsi-ld:null`"))
        }
        Some(Json::String(text)) => EntityId::new(text).map(Some).map_err(|e| at.bad(e.to_string())),
        Some(other) => Err(at.bad(format!("`id` is a URI, not {}", kind_name(other)))),
    }
}

fn types(json: &Json, context: &Context, at: Path<'_>) -> Result<Vec<Iri>, NgsiError> {
    let one = |json: &Json, at: Path<'_>| match json.as_str() {
        Some(NULL) => Err(at.bad("types are added, never removed")),
        Some(name) => names::expand(name, "a type", context).map_err(|e| e.at(at.to_string())),
        None => Err(at.bad(format!("a type is a name, not {}", kind_name(json)))),
    };
    let Json::Array(items) = json else { return Ok(vec![one(json, at)?]) };
    let mut all = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        let iri = one(item, at.item(i))?;
        if !all.contains(&iri) {
            all.push(iri);
        }
    }
    if all.is_empty() {
        return Err(at.bad("`type` is a name or an array of at least one"));
    }
    Ok(all)
}

/// One scope, an array of scopes, or the reified form of temporal representations (§4.18).
pub(super) fn scopes(json: &Json, at: Path<'_>) -> Result<Vec<Scope>, NgsiError> {
    let one = |json: &Json, at: Path<'_>| {
        let text = json.as_str().filter(|text| *text != NULL);
        let text = text.ok_or_else(|| at.bad("a scope is a text such as `/海珠区/琶洲`"))?;
        Scope::new(text).map_err(|e| at.bad(e.to_string()))
    };
    let mut all = Vec::new();
    match json {
        Json::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                let scope = one(item, at.item(i))?;
                if !all.contains(&scope) {
                    all.push(scope);
                }
            }
        }
        other => all.push(one(other, at)?),
    }
    Ok(all)
}
