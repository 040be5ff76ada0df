//! Subscriptions: created, read, changed, deleted (CIM 009 §5.8). Sending is the business of [`super::delivery`].

use std::sync::Arc;

use axum::extract::Path;
use axum::http::{HeaderName, HeaderValue};
use nacre_kernel::command::PutMode;
use nacre_kernel::{Command, Refusal, Tenant};
use nacre_model::{DocumentKey, Entropy, Value};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::errors::NgsiError;
use nacre_wire_ngsi_ld::subscription::{COLLECTION, Subscription, View};
use serde_json::Value as Json;

use super::context_routes::with_link;
use super::delivery;
use super::entities::{page_links, page_of, run};
use super::reply::{self, Result};
use super::request::{Incoming, Media};

/// POST /subscriptions
pub async fn create(incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant_or_create().await?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let context = with_link(&incoming, &tenant, context).await?;
    let subscription = Subscription::create(&body, &new_id(&incoming), &context, tenant.now())?;
    check_endpoint(&incoming, &subscription)?;
    let key = DocumentKey::new(COLLECTION, subscription.id.as_str());
    let command = Command::PutDocument { key, value: subscription.to_value(), mode: PutMode::Create };
    tenant.submit(incoming.submission(command)?).await?;
    let response = reply::created(&format!("/ngsi-ld/v1/subscriptions/{}", subscription.id));
    Ok(response)
}

/// An id nobody can guess.
fn new_id(incoming: &Incoming) -> String {
    let mut bytes = [0_u8; 16];
    let mut entropy: Box<dyn Entropy> = (incoming.app.kernel().options().entropy)();
    entropy.fill(&mut bytes);
    format!("urn:ngsi-ld:Subscription:{}", hex::encode(bytes))
}

/// A receiver that can never be reached is refused when it is named, not when there is something to send.
fn check_endpoint(incoming: &Incoming, subscription: &Subscription) -> Result<()> {
    let uri = &subscription.notification.endpoint.uri;
    let checked = incoming.app.outbound().check(uri);
    checked.map_err(|e| NgsiError::bad(e.to_string()).at("/notification/endpoint/uri"))?;
    Ok(())
}

fn view<'a>(
    incoming: &Incoming,
    tenant: &Tenant,
    context: &'a Context,
    media: Media,
    subscription: &Subscription,
) -> View<'a> {
    View {
        context,
        delivery: delivery::state(&incoming.app, tenant, subscription.id.as_str()),
        defaults: true,
        sys_attrs: incoming.option("sysAttrs"),
        with_context: media == Media::LdJson,
        now: tenant.now(),
    }
}

fn answer(media: Media, context: &Arc<Context>, body: &Json) -> axum::response::Response {
    reply::body(media, context, media == Media::Json, body.to_string().into_bytes())
}

/// GET /subscriptions
pub async fn list(incoming: Incoming) -> Result {
    incoming.allow(&["limit", "offset", "count", "options", "local"])?;
    incoming.allow_options(&["sysAttrs", "count"])?;
    let media = incoming.media(false)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let page = page_of(&incoming)?;
    if page.limit > nacre_kernel::reading::PAGE_MAX {
        return Err(Refusal::TooManyResults { limit: nacre_kernel::reading::PAGE_MAX }.into());
    }
    let all = tenant.documents(&incoming.who(), COLLECTION)?;
    let (offset, limit) = (page.offset as usize, page.limit as usize);
    let mut items = Vec::new();
    for (_, value) in all.iter().skip(offset).take(limit) {
        let subscription = Subscription::from_value(value)?;
        items.push(subscription.to_json(&view(&incoming, &tenant, &context, media, &subscription)));
    }
    let more = all.len() > offset.saturating_add(limit);
    let mut response = answer(media, &context, &Json::Array(items));
    page_links(&incoming, &mut response, media, page, more);
    if page.count {
        let name = HeaderName::from_static("ngsild-results-count");
        response.headers_mut().insert(name, HeaderValue::from(all.len()));
    }
    Ok(response)
}

fn stored(incoming: &Incoming, tenant: &Tenant, id: &str) -> Result<(DocumentKey, Arc<Value>)> {
    if !nacre_model::id::is_uri(id) {
        return Err(NgsiError::bad(format!("the subscription id `{id}` is no URI")).into());
    }
    let key = DocumentKey::new(COLLECTION, id);
    let found = tenant.document(&incoming.who(), &key)?;
    let found = found.ok_or_else(|| NgsiError::not_found(format!("subscription `{id}` does not exist")))?;
    Ok((key, found))
}

/// GET /subscriptions/{id}
pub async fn retrieve(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["options", "local"])?;
    incoming.allow_options(&["sysAttrs"])?;
    let media = incoming.media(false)?;
    let tenant = incoming.tenant()?;
    let context = incoming.link_context(Some(&tenant)).await?;
    let (_, value) = stored(&incoming, &tenant, &id)?;
    let subscription = Subscription::from_value(&value)?;
    let json = subscription.to_json(&view(&incoming, &tenant, &context, media, &subscription));
    Ok(answer(media, &context, &json))
}

/// PATCH /subscriptions/{id}
pub async fn update(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant()?;
    let (body, context) = incoming.body(Some(&tenant)).await?;
    let context = with_link(&incoming, &tenant, context).await?;
    let (key, value) = stored(&incoming, &tenant, &id)?;
    let subscription = Subscription::from_value(&value)?.updated(&body, &context, tenant.now())?;
    check_endpoint(&incoming, &subscription)?;
    run(&incoming, Command::PutDocument { key, value: subscription.to_value(), mode: PutMode::Update }).await
}

/// DELETE /subscriptions/{id}
pub async fn delete(Path(id): Path<String>, incoming: Incoming) -> Result {
    incoming.allow(&["local"])?;
    let tenant = incoming.tenant()?;
    let (key, _) = stored(&incoming, &tenant, &id)?;
    run(&incoming, Command::DeleteDocument { key }).await
}
