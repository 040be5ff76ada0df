//! The page at `/`: what this server is, how it is, where to go on. The console takes its place when it comes.

use axum::extract::State;
use axum::response::Html;

use super::ops::tenant_status;
use crate::problem::Problem;
use crate::state::App;

const STYLE: &str = "body{font:14px/1.6 'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;max-width:46rem;\
margin:2rem auto;padding:0 1rem;color:#1b2430;background:#fff}h1{font-size:1.5rem;margin:0 0 .25rem}\
small,.en{color:#5a6675}table{border-collapse:collapse;width:100%;margin:1rem 0}td,th{text-align:left;padding:.35rem .5rem;\
border-bottom:1px solid #dde3ea;font-variant-numeric:tabular-nums}td:last-child,th:last-child{text-align:right}\
.open{border-left:4px solid #b45309;background:#fff7ed;padding:.5rem .75rem;margin:1rem 0}a{color:#0b5cad}\
code{overflow-wrap:anywhere}@media(prefers-color-scheme:dark){body{background:#11161d;color:#e6ebf1}\
small,.en{color:#9aa7b5}td,th{border-color:#2b3440}.open{background:#2a1d0c}a{color:#7db8f5}}\
@media print{.open{border:1px solid}}";

/// Serves the page.
pub async fn page(State(app): State<App>) -> Result<Html<String>, Problem> {
    let (zh, en) = app.settings().district.clone();
    let tenant = app.tenant(None)?;
    let status = tenant_status(&app, &tenant)?;
    let rows: String = status
        .entities
        .iter()
        .map(|(name, count)| {
            let short = name.rsplit('/').next().unwrap_or(name);
            let title = app.settings().type_titles.get(short).map(String::as_str).map(escape).unwrap_or_default();
            format!(
                "<tr><td><a href=\"/ngsi-ld/v1/entities?type={t}&amp;limit=20&amp;options=keyValues\">{title} <code>{t}</code></a></td><td>{count}</td></tr>",
                t = escape(short)
            )
        })
        .collect();
    let table = if rows.is_empty() {
        "<p>还没有实体。用 <code>nacre import</code> 或 NGSI-LD 接口录入第一条。<br>\
         <span class=\"en\">No entity yet. Enter the first with <code>nacre import</code> or through NGSI-LD.</span></p>"
            .to_owned()
    } else {
        format!(
            "<table><tr><th>实体类型 <small>entity type</small></th><th>数量 <small>count</small></th></tr>{rows}</table>"
        )
    };
    Ok(Html(format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>数智海珠 Nacre</title>\
         <style>{STYLE}</style><h1>数智海珠 <small>Nacre</small></h1>\
         <p>{zh} <span class=\"en\">{en}</span></p>\
         <p class=\"open\" role=\"status\">⚠ 开放模式：本机上的任何人都是所有者。权限功能上线前请勿存放真实个人信息。<br>\
         <span class=\"en\">Open mode: everybody on this machine is the owner. Keep no real personal data here until access control exists.</span></p>\
         <p>记录 <strong>{durable}</strong> 条，存证日志 <strong>{log}</strong> 条。\
         <span class=\"en\">{durable} records, {log} of them in the transparency log.</span></p>{table}\
         <p>继续 <span class=\"en\">go on</span>: <a href=\"/ngsi-ld/v1/types\">类型 types</a> · \
         <a href=\"/api/records\">记录 records</a> · <a href=\"/log/checkpoint\">存证签名 checkpoint</a> · \
         <a href=\"/api/openapi.json\">OpenAPI</a> · <a href=\"/metrics\">指标 metrics</a></p></html>",
        zh = escape(&zh),
        en = escape(&en),
        durable = status.durable,
        log = status.log_size,
    )))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
