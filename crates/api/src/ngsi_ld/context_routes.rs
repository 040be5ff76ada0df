//! `@context` documents kept here: hosted for clients, cached from elsewhere (CIM 009 §5.13).

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use nacre_kernel::command::PutMode;
use nacre_kernel::{Command, Submission};
use nacre_model::{DocumentKey, Value};
use nacre_wire_ngsi_ld::context::{Context, is_core_url};
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};
use nacre_wire_ngsi_ld::json;
use serde_json::{Value as Json, json};

use super::contexts::{COLLECTION, HOSTED_PATH, hosted_id};
use super::reply::{self, Result};
use super::request::Incoming;

/// URL under which a hosted context can be had by whoever talks to this server.
pub fn hosted_url(incoming: &Incoming, id: &str) -> String {
    format!("http://{}{HOSTED_PATH}{id}", incoming.header("host").unwrap_or("localhost"))
}

/// POST /jsonldContexts
pub async fn create(incoming: Incoming) -> Result {
    incoming.allow(&[])?;
    let tenant = incoming.tenant_or_create().await?;
    incoming.content_type(false)?;
    let body = json::parse(&incoming.bytes)?;
    let Some(context) = body.get("@context").filter(|c| c.is_object() || c.is_array() || c.is_string())
    else {
        return Err(NgsiError::bad("the body must hold an `@context`").at("/@context").into());
    };
    incoming.app.ngsi_ld().find(&incoming.app, Some(&tenant), context).await?;
    let id = put(&incoming, &tenant, &json!({"@context": context}), "Hosted").await?;
    let response = reply::created(&format!("{HOSTED_PATH}{id}"));
    Ok(response)
}

/// Keeps a context; its id follows from its content, so that the same one is kept once.
pub async fn put(
    incoming: &Incoming,
    tenant: &nacre_kernel::Tenant,
    body: &Json,
    kind: &str,
) -> Result<String> {
    let hash = body
        .to_string()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let id = format!("urn:ngsi-ld:Context:{}:{hash:016x}", kind.to_ascii_lowercase());
    let key = DocumentKey::new(COLLECTION, &id);
    if tenant.document(&incoming.who(), &key)?.is_none() {
        let value = Value::Map(vec![
            ("kind".into(), Value::text(kind)),
            ("createdAt".into(), Value::text(tenant.now().to_string())),
            ("body".into(), json::value_in(body)),
        ]);
        let command = Command::PutDocument { key, value, mode: PutMode::Either };
        tenant.submit(Submission::new(incoming.who(), command)).await?;
    }
    Ok(id)
}

/// The context under a URL that a Link header can name: one that was written into a body is kept here.
pub async fn with_link(
    incoming: &Incoming,
    tenant: &nacre_kernel::Tenant,
    context: Arc<Context>,
) -> Result<Arc<Context>> {
    if !context.needs_link() {
        return Ok(context);
    }
    let id = put(incoming, tenant, &json!({"@context": context.document()}), "ImplicitlyCreated").await?;
    Ok(Arc::new(context.with_link(&hosted_url(incoming, &id))))
}

/// One entry of a list or a detail.
struct Entry {
    id: String,
    url: String,
    kind: String,
    body: Json,
    created_at: String,
    hits: Option<u64>,
}

impl Entry {
    fn json(&self) -> Json {
        let mut value =
            json!({"URL": self.url, "localId": self.id, "kind": self.kind, "createdAt": self.created_at});
        if let Some(hits) = self.hits {
            value["numberOfHits"] = json!(hits);
        }
        value
    }
}

fn entries(incoming: &Incoming, tenant: &nacre_kernel::Tenant) -> Result<Vec<Entry>> {
    let mut all = Vec::new();
    for (key, value) in tenant.documents(&incoming.who(), COLLECTION)? {
        let text = |name: &str| value.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        all.push(Entry {
            id: key.id.to_string(),
            url: hosted_url(incoming, &key.id),
            kind: text("kind"),
            body: value.get("body").map(json::value_out).unwrap_or_default(),
            created_at: text("createdAt"),
            hits: None,
        });
    }
    for (url, fetched) in incoming.app.ngsi_ld().fetched() {
        all.push(Entry {
            id: url.clone(),
            url,
            kind: "Cached".into(),
            body: (*fetched.document).clone(),
            created_at: fetched.since.to_string(),
            hits: Some(fetched.hits),
        });
    }
    Ok(all)
}

/// GET /jsonldContexts
pub async fn list(incoming: Incoming) -> Result {
    incoming.allow(&["details", "kind"])?;
    let tenant = incoming.tenant()?;
    let details = incoming.flag("details")?;
    let kind = incoming.parameter("kind");
    if let Some(kind) = kind
        && !["Hosted", "Cached", "ImplicitlyCreated"].contains(&kind)
    {
        let detail = format!("`kind` is `{kind}`; known: Hosted, Cached, ImplicitlyCreated");
        return Err(NgsiError::bad(detail).at("kind").into());
    }
    let all = entries(&incoming, &tenant)?;
    let wanted = all.iter().filter(|e| kind.is_none_or(|k| e.kind == k));
    let list: Vec<Json> = wanted.map(|e| if details { e.json() } else { json!(e.url) }).collect();
    Ok(reply::json(StatusCode::OK, &Json::Array(list)))
}

fn find(incoming: &Incoming, tenant: &nacre_kernel::Tenant, id: &str) -> Result<Entry> {
    let wanted = hosted_id(id).unwrap_or(id);
    let found = entries(incoming, tenant)?.into_iter().find(|e| e.id == wanted || e.url == id);
    Ok(found.ok_or_else(|| NgsiError::not_found(format!("there is no @context `{id}` here")))?)
}

/// GET /jsonldContexts/{id}
pub async fn retrieve(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["details"])?;
    let tenant = incoming.tenant()?;
    let details = incoming.flag("details")?;
    let entry = find(&incoming, &tenant, &id)?;
    if !details && entry.kind == "Cached" {
        let detail = "a cached @context is not served; only its details are";
        return Err(NgsiError::new(ErrorKind::OperationNotSupported, detail).into());
    }
    let body = if details { entry.json() } else { entry.body };
    Ok(reply::json(StatusCode::OK, &body))
}

/// DELETE /jsonldContexts/{id}
pub async fn delete(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["reload"])?;
    let tenant = incoming.tenant()?;
    let reload = incoming.flag("reload")?;
    if is_core_url(&id) {
        return Err(NgsiError::bad("the core @context cannot be deleted").into());
    }
    let entry = find(&incoming, &tenant, &id)?;
    if entry.kind == "Cached" {
        if reload {
            incoming.app.ngsi_ld().fetch(&incoming.app, &entry.url).await?;
            incoming.app.ngsi_ld().forget_parsed();
        } else {
            incoming.app.ngsi_ld().forget(&entry.url);
        }
        return Ok(reply::empty(StatusCode::NO_CONTENT));
    }
    if reload {
        return Err(NgsiError::bad("only a cached @context can be reloaded").at("reload").into());
    }
    let key = DocumentKey::new(COLLECTION, &entry.id);
    tenant.submit(incoming.submission(Command::DeleteDocument { key })?).await?;
    incoming.app.ngsi_ld().forget_parsed();
    Ok(reply::empty(StatusCode::NO_CONTENT))
}
