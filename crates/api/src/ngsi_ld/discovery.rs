//! What types and attributes there are (CIM 009 §5.7.5 to §5.7.10).

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::Path;
use axum::response::Response;
use nacre_views::reader::TypeCount;
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::errors::NgsiError;
use serde_json::{Value as Json, json};

use super::reply::{self, Result};
use super::request::{Incoming, Media, blocking};

async fn counts(incoming: &Incoming) -> Result<Vec<TypeCount>> {
    let (tenant, who) = (incoming.tenant()?, incoming.who());
    blocking(move || Ok(tenant.type_counts(&who)?)).await
}

fn answer(incoming: &Incoming, context: &std::sync::Arc<Context>, mut value: Json) -> Result {
    let media = incoming.media(false)?;
    if media == Media::LdJson {
        let add = |value: &mut Json| {
            if let Some(object) = value.as_object_mut() {
                object.insert("@context".into(), context.document().clone());
            }
        };
        match &mut value {
            Json::Array(items) => items.iter_mut().for_each(add),
            other => add(other),
        }
    }
    let response = reply::body(media, context, media == Media::Json, value.to_string().into_bytes());
    Ok(response)
}

/// GET /types
pub async fn types(incoming: Incoming) -> Result {
    incoming.allow(&["details", "local"])?;
    let context = incoming.link_context(incoming.tenant().ok().as_ref()).await?;
    let details = incoming.flag("details")?;
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for count in counts(&incoming).await? {
        let names = all.entry(count.type_name.to_string()).or_default();
        names.extend(count.attribute.map(|(name, _)| name.to_string()));
    }
    let compact = |iri: &str| context.compact(iri).into_owned();
    let value = if details {
        let one = |(name, attributes): (&String, &BTreeSet<String>)| {
            json!({"id": name, "type": "EntityType", "typeName": compact(name),
                   "attributeNames": attributes.iter().map(|a| compact(a)).collect::<Vec<_>>()})
        };
        Json::Array(all.iter().map(one).collect())
    } else {
        let names: Vec<String> = all.keys().map(|t| compact(t)).collect();
        json!({"id": list_id("EntityTypeList", &names), "type": "EntityTypeList", "typeList": names})
    };
    answer(&incoming, &context, value)
}

/// A list's id follows from what is in it.
fn list_id(kind: &str, names: &[String]) -> String {
    let hash = names
        .iter()
        .flat_map(|n| n.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("urn:ngsi-ld:{kind}:{hash:016x}")
}

/// GET /types/{name}
pub async fn one_type(Path(name): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let context = incoming.link_context(incoming.tenant().ok().as_ref()).await?;
    let wanted = context.expand(&name)?;
    let mut entities = None;
    let mut attributes: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for count in counts(&incoming).await?.into_iter().filter(|c| c.type_name == wanted) {
        match count.attribute {
            None => entities = Some(count.count),
            Some((name, kind)) => drop(attributes.entry(name.to_string()).or_default().insert(kind.name())),
        }
    }
    let Some(entities) = entities else {
        return Err(NgsiError::not_found(format!("no entity has the type `{wanted}`")).into());
    };
    let details: Vec<Json> = attributes
        .iter()
        .map(|(name, kinds)| {
            json!({"id": name, "type": "Attribute", "attributeName": context.compact(name), "attributeTypes": kinds})
        })
        .collect();
    let value = json!({"id": wanted.as_str(), "type": "EntityTypeInfo", "typeName": context.compact(wanted.as_str()),
                       "entityCount": entities, "attributeDetails": details});
    answer(&incoming, &context, value)
}

/// GET /attributes
pub async fn attributes(incoming: Incoming) -> Result {
    incoming.allow(&["details", "local"])?;
    let context = incoming.link_context(incoming.tenant().ok().as_ref()).await?;
    let details = incoming.flag("details")?;
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for count in counts(&incoming).await? {
        if let Some((name, _)) = count.attribute {
            all.entry(name.to_string())
                .or_default()
                .insert(context.compact(count.type_name.as_str()).into_owned());
        }
    }
    let value = if details {
        let one = |(name, types): (&String, &BTreeSet<String>)| json!({"id": name, "type": "Attribute", "attributeName": context.compact(name), "typeNames": types});
        Json::Array(all.iter().map(one).collect())
    } else {
        let names: Vec<String> = all.keys().map(|a| context.compact(a).into_owned()).collect();
        json!({"id": list_id("AttributeList", &names), "type": "AttributeList", "attributeList": names})
    };
    answer(&incoming, &context, value)
}

/// GET /attributes/{name}
pub async fn one_attribute(Path(name): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let context = incoming.link_context(incoming.tenant().ok().as_ref()).await?;
    let wanted = context.expand(&name)?;
    let (mut types, mut kinds, mut total) = (BTreeSet::new(), BTreeSet::new(), 0);
    for count in counts(&incoming).await? {
        if let Some((name, kind)) = &count.attribute
            && *name == wanted
        {
            types.insert(context.compact(count.type_name.as_str()).into_owned());
            kinds.insert(kind.name());
            total += count.count;
        }
    }
    if types.is_empty() {
        return Err(NgsiError::not_found(format!("no entity has the attribute `{wanted}`")).into());
    }
    let value = json!({"id": wanted.as_str(), "type": "Attribute", "attributeName": context.compact(wanted.as_str()),
                       "attributeCount": total, "attributeTypes": kinds, "typeNames": types});
    answer(&incoming, &context, value)
}

/// GET /info/sourceIdentity
pub async fn source_identity(incoming: Incoming) -> Result<Response> {
    incoming.allow(&[])?;
    let context = incoming.link_context(None).await?;
    let now = incoming.app.kernel().options().clock.now();
    let tenant = incoming.tenant()?;
    let origin = incoming.app.settings().log_origin.replace('/', ":");
    let value = json!({"id": format!("urn:ngsi-ld:ContextSourceIdentity:{origin}:{}", tenant.id()),
                       "type": "ContextSourceIdentity", "contextSourceAlias": format!("nacre-{}", tenant.id()),
                       "contextSourceUptime": "PT0S", "contextSourceTimeAt": now.to_string()});
    answer(&incoming, &context, value)
}
