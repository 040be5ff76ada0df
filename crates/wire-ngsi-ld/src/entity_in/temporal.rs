//! The temporal representation of an entity on the way in (CIM 009 §4.5.7, §5.6.11, §5.6.12): each attribute
//! is an array of instances over time.

use nacre_kernel::EntityDraft;
use nacre_model::{Attribute, EntityId, Scope};
use serde_json::{Map, Value as Json};

use super::attribute::Reader;
use super::entity::{heading, is_heading, object, scopes, the_id};
use super::fragment::parse_attribute;
use super::path::Path;
use super::{Nulls, given};
use crate::context::Context;
use crate::errors::NgsiError;

/// Reads a temporal entity (POST /temporal/entities): `id` and `type` are needed.
pub fn parse_temporal_entity(json: &Json, context: &Context) -> Result<EntityDraft, NgsiError> {
    let members = object(json)?;
    let root = Path::ROOT;
    let id = the_id(members, None)?;
    let draft = read(members, context, id)?;
    if draft.types.is_empty() {
        return Err(root.member("type").bad("an entity needs a `type`"));
    }
    Ok(draft)
}

/// Reads attribute instances to add to the history of `id` (POST /temporal/entities/{id}/attrs).
pub fn parse_temporal_fragment(
    json: &Json,
    context: &Context,
    id: &EntityId,
) -> Result<EntityDraft, NgsiError> {
    let members = object(json)?;
    let id = the_id(members, Some(id))?;
    read(members, context, id)
}

fn read(members: &Map<String, Json>, context: &Context, id: EntityId) -> Result<EntityDraft, NgsiError> {
    let root = Path::ROOT;
    let mut plain = members.clone();
    let scope = plain.shift_remove("scope");
    let heading = heading(&plain, context, Nulls::Refused)?;
    let scopes = scope.map(|json| latest_scope(&json, root.member("scope"))).transpose()?;
    let reader = Reader { context, nulls: Nulls::Refused, simplified: false, temporal: true };
    let mut attributes = Vec::new();
    for (name, json) in members.iter().filter(|(name, _)| !is_heading(name)) {
        let at = root.member(name);
        let iri = reader.name(name, at)?;
        if json.as_array().is_some_and(Vec::is_empty) {
            return Err(at.bad("at least one instance is needed"));
        }
        let instances = given::whole_instances(reader.instances(name, json, at)?, at)?;
        given::add(&mut attributes, name, iri, instances, at)?;
    }
    Ok(EntityDraft { id, types: heading.types, scopes, expires_at: heading.expires_at.flatten(), attributes })
}

/// In temporal representations the scope is reified (§4.18): its last instance is what stands now.
fn latest_scope(json: &Json, at: Path<'_>) -> Result<Vec<Scope>, NgsiError> {
    let reified = |json: &Json| json.as_object().is_some_and(|m| m.contains_key("value"));
    match json {
        Json::Array(items) if items.iter().any(reified) => {
            let Some((i, last)) = items.iter().enumerate().next_back() else { return Ok(Vec::new()) };
            latest_scope(last, at.item(i))
        }
        Json::Object(members) if members.contains_key("value") => {
            scopes(&members["value"], at.member("value"))
        }
        other => scopes(other, at),
    }
}

/// Reads one instance that takes the place of another (§5.6.14): the fragment names the attribute and holds exactly
/// one instance; a body that is the instance itself is fine too.
pub fn parse_instance(name: &str, json: &Json, context: &Context) -> Result<Attribute, NgsiError> {
    let members = object(json)?;
    let wanted = context.expand(name)?;
    let named =
        members.iter().find(|(n, _)| !is_heading(n) && context.expand(n).is_ok_and(|iri| iri == wanted));
    let Some((member, inner)) = named else { return parse_attribute(name, json, context) };
    let root = Path::ROOT;
    let at = root.member(member);
    let reader = Reader { context, nulls: Nulls::Refused, simplified: false, temporal: true };
    reader.name(name, at)?;
    let mut instances = given::whole_instances(reader.instances(name, inner, at)?, at)?;
    match (instances.pop(), instances.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(at.bad("exactly one instance is needed")),
    }
}
