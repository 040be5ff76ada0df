//! Attributes of one entity (CIM 009 §5.6.2 to §5.6.5, §5.6.19).

use axum::extract::Path;
use nacre_kernel::Command;
use nacre_kernel::command::AttributePatch;
use nacre_model::Iri;
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
    run_attributes(&incoming, &context, Command::AppendAttributes { draft, no_overwrite }).await
}

/// PATCH /entities/{id}/attrs
pub async fn update(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["options", "type", "local"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let command = entity_in::parse_update(&body, &context, Some(&id))?;
    run_attributes(&incoming, &context, command).await
}

/// PATCH /entities/{id}/attrs/{name}
pub async fn partial(Path((id, name)): Path<(String, String)>, incoming: Incoming) -> Result {
    incoming.allow(&["type", "local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let patch = entity_in::parse_partial(&name, &body, &context)?;
    let name = context.expand(&name)?;
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
    let attribute = entity_in::parse_attribute(&name, &body, &context)?;
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
    guard_type(&incoming, &entity).await?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let (dataset_id, all) = reach(&incoming)?;
    run(&incoming, Command::DeleteAttribute { entity, name: context.expand(&name)?, dataset_id, all }).await
}
