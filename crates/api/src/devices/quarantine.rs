//! The quarantine: what could not be read, looked at, mended and replayed.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_devices::names::{iri, local, number, object, text, urn};
use nacre_devices::quarantine::QUARANTINED;
use nacre_devices::{Decided, reading};
use nacre_kernel::query::{AsOf, Page, Query as Entities, TypeSelection};
use nacre_model::{Entity, EntityId};
use nacre_operations::ingest::Verdict;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::ingest::result;
use super::registry::NoteInput;
use crate::cases::verbs::submit;
use crate::plan::post::Post;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// A message that is held, or was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Message {
    pub id: String,
    pub at: String,
    pub device: Option<String>,
    pub feed: Option<String>,
    pub topic: String,
    pub reason: MessageReason,
    pub payload: String,
    pub encoding: String,
    pub bytes: usize,
    pub count: u64,
    pub state: String,
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
    pub note: Option<String>,
}

/// Why it is held.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct MessageReason {
    pub code: String,
    pub words: String,
}

/// A page of messages.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct MessageList {
    pub messages: Vec<Message>,
    pub total: usize,
    pub counts: MessageCounts,
}

/// How many.
#[derive(Debug, Default, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct MessageCounts {
    pub reason: BTreeMap<String, usize>,
    pub state: BTreeMap<String, usize>,
}

/// Which messages.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[allow(missing_docs)]
pub struct MessageQuery {
    pub device: Option<String>,
    pub feed: Option<String>,
    pub reason: Option<String>,
    pub state: Option<String>,
    pub q: Option<String>,
    pub offset: usize,
    pub limit: Option<usize>,
}

fn all(app: &App) -> Result<Vec<std::sync::Arc<Entity>>, Problem> {
    let query = Entities { types: Some(TypeSelection::Is(iri(QUARANTINED))), ..Entities::default() };
    let page = Page { offset: 0, limit: u64::MAX, count: false };
    Ok(app.tenant(None)?.scan(&app.principal(), &query, page, AsOf::Now)?.entities)
}

/// Messages that are held, of a device.
pub fn held(app: &App, device: Option<&str>) -> Result<Vec<std::sync::Arc<Entity>>, Problem> {
    let of = |e: &std::sync::Arc<Entity>| device.is_none_or(|d| object(e, "device").as_deref() == Some(d));
    let held = |e: &std::sync::Arc<Entity>| text(e, "messageState").as_deref() == Some("held");
    Ok(all(app)?.into_iter().filter(|e| held(e) && of(e)).collect())
}

fn shown(entity: &Entity) -> Message {
    let payload = text(entity, "payload").unwrap_or_default();
    let encoding = text(entity, "encoding").unwrap_or_default();
    Message {
        id: local(entity.id.as_str()).to_owned(),
        at: text(entity, "receivedAt").unwrap_or_default(),
        device: object(entity, "device").map(|d| local(&d).to_owned()),
        feed: text(entity, "feed"),
        topic: text(entity, "topic").unwrap_or_default(),
        reason: MessageReason {
            code: text(entity, "reasonCode").unwrap_or_default(),
            words: text(entity, "reason").unwrap_or_default(),
        },
        bytes: if encoding == "hex" { payload.len() / 2 } else { payload.len() },
        payload,
        encoding,
        count: number(entity, "count").unwrap_or(1.0) as u64,
        state: text(entity, "messageState").unwrap_or_default(),
        decided_by: text(entity, "decidedBy"),
        decided_at: text(entity, "decidedAt"),
        note: text(entity, "note"),
    }
}

/// Messages that fit, the latest first.
#[utoipa::path(get, path = "/api/quarantine", tag = "devices", params(MessageQuery), responses((status = 200, body = MessageList)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<MessageQuery>,
) -> Result<Json<MessageList>, Problem> {
    blocking(move || {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.as_deref().is_none_or(|w| w.is_empty() || found == Some(w))
        };
        let words = query.q.as_deref().unwrap_or_default().to_lowercase();
        let mut found: Vec<Message> = all(&app)?
            .iter()
            .map(|e| shown(e))
            .filter(|m| {
                is(&query.device, m.device.as_deref())
                    && is(&query.feed, m.feed.as_deref())
                    && (words.is_empty()
                        || format!("{}\n{}", m.topic, m.payload).to_lowercase().contains(&words))
            })
            .collect();
        let mut counts = MessageCounts::default();
        for message in &found {
            *counts.state.entry(message.state.clone()).or_default() += 1;
            if message.state == "held" {
                *counts.reason.entry(message.reason.code.clone()).or_default() += 1;
            }
        }
        found.retain(|m| is(&query.reason, Some(&m.reason.code)) && is(&query.state, Some(&m.state)));
        found.sort_by(|a, b| b.at.cmp(&a.at));
        let total = found.len();
        let limit = query.limit.unwrap_or(50).min(crate::cases::lists::LIMIT_MAX);
        let messages = found.into_iter().skip(query.offset).take(limit).collect();
        Ok(Json(MessageList { messages, total, counts }))
    })
    .await
}

/// A mended payload.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ReplayInput {
    /// As it should have been; as it came, where absent.
    pub payload: Option<String>,
    /// In words.
    pub note: Option<String>,
}

/// What became of a replay.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct Replayed {
    pub ok: bool,
    pub results: Vec<super::ingest::ReadingResult>,
}

fn find(app: &App, id: &str) -> Result<std::sync::Arc<Entity>, Problem> {
    let missing = || Problem::not_found("没有这条消息。 / There is no such message.");
    let id = EntityId::new(&urn(QUARANTINED, id)).map_err(|_| missing())?;
    app.tenant(None)?.entity(&app.principal(), &id, AsOf::Now)?.ok_or_else(missing)
}

/// Reads a message again, mended or as it came. What cannot be read stays held, and the new reason is told.
#[utoipa::path(post, path = "/api/quarantine/{id}/replay", tag = "devices", params(("id" = String, Path)), request_body = ReplayInput,
    responses((status = 200, body = Replayed), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn replay(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    body: axum::body::Bytes,
) -> Result<Response, Problem> {
    post.needs(&app, "device.replay")?;
    let input: ReplayInput = match body.is_empty() {
        true => ReplayInput::default(),
        false => serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?,
    };
    let entity = find(&app, &id)?;
    let message = shown(&entity);
    if message.state != "held" {
        let detail = "这条消息已处理过。 / The message was decided about before.";
        return Err(Problem::new(StatusCode::CONFLICT, "message_decided", detail));
    }
    let again = |code: &str, words: String| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, words);
    let device = message.device.as_deref().and_then(|d| app.operations().device(d));
    let topics = app.operations().feeds().iter().find_map(|f| f.device_of(&message.topic));
    let device = device.or_else(|| app.operations().device(topics?));
    let Some(device) = device else {
        return Err(again(
            "device_unknown",
            "设备没有登记；先登记再重放。 / The device is not registered; register it first.".into(),
        ));
    };
    let Some(feed) = app.operations().feed(&device.feed).cloned() else {
        return Err(again(
            "feed_unknown",
            format!("没有接入映射 {}。 / There is no such feed.", device.feed),
        ));
    };
    let payload = match (input.payload, message.encoding.as_str()) {
        (Some(mended), _) => mended.into_bytes(),
        (None, "hex") => hex::decode(&message.payload).unwrap_or_default(),
        (None, _) => message.payload.into_bytes(),
    };
    let received = app.tenant(None)?.now();
    let readings =
        reading::read(&feed, &payload, received).map_err(|bad| again(bad.code(), bad.to_string()))?;
    let verdicts = app.operations().record(&device, readings, received).await?;
    if let Some(Verdict::Refused(why)) = verdicts.iter().find(|v| matches!(v, Verdict::Refused(_))) {
        return Err(again(&why.code, why.words.clone()));
    }
    let decided = Decided { id: entity.id.clone(), state: "replayed", by: post.actor(), note: input.note };
    submit(&app, post.principal(), decided, None).await?;
    app.operations().released();
    let results = verdicts.into_iter().map(result).collect();
    Ok(Json(Replayed { ok: true, results }).into_response())
}

/// A message is of no use.
#[utoipa::path(post, path = "/api/quarantine/{id}/discard", tag = "devices", params(("id" = String, Path)), request_body = NoteInput,
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn discard(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<NoteInput>,
) -> Result<StatusCode, Problem> {
    post.needs(&app, "device.replay")?;
    let entity = find(&app, &id)?;
    let decided = Decided { id: entity.id.clone(), state: "discarded", by: post.actor(), note: input.note };
    submit(&app, post.principal(), decided, None).await?;
    app.operations().released();
    Ok(StatusCode::NO_CONTENT)
}
