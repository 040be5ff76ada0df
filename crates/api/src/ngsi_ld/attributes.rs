//! Attributes of one entity (CIM 009 §5.6.2 to §5.6.5, §5.6.19).

use axum::extract::Path;
use nacre_kernel::Command;
use nacre_kernel::command::AttributePatch;
use nacre_kernel::query::AsOf;
use nacre_model::{EntityId, Iri};
use nacre_wire_ngsi_ld::entity_in;
use nacre_wire_ngsi_ld::errors::NgsiError;

use super::entities::{guard_type, id_of, run, run_attributes};
use super::reply::Result;
use super::request::Incoming;

/// POST /entities/{id}/attrs
pub async fn append(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["options", "type", "local"])?;
    incoming.allow_options(&["noOverwrite"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let draft = entity_in::parse_fragment(&body, &context, Some(&id), entity_in::Mode::Append)?;
    let no_overwrite = incoming.option("noOverwrite");
    guard_type(&incoming, &context, &id)?;
    run_attributes(&incoming, &context, Command::AppendAttributes { draft, no_overwrite }).await
}

/// PATCH /entities/{id}/attrs
pub async fn update(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["options", "type", "local"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let command = entity_in::parse_update(&body, &context, Some(&id))?;
    guard_type(&incoming, &context, &id)?;
    run_attributes(&incoming, &context, command).await
}

/// PATCH /entities/{id}/attrs/{name}
pub async fn partial(Path((id, name)): Path<(String, String)>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    not_scope(&name)?;
    let patch = entity_in::parse_partial(&name, &body, &context)?;
    let name = context.expand(&name)?;
    guard_type(&incoming, &context, &entity)?;
    let command = match patch {
        AttributePatch::Merge(patch) => Command::UpdateAttribute { entity, name, patch },
        AttributePatch::Delete { dataset_id } => {
            Command::DeleteAttribute { entity, name, dataset_id, all: false }
        }
    };
    run(&incoming, command).await
}

/// PUT /entities/{id}/attrs/{name}
pub async fn replace(Path((id, name)): Path<(String, String)>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    not_scope(&name)?;
    let attribute = entity_in::parse_attribute(&name, &body, &context)?;
    guard_type(&incoming, &context, &entity)?;
    run(&incoming, Command::ReplaceAttribute { entity, name: context.expand(&name)?, attribute }).await
}

/// Which instances a DELETE means.
pub fn reach(incoming: &Incoming) -> Result<(Option<Iri>, bool)> {
    let all = incoming.flag("deleteAll")?;
    let dataset = match incoming.parameter("datasetId") {
        None | Some("@none") => None,
        Some(id) => Some(Iri::new(id).map_err(|e| NgsiError::bad(e.to_string()))?),
    };
    Ok((dataset, all))
}

/// DELETE /entities/{id}/attrs/{name}
pub async fn delete(Path((id, name)): Path<(String, String)>, incoming: Incoming) -> Result {
    incoming.allow(&["datasetId", "deleteAll", "type", "local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    guard_type(&incoming, &context, &entity)?;
    let (dataset_id, all) = reach(&incoming)?;
    if name == SCOPE {
        return delete_scope(&incoming, &entity).await;
    }
    run(&incoming, Command::DeleteAttribute { entity, name: context.expand(&name)?, dataset_id, all }).await
}

/// The member of an entity that is addressed like an attribute.
const SCOPE: &str = "scope";

/// A scope has no instances that could be updated or replaced (§5.6.4, §5.6.19).
fn not_scope(name: &str) -> Result<()> {
    if name == SCOPE {
        return Err(
            NgsiError::bad("a scope is written with the entity or its attributes, not by itself").into()
        );
    }
    Ok(())
}

/// §5.6.5: the scopes of an entity are deleted like an attribute.
async fn delete_scope(incoming: &Incoming, entity: &EntityId) -> Result {
    let standing = incoming.tenant()?.entity(&incoming.who(), entity, AsOf::Now)?;
    if standing.is_none_or(|e| e.scopes.is_empty()) {
        return Err(NgsiError::not_found(format!("entity `{entity}` does not exist or has no scope")).into());
    }
    let command = Command::UpdateAttributes {
        entity: entity.clone(),
        types: Vec::new(),
        scopes: Some(Vec::new()),
        expires_at: None,
        attributes: Vec::new(),
    };
    run(incoming, command).await
}
