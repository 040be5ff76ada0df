//! The temporal evolution of entities: what is written to it (CIM 009 §5.6.11 to §5.6.16).

use axum::extract::Path;
use axum::http::StatusCode;
use nacre_kernel::{Command, Output};
use nacre_model::{EntityId, Seq};
use nacre_wire_ngsi_ld::entity_in;
use nacre_wire_ngsi_ld::entity_out::INSTANCE_PREFIX;
use nacre_wire_ngsi_ld::errors::NgsiError;

use super::attributes::reach;
use super::entities::{SEQ, id_of, run};
use super::reply::{self, Result};
use super::request::{Incoming, blocking};

/// POST /temporal/entities
pub async fn create(incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant_or_create().await?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let draft = entity_in::parse_temporal_entity(&body, &context)?;
    let location = format!("/ngsi-ld/v1/temporal/entities/{}", draft.id);
    let accepted = tenant.submit(incoming.submission(Command::AddHistory(draft))?).await?;
    let mut response = match accepted.output {
        Output::Created => reply::created(&location),
        _ => reply::empty(StatusCode::NO_CONTENT),
    };
    reply::set(&mut response, SEQ, &accepted.seq.to_string());
    Ok(response)
}

/// POST /temporal/entities/{id}/attrs
pub async fn append(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let id = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let draft = entity_in::parse_temporal_fragment(&body, &context, &id)?;
    known(&incoming, &id).await?;
    run(&incoming, Command::AddHistory(draft)).await
}

/// Refuses what nothing is known of: types in a fragment would make an entity of it.
async fn known(incoming: &Incoming, id: &EntityId) -> Result<()> {
    let (tenant, who, wanted) = (incoming.tenant()?, incoming.who(), id.clone());
    let everything = (Seq::ZERO, Seq(i64::MAX as u64));
    let rows = blocking(move || Ok(tenant.history(&who, &wanted, everything, true, 1)?)).await?;
    if rows.is_empty() {
        return Err(NgsiError::not_found(format!("entity `{id}` does not exist")).into());
    }
    Ok(())
}

/// DELETE /temporal/entities/{id}
pub async fn delete(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let command = Command::EraseHistory {
        entity: id_of(&id)?,
        name: None,
        instance: None,
        dataset_id: None,
        all: true,
    };
    run(&incoming, command).await
}

/// DELETE /temporal/entities/{id}/attrs/{name}
pub async fn delete_attribute(Path((id, name)): Path<(String, String)>, incoming: Incoming) -> Result {
    incoming.allow(&["datasetId", "deleteAll", "local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let (dataset_id, all) = reach(&incoming)?;
    let name = Some(context.expand(&name)?);
    run(&incoming, Command::EraseHistory { entity, name, instance: None, dataset_id, all }).await
}

/// PATCH /temporal/entities/{id}/attrs/{name}/{instance}
pub async fn replace_instance(
    Path((id, name, instance)): Path<(String, String, String)>,
    incoming: Incoming,
) -> Result {
    incoming.allow(&["local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let attribute = entity_in::parse_instance(&name, &body, &context)?;
    let (name, instance) = (context.expand(&name)?, instance_of(&instance)?);
    run(&incoming, Command::ReplaceInstance { entity, name, instance, attribute }).await
}

/// DELETE /temporal/entities/{id}/attrs/{name}/{instance}
pub async fn delete_instance(
    Path((id, name, instance)): Path<(String, String, String)>,
    incoming: Incoming,
) -> Result {
    incoming.allow(&["local"])?;
    let entity = id_of(&id)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let (name, instance) = (Some(context.expand(&name)?), Some(instance_of(&instance)?));
    run(&incoming, Command::EraseHistory { entity, name, instance, dataset_id: None, all: false }).await
}

/// Record and index of an instance id; another URI names no instance of ours.
fn instance_of(text: &str) -> Result<(Seq, u32)> {
    if !nacre_model::id::is_uri(text) {
        return Err(NgsiError::bad(format!("the instanceId `{text}` is no URI")).into());
    }
    let read = || {
        let (seq, index) = text.strip_prefix(INSTANCE_PREFIX)?.split_once('-')?;
        Some((Seq(seq.parse().ok()?), index.parse().ok()?))
    };
    Ok(read().ok_or_else(|| NgsiError::not_found(format!("there is no instance `{text}`")))?)
}
