//! Batches: each item is accepted or refused by itself, all are acknowledged together (CIM 009 §5.6.7 to §5.6.10,
//! §5.6.20).

use std::sync::Arc;

use axum::http::StatusCode;
use nacre_kernel::tenant::BATCH_MAX;
use nacre_kernel::{Accepted, Command, Output, Refusal, Tenant};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_in;
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};
use nacre_wire_ngsi_ld::json;
use serde_json::{Value as Json, json};

use super::entities::{id_of, merge_options};
use super::reply::{self, Result, error_of};
use super::request::Incoming;

/// An item of a batch with its context, or why that cannot be found.
type Item = (Json, std::result::Result<Arc<Context>, NgsiError>);

/// Items of a batch. A context that cannot be had fails its item; an item that is no object fails the batch.
async fn items(incoming: &Incoming, tenant: &Tenant) -> Result<Vec<Item>> {
    let ld = incoming.content_type(false)?;
    let body = json::parse(&incoming.bytes)?;
    let Json::Array(items) = body else {
        return Err(NgsiError::invalid("a batch is an array of entities").into());
    };
    if items.is_empty() {
        return Err(NgsiError::bad("the batch is empty").into());
    }
    if items.len() > BATCH_MAX {
        let detail = format!("a batch of {} items; at most {BATCH_MAX} are taken", items.len());
        return Err(NgsiError::new(ErrorKind::PayloadTooLarge, detail).into());
    }
    if let Some(i) = items.iter().position(|item| !item.is_object()) {
        return Err(NgsiError::bad("an item of a batch is an entity, an object").at(format!("/{i}")).into());
    }
    // Without contexts of their own all items share the one of the Link header.
    let shared = if ld { None } else { Some(incoming.link_context(Some(tenant)).await?) };
    let mut out = Vec::with_capacity(items.len());
    for mut item in items {
        let context = match &shared {
            Some(context) if item.get("@context").is_none() => Ok(context.clone()),
            _ => incoming.context_of(&mut item, ld, Some(tenant)).await.map_err(|f| f.error),
        };
        out.push((item, context));
    }
    Ok(out)
}

/// Reads items with what the operation makes of them.
fn commands(
    items: Vec<Item>,
    read: impl Fn(&Json, &Context) -> std::result::Result<Command, NgsiError>,
) -> Vec<(String, std::result::Result<Command, NgsiError>)> {
    let one = |(item, context): Item| (id_in(&item), context.and_then(|context| read(&item, &context)));
    items.into_iter().map(one).collect()
}

/// What became of each item: its id, and how it ended.
struct Ended {
    id: String,
    result: std::result::Result<Accepted, NgsiError>,
}

/// Submits what could be read, keeping the order of the items.
async fn run(
    incoming: &Incoming,
    tenant: &Tenant,
    commands: Vec<(String, std::result::Result<Command, NgsiError>)>,
) -> Result<Vec<Ended>> {
    let mut submissions = Vec::new();
    for command in commands.iter().filter_map(|(_, c)| c.as_ref().ok()) {
        // A key names the request: its items are told apart by their place.
        let mut submission = incoming.submission(command.clone())?;
        if let Some((key, _)) = &mut submission.idempotency {
            *key = format!("{key}#{}", submissions.len()).into();
        }
        submissions.push(submission);
    }
    let mut answers = tenant.submit_batch(submissions).await.into_iter();
    let mut ended = Vec::with_capacity(commands.len());
    for (id, command) in commands {
        let result = match command {
            Err(error) => Err(error),
            Ok(_) => match answers.next().unwrap_or(Err(Refusal::ShuttingDown)) {
                Ok(accepted) => Ok(accepted),
                // What stops the whole server is an error of the request, not of one item.
                Err(
                    refusal @ (Refusal::Overloaded(_)
                    | Refusal::JournalStopped(_)
                    | Refusal::StorageFull(_)
                    | Refusal::ViewsFailed(_)
                    | Refusal::ShuttingDown),
                ) => return Err(refusal.into()),
                Err(refusal) => Err(error_of(&refusal)),
            },
        };
        ended.push(Ended { id, result });
    }
    Ok(ended)
}

fn id_in(item: &Json) -> String {
    let id = item.get("id").or_else(|| item.get("@id")).unwrap_or(item);
    id.as_str().unwrap_or_default().to_owned()
}

/// 207 with what succeeded and what did not.
fn mixed(ended: &[Ended]) -> axum::response::Response {
    let success: Vec<&str> = ended.iter().filter(|e| e.result.is_ok()).map(|e| e.id.as_str()).collect();
    let error =
        |e: &Ended| e.result.as_ref().err().map(|error| json!({"entityId": e.id, "error": error.to_json()}));
    let errors: Vec<Json> = ended.iter().filter_map(error).collect();
    reply::json(StatusCode::MULTI_STATUS, &json!({"success": success, "errors": errors}))
}

fn all_well(ended: &[Ended]) -> bool {
    ended.iter().all(|e| e.result.is_ok())
}

/// POST /entityOperations/create
pub async fn create(incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant_or_create().await?;
    let commands = commands(items(&incoming, &tenant).await?, |item, context| {
        entity_in::parse_entity(item, context, entity_in::Mode::Create).map(Command::CreateEntity)
    });
    let ended = run(&incoming, &tenant, commands).await?;
    let response = if all_well(&ended) {
        let ids: Vec<&str> = ended.iter().map(|e| e.id.as_str()).collect();
        reply::json(StatusCode::CREATED, &json!(ids))
    } else {
        mixed(&ended)
    };
    Ok(response)
}

/// POST /entityOperations/upsert
pub async fn upsert(incoming: Incoming) -> Result {
    incoming.allow(&["options", "local"])?;
    incoming.allow_options(&["update", "replace"])?;
    let update = incoming.option("update");
    let tenant = incoming.tenant_or_create().await?;
    let commands = commands(items(&incoming, &tenant).await?, |item, context| {
        let draft = entity_in::parse_entity(item, context, entity_in::Mode::Create)?;
        Ok(Command::UpsertEntity { draft, update })
    });
    let ended = run(&incoming, &tenant, commands).await?;
    let response = if all_well(&ended) {
        let is_new = |e: &&Ended| matches!(&e.result, Ok(Accepted { output: Output::Created, .. }));
        let created: Vec<&str> = ended.iter().filter(is_new).map(|e| e.id.as_str()).collect();
        if created.is_empty() {
            reply::empty(StatusCode::NO_CONTENT)
        } else {
            reply::json(StatusCode::CREATED, &json!(created))
        }
    } else {
        mixed(&ended)
    };
    Ok(response)
}

/// 204, or 207 where an item failed.
fn no_content(ended: &[Ended]) -> axum::response::Response {
    if all_well(ended) { reply::empty(StatusCode::NO_CONTENT) } else { mixed(ended) }
}

/// POST /entityOperations/update
pub async fn update(incoming: Incoming) -> Result {
    incoming.allow(&["options", "local"])?;
    incoming.allow_options(&["noOverwrite"])?;
    let no_overwrite = incoming.option("noOverwrite");
    let tenant = incoming.tenant()?;
    let commands = commands(items(&incoming, &tenant).await?, |item, context| {
        if !no_overwrite {
            return entity_in::parse_update(item, context, None);
        }
        let draft = entity_in::parse_entity(item, context, entity_in::Mode::Append)?;
        Ok(Command::AppendAttributes { draft, no_overwrite })
    });
    let mut ended = run(&incoming, &tenant, commands).await?;
    for e in &mut ended {
        if let Ok(Accepted { output: Output::Attributes { not_updated, .. }, .. }) = &e.result
            && let Some((name, why)) = not_updated.first()
        {
            e.result = Err(NgsiError::bad(format!("attribute `{name}` was not updated: {why}")));
        }
    }
    Ok(no_content(&ended))
}

/// POST /entityOperations/merge
pub async fn merge(incoming: Incoming) -> Result {
    incoming.allow(&["options", "format", "observedAt", "lang", "local"])?;
    incoming.allow_options(&["keyValues", "simplified", "normalized", "concise"])?;
    let tenant = incoming.tenant()?;
    let options = merge_options(&incoming)?;
    let commands = commands(items(&incoming, &tenant).await?, |item, context| {
        entity_in::parse_merge(item, context, None, options)
    });
    let ended = run(&incoming, &tenant, commands).await?;
    Ok(no_content(&ended))
}

/// POST /entityOperations/delete
pub async fn delete(incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant()?;
    incoming.content_type(false)?;
    let Json::Array(ids) = json::parse(&incoming.bytes)? else {
        return Err(NgsiError::invalid("a batch to delete is an array of entity ids").into());
    };
    if ids.is_empty() {
        return Err(NgsiError::bad("the batch is empty").into());
    }
    let read = |item: &Json| {
        let command = id_of(&id_in(item)).map(|entity| Command::DeleteEntity { entity });
        (id_in(item), command.map_err(|f| f.error))
    };
    let ended = run(&incoming, &tenant, ids.iter().map(read).collect()).await?;
    Ok(no_content(&ended))
}
