//! Health, readiness, metrics, status.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use nacre_kernel::Tenant;
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::state::App;

/// The process runs.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = String)))]
pub async fn health() -> &'static str {
    "ok\n"
}

/// Commands are taken and the views follow; else 503 with the reason.
#[utoipa::path(get, path = "/readyz", tag = "operation",
    responses((status = 200, body = String), (status = 503, body = Problem)))]
pub async fn ready(State(app): State<App>) -> Result<&'static str, Problem> {
    let lag_max = app.kernel().options().lag_max;
    for tenant in app.kernel().tenants() {
        let status = tenant.status();
        let not_ready = |code: &str, why: String| {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, format!("tenant `{}`: {why}", tenant.id()))
        };
        if let Some(why) = status.journal_failure {
            return Err(not_ready("journal_stopped", why));
        }
        if let Some(why) = status.views_failure {
            return Err(not_ready("views_failed", why));
        }
        let lag = status.durable.0.saturating_sub(status.applied.0);
        if lag > lag_max {
            return Err(not_ready("views_behind", format!("the views are {lag} records behind")));
        }
    }
    Ok("ready\n")
}

/// How one tenant is.
#[derive(Debug, Serialize, ToSchema)]
pub struct TenantStatus {
    /// Its name.
    pub tenant: String,
    /// The newest durable record.
    pub durable: u64,
    /// The newest record the views contain.
    pub applied: u64,
    /// Records in the log's tiles.
    pub log_size: u64,
    /// Commands waiting.
    pub waiting: usize,
    /// Bytes of the views on disk.
    pub view_bytes: u64,
    /// Entities by type (expanded name).
    pub entities: std::collections::BTreeMap<String, u64>,
    /// Why it takes no commands, if so.
    pub failure: Option<String>,
}

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServerStatus {
    /// Version of the program.
    pub version: &'static str,
    /// The district, in Chinese and English.
    pub district: (String, String),
    /// How access is decided; `open` until access exists: everybody on loopback is the owner.
    pub access: &'static str,
    /// Its tenants.
    pub tenants: Vec<TenantStatus>,
}

/// What there is and how far it has come.
#[utoipa::path(get, path = "/api/status", tag = "operation", responses((status = 200, body = ServerStatus)))]
pub async fn status(State(app): State<App>) -> Result<Json<ServerStatus>, Problem> {
    let tenants = app.kernel().tenants().iter().map(|t| tenant_status(&app, t)).collect::<Result<_, _>>()?;
    Ok(Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION"),
        district: app.settings().district.clone(),
        access: "open",
        tenants,
    }))
}

pub(super) fn tenant_status(app: &App, tenant: &Tenant) -> Result<TenantStatus, Problem> {
    let status = tenant.status();
    let counts = tenant.type_counts(&app.principal())?;
    let of_types = counts.into_iter().filter(|c| c.attribute.is_none());
    Ok(TenantStatus {
        tenant: tenant.id().to_string(),
        durable: status.durable.0,
        applied: status.applied.0,
        log_size: status.tree_size,
        waiting: status.waiting,
        view_bytes: tenant.view_bytes(),
        entities: of_types.map(|c| (c.type_name.to_string(), c.count)).collect(),
        failure: status.journal_failure.or(status.views_failure),
    })
}

/// Metrics in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses((status = 200, content_type = "text/plain")))]
pub async fn metrics(State(app): State<App>) -> Response {
    let mut out = String::new();
    let tenants = app.kernel().tenants();
    let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Tenant) -> u64| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
        for tenant in &tenants {
            let _ = writeln!(out, "{name}{{tenant=\"{}\"}} {}", tenant.id(), value(tenant));
        }
    };
    let counter = |c: fn(&nacre_kernel::tenant::Meters) -> &std::sync::atomic::AtomicU64| {
        move |t: &Tenant| c(t.meters()).load(Ordering::Relaxed)
    };
    family("nacre_records_total", "counter", "Records made durable since start.", &counter(|m| &m.records));
    family("nacre_changes_total", "counter", "Changes in those records.", &counter(|m| &m.changes));
    family("nacre_commits_total", "counter", "Group commits, one fsync each.", &counter(|m| &m.commits));
    family(
        "nacre_refusals_total",
        "counter",
        "Commands refused for the caller's reason.",
        &counter(|m| &m.refusals),
    );
    family(
        "nacre_overloads_total",
        "counter",
        "Commands refused because the queue was full.",
        &counter(|m| &m.overloads),
    );
    family("nacre_durable_seq", "gauge", "Number of the newest durable record.", &|t| t.status().durable.0);
    family("nacre_applied_seq", "gauge", "Number of the newest record in the views.", &|t| {
        t.status().applied.0
    });
    family("nacre_view_lag_records", "gauge", "Durable records the views do not contain yet.", &|t| {
        let s = t.status();
        s.durable.0.saturating_sub(s.applied.0)
    });
    family("nacre_queue_length", "gauge", "Commands waiting for the sequencer.", &|t| {
        t.status().waiting as u64
    });
    family("nacre_view_bytes", "gauge", "Bytes of the views on disk.", &|t| t.view_bytes());
    family("nacre_journal_stopped", "gauge", "1 when the journal takes no more records.", &|t| {
        u64::from(t.status().journal_failure.is_some())
    });
    let _ = writeln!(
        out,
        "# HELP nacre_resident_bytes Resident memory of the process.\n# TYPE nacre_resident_bytes gauge\nnacre_resident_bytes {}",
        resident_bytes()
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], out).into_response()
}

/// Resident memory as Linux counts it; 0 elsewhere.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 = statm.split_whitespace().nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
    pages * 4096
}
