//! The HTTP face of Nacre: routes, errors, OpenAPI, server-sent events.
//!
//! Reading order: [`state`] (what routes are given) → [`problem`] (errors of the platform's own routes) → [`platform`]
//! (records, log, events, health, metrics) → [`ngsi_ld`] (ETSI GS CIM 009) → `nacre_outbound` (the one way out).
//!
//! Limits: the body limit of [`state::Settings`], 60 s a request (event streams excepted), and the kernel's queue, whose
//! overflow becomes 429 with Retry-After. A panic in a route is caught, logged and answered with 500.

pub mod alerts;
pub mod cases;
mod console;
pub mod devices;
pub mod explore;
mod governed;
pub mod ngsi_ld;
mod open311;
pub mod outline;
pub mod plan;
pub mod platform;
pub mod problem;
pub mod state;
pub mod water;

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::IntoResponse;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::timeout::TimeoutLayer;

pub use nacre_outbound::{Outbound, Policy};
pub use problem::Problem;
pub use state::{App, Checkpoints, Settings};

/// How long a request may take, its body included; event streams only until their first byte.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);

/// SHA-256 of bytes, hex: how figures and files of reports are named.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

/// Digest of what a value says, however its JSON is written: members in order of their names, whole numbers without a point.
pub fn digest(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    canonical(&serde_json::to_value(value)?, &mut text);
    Ok(sha256(text.as_bytes()))
}

fn canonical(value: &serde_json::Value, out: &mut String) {
    use serde_json::Value;
    match value {
        Value::Number(n) => match n.as_f64() {
            Some(f) if f.fract() == 0.0 && f.abs() < 1e15 => out.push_str(&format!("{f:.0}")),
            Some(f) => out.push_str(&f.to_string()),
            None => out.push_str(&n.to_string()),
        },
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.push('{');
            for (name, value) in members {
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                canonical(value, out);
                out.push(',');
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

/// The whole application.
pub fn router(app: App) -> Router {
    let limit = app.settings().body_bytes_max;
    let routes: Router = Router::new()
        .merge(platform::routes())
        .merge(plan::routes())
        .merge(explore::routes())
        .merge(cases::routes())
        .merge(devices::routes())
        .merge(alerts::routes())
        .merge(open311::routes())
        .merge(water::routes())
        .nest("/ngsi-ld/v1", ngsi_ld::routes())
        .layer(DefaultBodyLimit::max(limit))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_TIME_MAX))
        .layer(axum::middleware::from_fn_with_state(app.clone(), plan::post::act_as))
        .layer(axum::middleware::from_fn(problem::in_one_form))
        .layer(axum::middleware::map_response(say_open))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(cors())
        .with_state(app);
    // Clients of NGSI-LD write `/entities/` as well as `/entities`.
    Router::new().fallback_service(NormalizePathLayer::trim_trailing_slash().layer(routes))
}

/// Work that goes on beside requests: delivering notifications. It ends when the handle is aborted.
pub fn background(app: App) -> tokio::task::JoinHandle<()> {
    tokio::spawn(ngsi_ld::background(app))
}

/// Says on every answer that the door is open: there is no other mode yet.
async fn say_open(mut response: axum::response::Response) -> axum::response::Response {
    response
        .headers_mut()
        .insert(HeaderName::from_static("nacre-access"), HeaderValue::from_static("open; loopback"));
    response
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(code = "panic", "a route panicked: {text}");
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "an error of the server; it was logged")
        .into_response()
}

/// Browsers of other origins may read and write as long as they are on loopback too.
fn cors() -> CorsLayer {
    let local = |origin: &HeaderValue, _: &axum::http::request::Parts| {
        let host = origin.to_str().ok().and_then(|o| url::Url::parse(o).ok());
        host.is_some_and(|u| matches!(u.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
    };
    CorsLayer::new()
        .allow_origin(tower_http::cors::AllowOrigin::predicate(local))
        .allow_methods(tower_http::cors::AllowMethods::mirror_request())
        .allow_headers(tower_http::cors::AllowHeaders::mirror_request())
        .expose_headers([
            HeaderName::from_static("link"),
            HeaderName::from_static("location"),
            HeaderName::from_static("ngsild-results-count"),
            HeaderName::from_static("ngsild-tenant"),
            HeaderName::from_static("nacre-seq"),
        ])
}
