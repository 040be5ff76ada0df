//! Freezes: a name for a record, from which reports are made.

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nacre_kernel::query::AsOf;
use nacre_model::Seq;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::conflicts::WORDS_MAX;
use super::facts::AsOfParam;
use super::post::Post;
use super::returns::moment;
use super::store::{Simple, Write, all, blocking, internal, new_id, one as entity, property, urn, write};
use crate::problem::Problem;
use crate::state::App;

/// A freeze.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Freeze {
    /// Local id.
    pub id: String,
    /// The record it names.
    pub seq: u64,
    /// When that record was made.
    pub at: String,
    /// Why it was frozen.
    pub note: String,
    /// Who.
    pub by: String,
    /// Root of the log over that many records, hex.
    pub root: String,
}

/// Freezes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Freezes {
    /// Newest first.
    pub freezes: Vec<Freeze>,
}

/// Why it is frozen.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FreezeInput {
    /// Words.
    #[serde(default)]
    pub note: String,
}

/// All freezes.
#[utoipa::path(get, path = "/api/freezes", tag = "reports", params(AsOfParam), responses((status = 200, body = Freezes)))]
pub async fn list(State(app): State<App>, Query(param): Query<AsOfParam>) -> Result<Json<Freezes>, Problem> {
    blocking(move || {
        let found =
            all(&app.tenant(None)?, &app.principal(), "Freeze", moment(&app, param.as_of.as_deref())?)?.0;
        let mut freezes: Vec<Freeze> =
            found.iter().map(|e| freeze_of(&app, &Simple::of(e))).collect::<Result<_, _>>()?;
        freezes.sort_by_key(|f| std::cmp::Reverse(f.seq));
        Ok(Json(Freezes { freezes }))
    })
    .await
}

/// The freeze of an entity.
pub fn freeze_of(app: &App, e: &Simple) -> Result<Freeze, Problem> {
    let seq = e.number("position").unwrap_or(0.0) as u64;
    let record = app.tenant(None)?.record(&app.principal(), Seq(seq))?;
    Ok(Freeze {
        id: e.local().to_owned(),
        seq,
        at: record.map(|r| r.at.to_string()).unwrap_or_default(),
        note: e.text("note").to_owned(),
        by: e.text("frozenBy").to_owned(),
        root: e.text("root").to_owned(),
    })
}

/// Freezes what is known now: names the newest record and the root of the log over all records up to it.
#[utoipa::path(post, path = "/api/freezes", tag = "reports", request_body = FreezeInput,
    responses((status = 201, body = Freeze), (status = 403, body = Problem)))]
pub async fn create(
    State(app): State<App>,
    post: Post,
    Json(input): Json<FreezeInput>,
) -> Result<Response, Problem> {
    post.needs(&app, "freeze.create")?;
    if input.note.chars().count() > WORDS_MAX {
        return Err(Problem::bad("invalid_words", format!("`note` has more than {WORDS_MAX} characters")));
    }
    let _one_at_a_time = app.plan_lock().await;
    let asked = app.clone();
    let (seq, root) = blocking(move || {
        let tenant = asked.tenant(None)?;
        let seq = tenant.settled()?.0;
        // The tiles follow the journal within milliseconds.
        for _ in 0..200 {
            let (tiles, size) = tenant.log(&asked.principal())?;
            if size >= seq {
                let frontier = nacre_ledger::Frontier::from_tiles(&tiles, seq).map_err(internal)?;
                return Ok((seq, frontier.root().to_string()));
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        Err(Problem {
            retry_after_s: Some(1),
            ..Problem::new(StatusCode::SERVICE_UNAVAILABLE, "log_behind", "the log is behind; try again")
        })
    })
    .await?;
    let (tenant, id) = (app.tenant(None)?, new_id("z-"));
    let written = json!({
        "id": urn("Freeze", &id),
        "type": "Freeze",
        "name": property(format!("数据冻结 第 {seq} 号记录")),
        "position": property(seq),
        "root": property(root),
        "frozenBy": property(post.actor()),
        "note": property(input.note.trim()),
    });
    write(&tenant, &post, &written, Write::Create).await?;
    let made = blocking(move || {
        let found = entity(&app.tenant(None)?, &app.principal(), &urn("Freeze", &id), AsOf::Now)?;
        freeze_of(&app, &found.ok_or_else(|| internal("the freeze is gone"))?)
    })
    .await?;
    Ok((StatusCode::CREATED, Json(made)).into_response())
}
