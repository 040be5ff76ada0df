//! Notices: what a post is told, and that it was read.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_cases::case::{attribute, iri, local};
use nacre_kernel::command::AttributeWrite;
use nacre_kernel::query::{AsOf, Page, Query as Entities, TypeSelection};
use nacre_kernel::{Command, Submission};
use nacre_model::{Attribute, Content, Entity, EntityId, Value};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shown::Names;
use crate::plan::post::Post;
use crate::plan::store::{blocking, urn};
use crate::problem::Problem;
use crate::state::App;

/// A notice.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct Notice {
    pub id: String,
    pub subject: String,
    pub text: String,
    pub about: Option<String>,
    pub link: Option<String>,
    pub at: String,
    pub by: String,
    pub severity: String,
    pub read_at: Option<String>,
    pub simulated: bool,
}

/// Notices of a post.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeList {
    /// Newest first.
    pub notices: Vec<Notice>,
    /// All.
    pub total: usize,
    /// Of them unread.
    pub unread: usize,
}

/// Which.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[allow(missing_docs)]
pub struct NoticeQuery {
    pub unread: bool,
    pub offset: usize,
    pub limit: Option<usize>,
}

fn text(entity: &Entity, short: &str) -> Option<String> {
    match attribute(entity, short)? {
        Content::Property(Value::Text(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn object(entity: &Entity, short: &str) -> Option<String> {
    Some(attribute(entity, short)?.objects().first()?.to_string())
}

fn is_for(entity: &Entity, post: &Post) -> bool {
    let role = text(entity, "toRole").is_some_and(|roles| roles.split('|').any(|r| r == post.role));
    let organisation = object(entity, "toOrganisation").is_none_or(|o| local(&o) == post.organisation);
    let person = text(entity, "toPerson").is_none_or(|p| post.person.as_ref() == Some(&p));
    role && organisation && person
}

/// Notices for a post, newest first.
pub fn of(app: &App, post: &Post) -> Result<Vec<Notice>, Problem> {
    let tenant = app.tenant(None)?;
    let query = Entities { types: Some(TypeSelection::Is(iri("Notice"))), ..Entities::default() };
    let page = Page { offset: 0, limit: u64::MAX, count: false };
    let answer = tenant.scan(&app.principal(), &query, page, AsOf::Now)?;
    let mut names = Names::new(app);
    let mut found: Vec<Notice> =
        answer.entities.iter().filter(|e| is_for(e, post)).map(|e| notice(e, &mut names)).collect();
    found.sort_by(|a, b| b.at.cmp(&a.at));
    Ok(found)
}

fn notice(entity: &Entity, names: &mut Names<'_>) -> Notice {
    let about = object(entity, "about");
    let link = about.as_deref().map(nacre_channels::messenger::page);
    let by = text(entity, "sentBy").unwrap_or_default();
    Notice {
        id: local(entity.id.as_str()).to_owned(),
        subject: text(entity, "name").unwrap_or_default(),
        text: text(entity, "noticeText").unwrap_or_default(),
        about,
        link,
        at: text(entity, "sentAt").unwrap_or_default(),
        by: if by.starts_with("system:") { "系统".into() } else { names.post(&by) },
        severity: text(entity, "noticeSeverity").unwrap_or_default(),
        read_at: text(entity, "readAt"),
        simulated: attribute(entity, "simulated") == Some(&Content::Property(Value::Bool(true))),
    }
}

/// What the post is told.
#[utoipa::path(get, path = "/api/notices", tag = "cases", params(NoticeQuery), responses((status = 200, body = NoticeList)))]
pub async fn list(
    State(app): State<App>,
    Query(query): Query<NoticeQuery>,
    post: Post,
) -> Result<Json<NoticeList>, Problem> {
    blocking(move || {
        let all = of(&app, &post)?;
        let unread = all.iter().filter(|n| n.read_at.is_none()).count();
        let wanted: Vec<Notice> = all.into_iter().filter(|n| !query.unread || n.read_at.is_none()).collect();
        let total = wanted.len();
        let limit = query.limit.unwrap_or(50).min(super::lists::LIMIT_MAX);
        let notices = wanted.into_iter().skip(query.offset).take(limit).collect();
        Ok(Json(NoticeList { notices, total, unread }))
    })
    .await
}

fn reading(id: EntityId, post: &Post, now: nacre_model::Instant) -> Submission {
    let set = |name: &str, value: String| {
        (iri(name), vec![AttributeWrite::Set(Attribute::new(Content::Property(Value::text(value))))])
    };
    let attributes =
        vec![set("noticeState", "read".into()), set("readBy", post.actor()), set("readAt", now.to_string())];
    let command = Command::UpdateAttributes {
        entity: id,
        types: Vec::new(),
        scopes: None,
        expires_at: None,
        attributes,
    };
    Submission::new(post.principal(), command)
}

/// A notice was read.
#[utoipa::path(post, path = "/api/notices/{id}/read", tag = "cases", params(("id" = String, Path)),
    responses((status = 204), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<axum::http::StatusCode, Problem> {
    let id = EntityId::new(&urn("Notice", &id)).map_err(|e| Problem::bad("invalid_id", e.to_string()))?;
    let tenant = app.tenant(None)?;
    let found = tenant.entity(&app.principal(), &id, AsOf::Now)?;
    let found = found.ok_or_else(|| Problem::not_found("there is no such notice"))?;
    if !is_for(&found, &post) {
        let detail = "这条通知不是发给您的岗位的。 / The notice is not for your post.";
        return Err(Problem::new(axum::http::StatusCode::FORBIDDEN, "notice_of_others", detail));
    }
    if text(&found, "readAt").is_none() {
        tenant.submit(reading(id, &post, tenant.now())).await?;
    }
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Everything was read.
#[utoipa::path(post, path = "/api/notices/read-all", tag = "cases", responses((status = 204)))]
pub async fn read_all(State(app): State<App>, post: Post) -> Result<axum::http::StatusCode, Problem> {
    let (asked, reader) = (app.clone(), post.clone());
    let unread = blocking(move || {
        Ok(of(&asked, &reader)?.into_iter().filter(|n| n.read_at.is_none()).collect::<Vec<_>>())
    })
    .await?;
    let tenant = app.tenant(None)?;
    let now = tenant.now();
    for chunk in unread.chunks(500) {
        let ids = chunk.iter().filter_map(|n| EntityId::new(&urn("Notice", &n.id)).ok());
        let all = ids.map(|id| reading(id, &post, now)).collect();
        tenant.submit_batch(all).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    }
    Ok(axum::http::StatusCode::NO_CONTENT)
}
