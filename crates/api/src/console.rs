//! The console's files. Every address that is no route of ours and asks for a page gets the console's page, which finds out
//! by itself what to show; anything else that is unknown is a 404.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};

use crate::Problem;

/// No request leaves the origin: not for scripts, pictures, fonts or data.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

/// Paths that are interfaces, never pages.
const INTERFACES: [&str; 5] = ["/api/", "/ngsi-ld/", "/log/", "/metrics", "/assets/"];

/// What no other route answers.
pub async fn fallback(request: Request) -> Response {
    let path = request.uri().path();
    let read = matches!(*request.method(), Method::GET | Method::HEAD);
    if let Some(asset) =
        nacre_console::asset(path.trim_start_matches('/')).filter(|_| read && path != "/index.html")
    {
        return serve(asset, request.headers());
    }
    let wanted = request.headers().get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let page = path == "/" || wanted.contains("text/html");
    if read && page && !INTERFACES.iter().any(|i| path.starts_with(i)) {
        return serve(nacre_console::page(), request.headers());
    }
    Problem::not_found("there is no such page; `/api/openapi.json` lists what there is").into_response()
}

fn serve(asset: nacre_console::Asset, asked: &HeaderMap) -> Response {
    let accepts = asked.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let packed = asset.gzip.filter(|_| accepts.contains("gzip"));
    let mut response = packed.unwrap_or(asset.bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if asset.media_type.starts_with("text/html") {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    }
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}
