//! Records: who did what, when, by which command; and bundles that prove them offline.

use axum::Json;
use axum::extract::{Path, Query, State};
use base64::Engine;
use nacre_kernel::Tenant;
use nacre_model::{Change, EntityId, Record, Seq};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::TenantParam;
use super::log::{Inclusion, inclusion};
use crate::problem::Problem;
use crate::state::App;

/// Records on one page at most.
const PAGE_MAX: usize = 1_000;

/// A record in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// Its number; the first is 1.
    pub seq: u64,
    /// When, UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// By which command.
    pub command: String,
    /// The record that caused it.
    pub cause: Option<u64>,
    /// Entities and documents it touched.
    pub touched: Vec<String>,
    /// Expanded names of the attributes it changed.
    pub attributes: Vec<String>,
}

impl RecordView {
    fn of(record: &Record) -> RecordView {
        let mut touched: Vec<String> = Vec::new();
        let mut attributes: Vec<String> = Vec::new();
        for change in &record.changes {
            let what = match (change.entity(), change) {
                (Some(id), _) => id.to_string(),
                (None, Change::PutDocument { key, .. } | Change::DeleteDocument { key }) => {
                    format!("{}:{}", key.collection, key.id)
                }
                (None, _) => continue,
            };
            if !touched.contains(&what) {
                touched.push(what);
            }
            if let Some(name) = change.attribute_name().map(ToString::to_string)
                && !attributes.contains(&name)
            {
                attributes.push(name);
            }
        }
        RecordView {
            seq: record.seq.0,
            at: record.at.to_string(),
            actor: record.actor.to_string(),
            command: record.command.to_string(),
            cause: record.cause.map(|s| s.0),
            touched,
            attributes,
        }
    }
}

/// Which records.
#[derive(Debug, Deserialize, IntoParams)]
pub struct ListParams {
    /// Only those that touched this entity.
    pub entity: Option<String>,
    /// Only those after this number.
    pub after: Option<u64>,
    /// At most this many, up to 1000; 100 if not given.
    pub limit: Option<usize>,
    /// The tenant; without it the default tenant.
    pub tenant: Option<String>,
}

/// Records in order, oldest first.
#[utoipa::path(get, path = "/api/records", tag = "records", params(ListParams),
    responses((status = 200, body = Vec<RecordView>), (status = 400, body = Problem)))]
pub async fn list(
    State(app): State<App>,
    Query(param): Query<ListParams>,
) -> Result<Json<Vec<RecordView>>, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let work = move || {
        let records = records(&app, &tenant, &param)?;
        Ok(Json(records.iter().map(RecordView::of).collect()))
    };
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}

fn failed(error: impl std::fmt::Display) -> Problem {
    Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, "internal_error", error.to_string())
}

fn records(app: &App, tenant: &Tenant, param: &ListParams) -> Result<Vec<Record>, Problem> {
    let limit = param.limit.unwrap_or(100);
    if limit == 0 || limit > PAGE_MAX {
        return Err(Problem::bad("invalid_limit", format!("`limit` is {limit}; needed: 1 to {PAGE_MAX}")));
    }
    let after = Seq(param.after.unwrap_or(0));
    let who = app.principal();
    let Some(entity) = &param.entity else {
        let commits = tenant.commits_after(&who, after, limit)?;
        return Ok(commits.iter().map(|c| (*c.record).clone()).collect());
    };
    let id = EntityId::new(entity).map_err(|e| Problem::bad("invalid_entity", e.to_string()))?;
    let rows = tenant.history(&who, &id, (after.next(), Seq(u64::MAX - 1)), false, limit)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        found.extend(tenant.record(&who, row.seq)?);
    }
    Ok(found)
}

/// One record.
#[utoipa::path(get, path = "/api/records/{seq}", tag = "records",
    params(("seq" = u64, Path, description = "Its number"), TenantParam),
    responses((status = 200, body = RecordView), (status = 404, body = Problem)))]
pub async fn one(
    State(app): State<App>,
    Path(seq): Path<u64>,
    Query(param): Query<TenantParam>,
) -> Result<Json<RecordView>, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let record = tenant.record(&app.principal(), Seq(seq))?;
    let record = record.ok_or_else(|| Problem::not_found(format!("there is no record {seq}")))?;
    Ok(Json(RecordView::of(&record)))
}

/// A record with its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct Proved {
    /// Its number.
    pub seq: u64,
    /// Its bytes as they lie in the journal, base64.
    pub bytes: String,
    /// Hashes from the leaf's sibling upwards, hex.
    pub proof: Vec<String>,
}

/// Records with everything needed to verify them offline: `nacre verify FILE`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bundle {
    /// `nacre-bundle-1`.
    pub format: &'static str,
    /// The key that verifies the checkpoint; compare it with one you got elsewhere.
    pub key: String,
    /// The signed checkpoint all proofs lead to.
    pub checkpoint: String,
    /// The records.
    pub records: Vec<Proved>,
}

/// A bundle of records with their proofs: all that touched an entity, or a range.
#[utoipa::path(get, path = "/api/bundle", tag = "records", params(ListParams),
    responses((status = 200, body = Bundle), (status = 400, body = Problem)))]
pub async fn bundle(
    State(app): State<App>,
    Query(param): Query<ListParams>,
) -> Result<Json<Bundle>, Problem> {
    let tenant = app.tenant(param.tenant.as_deref())?;
    let (key, note) = (app.log_key().map(ToString::to_string), app.checkpoint(tenant.id()));
    let (Some(key), Some(note)) = (key, note) else {
        return Err(Problem::not_found("the log has no checkpoint yet"));
    };
    let asked = (app.clone(), tenant.clone());
    let (found, param) = tokio::task::spawn_blocking(move || {
        let found = records(&asked.0, &asked.1, &param)?;
        Ok::<_, Problem>((found, param))
    })
    .await
    .map_err(failed)??;
    let seqs = found.iter().map(|r| r.seq.0).collect();
    prove_in(&app, &tenant, param.tenant, key, note, seqs).await.map(Json)
}

/// Records of the default tenant with their proofs, all to one checkpoint. The newest may have to be signed first.
pub async fn prove(app: &App, seqs: Vec<u64>) -> Result<Bundle, Problem> {
    let tenant = app.tenant(None)?;
    let highest = seqs.iter().copied().max().unwrap_or(0);
    for _ in 0..100 {
        let (key, note) = (app.log_key().map(ToString::to_string), app.checkpoint(tenant.id()));
        let (Some(key), Some(note)) = (key, note) else { break };
        let signed: u64 = note.lines().nth(1).and_then(|l| l.parse().ok()).unwrap_or(0);
        if signed >= highest {
            match prove_in(app, &tenant, None, key, note, seqs.clone()).await {
                Err(problem) if problem.code == "checkpoint_moved" => continue,
                answer => return answer,
            }
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Err(Problem::not_found("the log has no checkpoint over these records yet; try again in a moment"))
}

async fn prove_in(
    app: &App,
    tenant: &Tenant,
    name: Option<String>,
    key: String,
    note: std::sync::Arc<str>,
    seqs: Vec<u64>,
) -> Result<Bundle, Problem> {
    let mut proved = Vec::with_capacity(seqs.len());
    for seq in seqs {
        let tenant_param = Query(TenantParam { tenant: name.clone() });
        let Json(Inclusion { proof, checkpoint, .. }) =
            inclusion(State(app.clone()), Path(seq), tenant_param).await?;
        if *checkpoint != *note {
            let detail = "a new checkpoint was signed meanwhile; ask again";
            return Err(Problem::new(axum::http::StatusCode::CONFLICT, "checkpoint_moved", detail));
        }
        let bytes = tenant.record_bytes(&app.principal(), Seq(seq))?.unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD.encode(bytes);
        proved.push(Proved { seq, bytes, proof });
    }
    Ok(Bundle { format: "nacre-bundle-1", key, checkpoint: note.to_string(), records: proved })
}
