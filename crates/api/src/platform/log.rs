//! The transparency log as C2SP tlog-tiles, and proofs for those who do not want to compute them from tiles.
//!
//! A leaf entry is a record's header with salted commitments to its content: it names who did what kind of thing when,
//! and holds no content (`docs/formats/record.md`).

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use nacre_journal::codec::record;
use nacre_kernel::Tenant;
use nacre_ledger::{Frontier, Hash, Tile, TileKind, TileStore, encode_bundle};
use nacre_model::Seq;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::TenantParam;
use crate::problem::Problem;
use crate::state::App;

/// The newest signed checkpoint of the log, a C2SP signed note. It is at most a second behind.
#[utoipa::path(get, path = "/log/checkpoint", params(TenantParam), tag = "log",
    responses((status = 200, content_type = "text/plain"), (status = 404, description = "No record yet")))]
pub async fn checkpoint(
    State(app): State<App>,
    Query(param): Query<TenantParam>,
) -> Result<Response, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let note =
        app.checkpoint(tenant.id()).ok_or_else(|| Problem::not_found("the log has no checkpoint yet"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], note.to_string()).into_response())
}

/// The key that verifies checkpoints, in the form `name+id+key` of C2SP signed notes.
#[utoipa::path(get, path = "/log/key", tag = "log", responses((status = 200, content_type = "text/plain")))]
pub async fn key(State(app): State<App>) -> Result<String, Problem> {
    let key = app.log_key().ok_or_else(|| Problem::not_found("this server signs no checkpoints"))?;
    Ok(format!("{key}\n"))
}

/// A tile of hashes (`/log/tile/<level>/<index>`) or a bundle of entries (`/log/tile/entries/<index>`), whole or partial
/// (`.p/<width>`).
#[utoipa::path(get, path = "/log/tile/{path}", tag = "log",
    params(("path" = String, Path, description = "Level and index, such as `0/x001/234.p/5`"), TenantParam),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, description = "Not (yet) there")))]
pub async fn tile(
    State(app): State<App>,
    Path(path): Path<String>,
    Query(param): Query<TenantParam>,
) -> Result<Response, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let tile = Tile::parse(&format!("tile/{path}")).map_err(|e| Problem::bad(e.code(), e.to_string()))?;
    let (tiles, size) = tenant.log(&app.principal())?;
    if !tile.exists_at(size) {
        return Err(Problem::not_found("the log has no such tile yet"));
    }
    let (start, width) = (tile.start(), usize::from(tile.width));
    let bytes = match tile.kind {
        TileKind::Hashes { level } => {
            let hashes = tiles.read(level, start, width).map_err(unreadable)?;
            hashes.iter().flat_map(|h| h.0).collect()
        }
        TileKind::Entries => {
            let work = move || entries(&app, &tenant, start, width);
            tokio::task::spawn_blocking(work).await.map_err(|e| unreadable(e.to_string()))??
        }
    };
    let cache = if tile.width == 256 { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, cache)];
    Ok((headers, bytes).into_response())
}

fn unreadable(error: impl std::fmt::Display) -> Problem {
    Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "log_unreadable", error.to_string())
}

fn entries(app: &App, tenant: &Tenant, start: u64, width: usize) -> Result<Vec<u8>, Problem> {
    let mut entries = Vec::with_capacity(width);
    for seq in start + 1..=start + width as u64 {
        let bytes = tenant.record_bytes(&app.principal(), Seq(seq))?;
        let bytes = bytes.ok_or_else(|| Problem::not_found("the log has no such tile yet"))?;
        entries.push(record::parts(&bytes).map_err(unreadable)?.entry());
    }
    encode_bundle(&entries).map_err(unreadable)
}

/// A proof that a record is in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Inclusion {
    /// The record.
    pub seq: u64,
    /// Leaf index: the record's number less one.
    pub index: u64,
    /// Size of the tree the proof is for.
    pub size: u64,
    /// The leaf's hash, hex.
    pub leaf: String,
    /// Hashes from the leaf's sibling upwards, hex.
    pub proof: Vec<String>,
    /// Root of the tree, hex.
    pub root: String,
    /// The signed checkpoint of that size.
    pub checkpoint: String,
}

/// The size and text of the newest checkpoint.
fn newest(app: &App, tenant: &Tenant) -> Result<(u64, std::sync::Arc<str>), Problem> {
    let note =
        app.checkpoint(tenant.id()).ok_or_else(|| Problem::not_found("the log has no checkpoint yet"))?;
    let size = note.lines().nth(1).and_then(|l| l.parse().ok());
    Ok((size.ok_or_else(|| unreadable("a checkpoint without size"))?, note))
}

/// Proves that a record is part of the log the newest checkpoint signs.
#[utoipa::path(get, path = "/api/log/inclusion/{seq}", tag = "log",
    params(("seq" = u64, Path, description = "Number of the record"), TenantParam),
    responses((status = 200, body = Inclusion), (status = 404, body = Problem)))]
pub async fn inclusion(
    State(app): State<App>,
    Path(seq): Path<u64>,
    Query(param): Query<TenantParam>,
) -> Result<Json<Inclusion>, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let (size, note) = newest(&app, &tenant)?;
    if seq == 0 || seq > size {
        return Err(Problem::not_found(format!("the newest checkpoint covers records 1 to {size}")));
    }
    let (tiles, _) = tenant.log(&app.principal())?;
    let proof = nacre_ledger::inclusion_proof(&tiles, seq - 1, size).map_err(unreadable)?;
    let leaf = tiles.read(0, seq - 1, 1).map_err(unreadable)?;
    let root = Frontier::from_tiles(&tiles, size).map_err(unreadable)?.root();
    Ok(Json(Inclusion {
        seq,
        index: seq - 1,
        size,
        leaf: leaf.first().map(Hash::to_string).unwrap_or_default(),
        proof: proof.iter().map(Hash::to_string).collect(),
        root: root.to_string(),
        checkpoint: note.to_string(),
    }))
}

/// Sizes between which consistency is asked.
#[derive(Debug, Deserialize, IntoParams)]
pub struct Sizes {
    /// The older size.
    pub from: u64,
    /// The newer size; without it the newest checkpoint's.
    pub to: Option<u64>,
    /// The tenant; without it the default tenant.
    pub tenant: Option<String>,
}

/// A proof that the older log is the beginning of the newer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Consistency {
    /// The older size.
    pub from: u64,
    /// The newer size.
    pub to: u64,
    /// Hashes in the order of RFC 9162, hex.
    pub proof: Vec<String>,
}

/// Proves that nothing before was changed.
#[utoipa::path(get, path = "/api/log/consistency", tag = "log", params(Sizes),
    responses((status = 200, body = Consistency), (status = 400, body = Problem)))]
pub async fn consistency(
    State(app): State<App>,
    Query(sizes): Query<Sizes>,
) -> Result<Json<Consistency>, Problem> {
    let tenant = app.tenant(sizes.tenant.as_deref())?;
    let (tiles, size) = tenant.log(&app.principal())?;
    let to = match sizes.to {
        Some(to) => to,
        None => newest(&app, &tenant)?.0,
    };
    if sizes.from == 0 || sizes.from > to || to > size {
        let detail = format!("needed: 1 <= from <= to <= {size}; got from {} to {to}", sizes.from);
        return Err(Problem::bad("invalid_sizes", detail));
    }
    let proof = nacre_ledger::consistency_proof(&tiles, sizes.from, to).map_err(unreadable)?;
    Ok(Json(Consistency { from: sizes.from, to, proof: proof.iter().map(Hash::to_string).collect() }))
}
