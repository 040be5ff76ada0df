//! Comments of the public: received with a code to follow them, replied to, published with the reply.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_kernel::query::AsOf;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::conflicts::needed_words;
use super::facts::{AsOfParam, Snapshot, day};
use super::post::Post;
use super::returns::moment;
use super::store::{Simple, Write, all, blocking, json_property, new_id, one, property, urn, write};
use crate::problem::Problem;
use crate::state::App;

/// Days until a reply is due.
const REPLY_DAYS: i64 = 15;
/// Comments that wait for a reply; more are refused until some are answered.
const WAITING_MAX: usize = 2_000;
/// Longest comment, characters.
const TEXT_MAX: usize = 2_000;

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Local id.
    pub id: String,
    /// Code to follow it; only for its author.
    pub code: Option<String>,
    /// An indicator, a report, or nothing.
    pub about: String,
    /// Name of that.
    pub about_title: String,
    /// What was said.
    pub text: String,
    /// Who signed; masked in public.
    pub name: String,
    /// When it came.
    pub at: String,
    /// When the reply is due.
    pub due: String,
    /// received, replied, published.
    pub state: String,
    /// The reply.
    pub reply: Option<Reply>,
    /// No reply though it was due.
    pub overdue: bool,
}

/// A reply.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reply {
    /// What is said.
    pub text: String,
    /// 采纳 or 未采纳: `adopted`, `not-adopted`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
}

/// Comments.
#[derive(Debug, Serialize, ToSchema)]
pub struct Comments {
    /// Newest first.
    pub comments: Vec<Comment>,
}

/// What the public writes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentInput {
    /// Id of an indicator or report; empty for the plan as a whole.
    #[serde(default)]
    pub about: String,
    /// The comment, at most 2,000 characters.
    pub text: String,
    /// How it is signed; may be left out.
    #[serde(default)]
    pub name: Option<String>,
}

/// What its author gets.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// Code to follow the comment.
    pub code: String,
    /// Local id.
    pub id: String,
    /// When the reply is due.
    pub due: String,
}

/// What the office writes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyInput {
    /// `adopted` or `not-adopted`.
    pub decision: String,
    /// The reply.
    pub text: String,
    /// Why.
    pub reason: String,
}

fn mask(name: &str) -> String {
    let mut letters = name.chars();
    match letters.next() {
        None => "匿名".into(),
        Some(first) => format!("{first}**"),
    }
}

fn about_title(snapshot: &Snapshot, about: &str) -> String {
    let indicator = snapshot.board.indicators.iter().find(|i| i.id == about);
    indicator
        .map(|i| i.title.zh.clone())
        .unwrap_or_else(|| if about.is_empty() { "规划总体".into() } else { about.into() })
}

fn shown(e: &Simple, snapshot: &Snapshot, all: bool) -> Comment {
    let (state, due) = (e.text("commentState").to_owned(), e.text("dueDate").to_owned());
    let name = e.text("signature");
    Comment {
        id: e.local().to_owned(),
        code: None,
        about: e.text("about").to_owned(),
        about_title: about_title(snapshot, e.text("about")),
        text: e.text("text").to_owned(),
        name: if all && !name.is_empty() { name.to_owned() } else { mask(name) },
        at: e.text("receivedAt").to_owned(),
        overdue: state == "received" && due < snapshot.today,
        due,
        state,
        reply: e.json("reply"),
    }
}

fn comments(app: &App, as_of: AsOf) -> Result<Vec<Simple>, Problem> {
    let found = all(&app.tenant(None)?, &app.principal(), "PublicComment", as_of)?.0;
    let mut found: Vec<Simple> = found.iter().map(|e| Simple::of(e)).collect();
    found.sort_by(|a, b| b.text("receivedAt").cmp(a.text("receivedAt")));
    Ok(found)
}

/// Comments without a reply, and those of them whose reply is overdue.
pub fn unanswered(app: &App, as_of: AsOf, today: &str) -> Result<(usize, usize), Problem> {
    let all = comments(app, as_of)?;
    let open: Vec<&Simple> = all.iter().filter(|c| c.text("commentState") == "received").collect();
    Ok((open.len(), open.iter().filter(|c| c.text("dueDate") < today).count()))
}

/// Receives a comment. The tracking code is given once, to the author.
#[utoipa::path(post, path = "/api/public/comments", tag = "public", request_body = CommentInput,
    responses((status = 201, body = Receipt), (status = 400, body = Problem), (status = 429, body = Problem)))]
pub async fn create(State(app): State<App>, Json(input): Json<CommentInput>) -> Result<Response, Problem> {
    let count = input.text.trim().chars().count();
    if !(4..=TEXT_MAX).contains(&count) {
        let detail =
            format!("意见应为 4 至 {TEXT_MAX} 字，现为 {count} 字。 `text` needs 4 to {TEXT_MAX} characters");
        return Err(Problem::bad("invalid_words", detail));
    }
    let name = input.name.unwrap_or_default().trim().to_owned();
    if name.chars().count() > 40 || input.about.len() > 200 {
        return Err(Problem::bad("invalid_words", "`name` has at most 40 characters, `about` 200 bytes"));
    }
    let _one_at_a_time = app.plan_lock().await;
    let asked = app.clone();
    let (waiting, _) = blocking(move || unanswered(&asked, AsOf::Now, "")).await?;
    if waiting >= WAITING_MAX {
        let detail = "too many comments wait for a reply; try again later";
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_comments", detail);
        return Err(Problem { retry_after_s: Some(3_600), ..problem });
    }
    let tenant = app.tenant(None)?;
    let (id, code) = (new_id("c-"), new_id(""));
    let due = day(tenant.now().plus_ms(REPLY_DAYS * 86_400_000));
    let mut entity = json!({
        "id": urn("PublicComment", &id),
        "type": "PublicComment",
        "text": property(input.text.trim()),
        // Only its digest is kept: who reads the records cannot follow a comment as its author.
        "trackingCode": property(crate::sha256(code.as_bytes())),
        "receivedAt": {"type": "Property", "value": {"@type": "DateTime", "@value": tenant.now().to_string()}},
        "dueDate": {"type": "Property", "value": {"@type": "Date", "@value": due.clone()}},
        "commentState": property("received"),
        "about": property(input.about),
    });
    if !name.is_empty() {
        entity["signature"] = property(name);
    }
    write(&tenant, &Post::reader(), &entity, Write::Create).await?;
    Ok((StatusCode::CREATED, Json(Receipt { code, id, due })).into_response())
}

/// Published comments with their replies.
#[utoipa::path(get, path = "/api/public/comments", tag = "public", params(AsOfParam), responses((status = 200, body = Comments)))]
pub async fn published(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Comments>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let found = comments(&app, moment(&app, param.as_of.as_deref())?)?;
        let open = found.iter().filter(|c| c.text("commentState") == "published");
        Ok(Json(Comments { comments: open.map(|c| shown(c, &snapshot, false)).collect() }))
    })
    .await
}

/// One's own comment, by its code.
#[utoipa::path(get, path = "/api/public/comments/{code}", tag = "public", params(("code" = String, Path)),
    responses((status = 200, body = Comment), (status = 404, body = Problem)))]
pub async fn track(State(app): State<App>, Path(code): Path<String>) -> Result<Json<Comment>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(None)?;
        let code = code.trim().to_lowercase();
        let digest = crate::sha256(code.as_bytes());
        let found = comments(&app, AsOf::Now)?.into_iter().find(|c| c.text("trackingCode") == digest);
        let found =
            found.ok_or_else(|| Problem::not_found("没有这个查询码。 There is no comment with this code"))?;
        Ok(Json(Comment { code: Some(code), ..shown(&found, &snapshot, true) }))
    })
    .await
}

/// All comments, for the office.
#[utoipa::path(get, path = "/api/comments", tag = "public", params(AsOfParam),
    responses((status = 200, body = Comments), (status = 403, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
    post: Post,
) -> Result<Json<Comments>, Problem> {
    post.needs(&app, "comment.reply")?;
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        let found = comments(&app, moment(&app, param.as_of.as_deref())?)?;
        Ok(Json(Comments { comments: found.iter().map(|c| shown(c, &snapshot, true)).collect() }))
    })
    .await
}

/// Replies to a comment, or publishes it with its reply.
#[utoipa::path(post, path = "/api/comments/{id}/{verb}", tag = "public",
    params(("id" = String, Path), ("verb" = String, Path, description = "reply, publish")), request_body = ReplyInput,
    responses((status = 200, body = Comment), (status = 400, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn act(
    State(app): State<App>,
    Path((id, verb)): Path<(String, String)>,
    post: Post,
    body: axum::body::Bytes,
) -> Result<Json<Comment>, Problem> {
    let _one_at_a_time = app.plan_lock().await;
    let (asked, wanted) = (app.clone(), urn("PublicComment", &id));
    let found = blocking(move || {
        let found = one(&asked.tenant(None)?, &asked.principal(), &wanted, AsOf::Now)?;
        found.ok_or_else(|| Problem::not_found("there is no such comment"))
    })
    .await?;
    let tenant = app.tenant(None)?;
    let conflict = |detail: &str| Problem::new(StatusCode::CONFLICT, "comment_state", detail);
    let mut change = json!({"id": found.id, "type": "PublicComment"});
    match verb.as_str() {
        "reply" => {
            post.needs(&app, "comment.reply")?;
            let input: ReplyInput =
                serde_json::from_slice(&body).map_err(|e| Problem::bad("invalid_json", e.to_string()))?;
            if found.text("commentState") == "published" {
                return Err(conflict("the comment was published with its reply"));
            }
            if !matches!(input.decision.as_str(), "adopted" | "not-adopted") {
                return Err(Problem::bad("invalid_decision", "`decision` is adopted or not-adopted"));
            }
            let reply = Reply {
                text: needed_words("text", &input.text, 2)?,
                decision: input.decision,
                reason: needed_words("reason", &input.reason, 2)?,
                by: post.actor(),
                at: tenant.now().to_string(),
            };
            change["reply"] = json_property(&reply)?;
            change["commentState"] = property("replied");
        }
        "publish" => {
            post.needs(&app, "comment.publish")?;
            if found.text("commentState") != "replied" {
                return Err(conflict("a comment is published together with its reply: reply first"));
            }
            change["commentState"] = property("published");
        }
        other => return Err(Problem::not_found(format!("a comment has no verb `{other}`"))),
    }
    write(&tenant, &post, &change, Write::Update).await?;
    blocking(move || {
        let snapshot = app.snapshot(None)?;
        let found = one(&app.tenant(None)?, &app.principal(), &found.id, AsOf::Now)?;
        let found = found.ok_or_else(|| Problem::not_found("there is no such comment"))?;
        Ok(Json(shown(&found, &snapshot, true)))
    })
    .await
}
