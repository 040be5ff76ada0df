//! Entities as plain JSON with short names, in and out of the kernel.

use axum::http::StatusCode;
use nacre_kernel::query::{AsOf, Page, Query, TypeSelection};
use nacre_kernel::{Accepted, Command, Principal, Refusal, Submission, Tenant};
use nacre_model::{Entity, EntityId, Seq};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_in::{Mode, parse_entity, parse_update};
use nacre_wire_ngsi_ld::entity_out::{Format, Representation, write_entity};
use serde_json::{Map, Value as Json};

use super::post::Post;
use crate::problem::Problem;
use crate::state::App;

/// An entity in its simplified form, with the record that made it so.
#[derive(Debug, Clone)]
pub struct Simple {
    /// Its id.
    pub id: String,
    /// The record.
    pub seq: u64,
    /// When it came to be.
    pub created_at: String,
    /// When it last changed.
    pub modified_at: String,
    /// Short name → value.
    pub values: Map<String, Json>,
}

impl Simple {
    /// From an entity.
    pub fn of(entity: &Entity) -> Simple {
        let representation =
            Representation { format: Format::Simplified, now: entity.modified_at, ..Default::default() };
        let mut bytes = Vec::new();
        write_entity(&mut bytes, entity, &Context::core(), &representation);
        let values = match serde_json::from_slice(&bytes) {
            Ok(Json::Object(values)) => values,
            _ => Map::new(),
        };
        Simple {
            id: entity.id.to_string(),
            seq: entity.seq.0,
            created_at: entity.created_at.to_string(),
            modified_at: entity.modified_at.to_string(),
            values,
        }
    }

    /// The part of the id behind its type.
    pub fn local(&self) -> &str {
        local(&self.id)
    }

    /// A text; empty when there is none.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).and_then(words_of).unwrap_or_default()
    }

    /// A text that may be missing.
    pub fn some_text(&self, name: &str) -> Option<String> {
        self.values.get(name).and_then(words_of).filter(|t| !t.is_empty()).map(str::to_owned)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.values.get(name).and_then(Json::as_f64)
    }

    /// A list of texts, written as one or several.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.values.get(name) {
            Some(Json::String(one)) => vec![one.clone()],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    }

    /// JSON of ours: what `{"json": …}` holds in the simplified form, or the value itself.
    pub fn json<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let value = self.values.get(name)?;
        let inner = value.as_object().filter(|o| o.len() == 1).and_then(|o| o.get("json")).unwrap_or(value);
        serde_json::from_value(inner.clone()).ok()
    }
}

/// A text, or the text of a typed value: `{"@type": "Date", "@value": "2025-12-31"}`.
fn words_of(value: &Json) -> Option<&str> {
    value.as_str().or_else(|| value.get("@value")?.as_str())
}

/// The part of a URN behind its type.
pub fn local(id: &str) -> &str {
    id.splitn(4, ':').nth(3).unwrap_or(id)
}

/// The URN of an entity; a URN stays.
pub fn urn(kind: &str, local: &str) -> String {
    if local.starts_with("urn:") { local.to_owned() } else { format!("urn:ngsi-ld:{kind}:{local}") }
}

/// All entities of a type as of a moment, and the record the answer is complete to.
pub fn all(
    tenant: &Tenant,
    who: &Principal,
    kind: &str,
    as_of: AsOf,
) -> Result<(Vec<std::sync::Arc<Entity>>, Seq), Refusal> {
    let Ok(iri) = Context::core().expand(kind) else { return Ok((Vec::new(), Seq::ZERO)) };
    let query = Query { types: Some(TypeSelection::Is(iri)), ..Query::default() };
    let page = Page { offset: 0, limit: u64::MAX, count: false };
    let answer = tenant.scan(who, &query, page, as_of)?;
    Ok((answer.entities, answer.seq))
}

/// One entity.
pub fn one(tenant: &Tenant, who: &Principal, id: &str, as_of: AsOf) -> Result<Option<Simple>, Problem> {
    let Ok(id) = EntityId::new(id) else { return Ok(None) };
    Ok(tenant.entity(who, &id, as_of)?.map(|e| Simple::of(&e)))
}

/// Which kind an organisation is of; none when there is no such organisation.
pub fn organisation_kind(app: &App, local: &str) -> Result<Option<String>, Problem> {
    let tenant = app.tenant(None)?;
    let found = one(&tenant, &app.principal(), &urn("Organization", local), AsOf::Now)?;
    Ok(found.map(|o| o.text("orgKind").to_owned()))
}

/// What to do with an entity.
pub enum Write {
    /// It comes to be.
    Create,
    /// Attributes are set; those not named stay.
    Update,
}

/// Writes an entity given in NGSI-LD JSON with short names, as one record in the name of a post.
pub async fn write(tenant: &Tenant, post: &Post, json: &Json, how: Write) -> Result<Accepted, Problem> {
    let wrong = |e: nacre_wire_ngsi_ld::errors::NgsiError| Problem::bad("invalid_entity", e.detail);
    let command = match how {
        Write::Create => {
            Command::CreateEntity(parse_entity(json, &Context::core(), Mode::Create).map_err(wrong)?)
        }
        Write::Update => {
            let id = json.get("id").and_then(Json::as_str).and_then(|id| EntityId::new(id).ok());
            parse_update(json, &Context::core(), id.as_ref()).map_err(wrong)?
        }
    };
    Ok(tenant.submit(Submission::new(post.principal(), command)).await?)
}

/// Deletes an entity in the name of a post.
pub async fn delete(tenant: &Tenant, post: &Post, id: &str) -> Result<Accepted, Problem> {
    let entity = EntityId::new(id).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    Ok(tenant.submit(Submission::new(post.principal(), Command::DeleteEntity { entity })).await?)
}

/// A property of an NGSI-LD entity.
pub fn property(value: impl Into<Json>) -> Json {
    serde_json::json!({"type": "Property", "value": value.into()})
}

/// A property that is kept as JSON.
pub fn json_property(value: &impl serde::Serialize) -> Result<Json, Problem> {
    let value = serde_json::to_value(value).map_err(internal)?;
    Ok(serde_json::json!({"type": "JsonProperty", "json": value}))
}

/// A relationship.
pub fn relationship(object: &str) -> Json {
    serde_json::json!({"type": "Relationship", "object": object})
}

/// Something of ours went wrong.
pub fn internal(error: impl std::fmt::Display) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", error.to_string())
}

/// Runs work that reads a lot on a thread where it may block.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

/// A new id: time and chance, in a form that can be read out.
pub fn new_id(prefix: &str) -> String {
    let bytes: [u8; 5] = rand::random();
    let mut id = String::from(prefix);
    for b in bytes {
        const ALPHABET: &[u8; 32] = b"23456789abcdefghjkmnpqrstuvwxyzt";
        id.push(char::from(ALPHABET[usize::from(b) % 31]));
        id.push(char::from(ALPHABET[usize::from(b >> 3) % 31]));
    }
    id
}
