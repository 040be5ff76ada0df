//! Readings over HTTP, tables of the past, and how the ingest is.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use nacre_devices::Device;
use nacre_operations::ingest::{Incoming, Verdict};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use utoipa::{IntoParams, ToSchema};

use crate::plan::post::Post;
use crate::problem::Problem;
use crate::state::App;

/// Rows of a table recorded at once.
const ROWS: usize = 1_000;
/// Refused rows that are named.
const NAMED_MAX: usize = 200;

/// The link to whatever carries devices: a broker, or brokers outside. The server puts it in place.
pub trait Link: Send + Sync {
    /// How it is, for people.
    fn status(&self) -> LinkStatus;
    /// Ends the connections of a device.
    fn kick(&self, device: &str);
}

/// Nothing carries devices but HTTP.
#[derive(Debug, Default)]
pub struct NoLink;

impl Link for NoLink {
    fn status(&self) -> LinkStatus {
        LinkStatus::default()
    }

    fn kick(&self, _device: &str) {}
}

/// How the link is.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct LinkStatus {
    /// The embedded broker.
    pub broker: Option<BrokerStatus>,
    /// Why there is none.
    pub failure: Option<String>,
    /// Brokers outside.
    pub outside: Vec<OutsideStatus>,
}

/// The embedded broker.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct BrokerStatus {
    pub address: String,
    pub connections: u64,
}

/// A broker outside.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs)]
pub struct OutsideStatus {
    pub url: String,
    pub connected_since: Option<String>,
    pub last_error: Option<String>,
    pub received: u64,
}

/// How the ingest is.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct IngestStatus {
    #[serde(flatten)]
    pub link: LinkStatus,
    /// Messages since the start.
    pub received: u64,
    /// Readings recorded since the start.
    pub accepted: u64,
    /// Readings held or refused since the start.
    pub refused: u64,
}

/// How the ingest is.
#[utoipa::path(get, path = "/api/ingest", tag = "devices", responses((status = 200, body = IngestStatus)))]
pub async fn status(State(app): State<App>) -> Json<IngestStatus> {
    let tallies = app.operations().tallies();
    Json(IngestStatus {
        link: app.ingest_link().status(),
        received: tallies.received.load(Ordering::Relaxed),
        accepted: tallies.accepted.load(Ordering::Relaxed),
        refused: tallies.refused.load(Ordering::Relaxed),
    })
}

/// What became of one reading.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct ReadingResult {
    pub ok: bool,
    pub seq: Option<u64>,
    pub duplicate: bool,
    /// Code of the reason, where it is held or refused.
    pub code: Option<String>,
    pub reason: Option<String>,
    /// It lies in quarantine.
    pub held: bool,
}

/// What became of a message.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct IngestResult {
    pub results: Vec<ReadingResult>,
    pub accepted: usize,
    pub refused: usize,
}

/// A verdict as an answer.
pub fn result(verdict: Verdict) -> ReadingResult {
    let plain =
        ReadingResult { ok: false, seq: None, duplicate: false, code: None, reason: None, held: false };
    match verdict {
        Verdict::Recorded { seq } => ReadingResult { ok: true, seq: Some(seq), ..plain },
        Verdict::Duplicate { seq } => ReadingResult { ok: true, seq: Some(seq), duplicate: true, ..plain },
        Verdict::Held(why) => {
            ReadingResult { code: Some(why.code), reason: Some(why.words), held: true, ..plain }
        }
        Verdict::Refused(why) => ReadingResult { code: Some(why.code), reason: Some(why.words), ..plain },
    }
}

/// The device that a request proves to be.
fn proved(app: &App, headers: &HeaderMap) -> Result<Device, Problem> {
    let refused = || {
        let detail = "设备用 Basic 认证：用户名是设备编号，密码是登记时给出的。 / Devices use Basic authentication: user name is the device, password as given at registration.";
        Problem::new(StatusCode::UNAUTHORIZED, "device_unauthorised", detail)
    };
    let text = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).ok_or_else(refused)?;
    let coded = text.strip_prefix("Basic ").ok_or_else(refused)?;
    let plain = base64::engine::general_purpose::STANDARD.decode(coded.trim()).map_err(|_| refused())?;
    let plain = String::from_utf8(plain).map_err(|_| refused())?;
    let (username, password) = plain.split_once(':').ok_or_else(refused)?;
    let device = app.operations().device(username).ok_or_else(refused)?;
    if device.knows(password.as_bytes()) { Ok(device) } else { Err(refused()) }
}

fn feed_of(app: &App, feed: &str) -> Result<(), Problem> {
    let known: Vec<&str> = app.operations().feeds().iter().map(|f| f.id.as_str()).collect();
    let missing = || {
        Problem::not_found(format!(
            "没有接入映射 `{feed}`。 / There is no feed `{feed}`; there are: {}",
            known.join(", ")
        ))
    };
    app.operations().feed(feed).map(|_| ()).ok_or_else(missing)
}

/// A device reports over HTTP. What is acknowledged is durable.
#[utoipa::path(post, path = "/api/ingest/{feed}", tag = "devices", params(("feed" = String, Path)), request_body = String,
    responses((status = 200, body = IngestResult), (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = IngestResult)))]
pub async fn take(
    State(app): State<App>,
    Path(feed): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<IngestResult>), Problem> {
    feed_of(&app, &feed)?;
    let device = proved(&app, &headers)?;
    if device.feed != feed {
        let detail = format!("设备的接入映射是 `{}`。 / The device has feed `{}`.", device.feed, device.feed);
        return Err(Problem::new(StatusCode::FORBIDDEN, "feed_other", detail));
    }
    let incoming = Incoming {
        device: Some(device.local().to_owned()),
        topic: format!("http:/api/ingest/{feed}"),
        payload: body.to_vec(),
    };
    let verdicts = app.operations().take(incoming).await?;
    let results: Vec<ReadingResult> = verdicts.into_iter().map(result).collect();
    let accepted = results.iter().filter(|r| r.ok).count();
    let refused = results.len() - accepted;
    let status = if accepted == 0 && refused > 0 { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, Json(IngestResult { results, accepted, refused })))
}

/// Whose table.
#[derive(Debug, Deserialize, IntoParams)]
pub struct DeviceParam {
    /// Local id of the device.
    pub device: String,
}

/// What became of a table.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct BackfillResult {
    pub rows: usize,
    pub accepted: usize,
    pub duplicates: usize,
    pub refused_count: usize,
    /// The first refused rows; the head is row 1.
    pub refused: Vec<RefusedRow>,
}

/// A refused row.
#[derive(Debug, Serialize, ToSchema)]
#[allow(missing_docs)]
pub struct RefusedRow {
    pub row: usize,
    pub code: String,
    pub reason: String,
}

/// A table of the past of a device: columns are named as the fields of the feed. Rows that were recorded before change nothing.
#[utoipa::path(post, path = "/api/ingest/{feed}/csv", tag = "devices", params(("feed" = String, Path), DeviceParam), request_body = String,
    responses((status = 200, body = BackfillResult), (status = 400, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub async fn backfill(
    State(app): State<App>,
    Path(feed): Path<String>,
    Query(param): Query<DeviceParam>,
    post: Post,
    body: Bytes,
) -> Result<Json<BackfillResult>, Problem> {
    post.needs(&app, "device.register")?;
    feed_of(&app, &feed)?;
    let operations = app.operations();
    let missing = || Problem::not_found(format!("没有设备 `{}`。 / There is no such device.", param.device));
    let device = operations.device(&param.device).filter(|d| d.feed == feed).ok_or_else(missing)?;
    let known = operations.feed(&feed).cloned().ok_or_else(missing)?;
    let rows = operations.rows(&known, &body).map_err(|bad| Problem::bad(bad.code(), bad.to_string()))?;
    let received = app.tenant(None)?.now();
    let mut answer = BackfillResult {
        rows: rows.len(),
        accepted: 0,
        duplicates: 0,
        refused_count: 0,
        refused: Vec::new(),
    };
    let mut readings = Vec::new();
    let refuse = |answer: &mut BackfillResult, row: usize, code: &str, reason: String| {
        answer.refused_count += 1;
        if answer.refused.len() < NAMED_MAX {
            answer.refused.push(RefusedRow { row, code: code.to_owned(), reason });
        }
    };
    for (i, row) in rows.into_iter().enumerate() {
        match row {
            Ok(reading) => readings.push((i + 2, reading)),
            Err(bad) => refuse(&mut answer, i + 2, bad.code(), bad.to_string()),
        }
    }
    for part in readings.chunks(ROWS) {
        let verdicts =
            operations.record(&device, part.iter().map(|(_, r)| r.clone()).collect(), received).await?;
        for ((row, _), verdict) in part.iter().zip(verdicts) {
            match verdict {
                Verdict::Recorded { .. } => answer.accepted += 1,
                Verdict::Duplicate { .. } => answer.duplicates += 1,
                Verdict::Held(why) | Verdict::Refused(why) => refuse(&mut answer, *row, &why.code, why.words),
            }
        }
    }
    Ok(Json(answer))
}
