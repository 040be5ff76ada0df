//! Conflicts: list, and resolution by choosing a side with a reason.

use axum::Json;
use axum::extract::{Path, Query, State};
use nacre_indicators::conflict::Conflict;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::facts::{AsOfInfo, AsOfParam, Snapshot};
use super::post::Post;
use super::store::{Write, blocking, delete, new_id, property, write};
use crate::problem::Problem;
use crate::state::App;

/// All conflicts.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Conflicts {
    /// As of when.
    pub as_of: AsOfInfo,
    /// Resolved ones too.
    pub conflicts: Vec<Conflict>,
}

/// All conflicts as of one record.
#[utoipa::path(get, path = "/api/conflicts", tag = "plan", params(AsOfParam),
    responses((status = 200, body = Conflicts), (status = 400, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Conflicts>, Problem> {
    blocking(move || {
        let snapshot = app.snapshot(param.as_of.as_deref())?;
        Ok(Json(Conflicts { as_of: snapshot.info.clone(), conflicts: snapshot.board.conflicts.clone() }))
    })
    .await
}

fn find(snapshot: &Snapshot, id: &str) -> Result<Conflict, Problem> {
    let found = snapshot.board.conflicts.iter().find(|c| c.id == id).cloned();
    found.ok_or_else(|| Problem::not_found(format!("there is no conflict `{id}`")))
}

/// One conflict.
#[utoipa::path(get, path = "/api/conflicts/{id}", tag = "plan", params(("id" = String, Path), AsOfParam),
    responses((status = 200, body = Conflict), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(param): Query<AsOfParam>,
) -> Result<Json<Conflict>, Problem> {
    blocking(move || find(&*app.snapshot(param.as_of.as_deref())?, &id).map(Json)).await
}

/// Which side, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolutionInput {
    /// Id of the side.
    pub chosen: String,
    /// Why; at least four characters.
    pub reason: String,
}

/// Longest reason or note, characters.
pub const WORDS_MAX: usize = 4_000;

/// Words somebody has to give.
pub fn needed_words(name: &str, text: &str, least: usize) -> Result<String, Problem> {
    let text = text.trim();
    let count = text.chars().count();
    if count < least || count > WORDS_MAX {
        let detail = format!("`{name}` has {count} characters; needed: {least} to {WORDS_MAX}");
        return Err(Problem::bad("invalid_words", detail));
    }
    Ok(text.to_owned())
}

/// Resolves a conflict; the decision is a record of its own.
#[utoipa::path(post, path = "/api/conflicts/{id}/resolution", tag = "plan", params(("id" = String, Path)),
    request_body = ResolutionInput,
    responses((status = 200, body = Conflict), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub async fn resolve(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
    Json(input): Json<ResolutionInput>,
) -> Result<Json<Conflict>, Problem> {
    post.needs(&app, "conflict.resolve")?;
    let _one_at_a_time = app.plan_lock().await;
    let reason = needed_words("reason", &input.reason, 4)?;
    let (asked, wanted) = (app.clone(), id.clone());
    let conflict = blocking(move || find(&*asked.snapshot(None)?, &wanted)).await?;
    if let Some(resolution) = &conflict.resolution {
        let detail =
            format!("resolved by {} in record {}; take that back first", resolution.by, resolution.seq);
        return Err(Problem::new(axum::http::StatusCode::CONFLICT, "already_resolved", detail));
    }
    if !conflict.sides.iter().any(|s| s.id == input.chosen) {
        let sides: Vec<&str> = conflict.sides.iter().map(|s| s.id.as_str()).collect();
        let detail = format!("`chosen` is `{}`; the sides are: {}", input.chosen, sides.join(", "));
        return Err(Problem::bad("unknown_side", detail));
    }
    let entity = json!({
        "id": format!("urn:ngsi-ld:ConflictResolution:{}", new_id("r-")),
        "type": "ConflictResolution",
        "name": property(conflict.title.zh.clone()),
        "conflict": property(id.clone()),
        "chosen": property(input.chosen),
        "reason": property(reason),
        "decidedBy": property(post.actor()),
    });
    write(&app.tenant(None)?, &post, &entity, Write::Create).await?;
    blocking(move || find(&*app.snapshot(None)?, &id).map(Json)).await
}

/// Takes a resolution back; that it was made stays in history.
#[utoipa::path(delete, path = "/api/conflicts/{id}/resolution", tag = "plan", params(("id" = String, Path)),
    responses((status = 200, body = Conflict), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    post: Post,
) -> Result<Json<Conflict>, Problem> {
    post.needs(&app, "conflict.resolve")?;
    let _one_at_a_time = app.plan_lock().await;
    let (asked, wanted) = (app.clone(), id.clone());
    let entity = blocking(move || {
        let snapshot = asked.snapshot(None)?;
        let resolution = snapshot.facts.resolutions.get(&wanted);
        resolution
            .map(|r| r.entity.clone())
            .ok_or_else(|| Problem::not_found("the conflict has no resolution"))
    })
    .await?;
    delete(&app.tenant(None)?, &post, &entity).await?;
    blocking(move || {
        let snapshot = app.snapshot(None)?;
        find(&snapshot, &id).map(Json)
    })
    .await
}
