//! Open311 GeoReport v2: stock clients list services, post reports with photos, and follow them until they are closed.
//!
//! JSON and XML by the ending of the path. Paging by `page` and `page_size`. Photos come as parts `media` of a multipart
//! body, or as `media_url` that names a file kept here; addresses elsewhere are noted, never fetched.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use nacre_cases::FileRef;
use nacre_cases::desk::{Filter, Line, Sort};
use nacre_cases::workflow::StateKind;
use serde_json::{Map, Value as Json, json};

use crate::cases::files::keep_bytes;
use crate::cases::lists::moment;
use crate::cases::public::{ReportInput, take, workflow};
use crate::cases::shown::Names;
use crate::plan::store::blocking;
use crate::problem::Problem;
use crate::state::App;

/// Largest page.
const PAGE_MAX: usize = 1_000;
/// Reports of so many days, where nothing else is asked for.
const DAYS: i64 = 90;
/// Largest report with its photos.
const BODY_MAX: usize = 60 << 20;

/// All routes.
pub fn routes() -> Router<App> {
    Router::new()
        .route("/open311/v2/{file}", get(top).post(post))
        .route("/open311/v2/{kind}/{file}", get(below))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Xml,
}

fn split(file: &str) -> (&str, Form) {
    match file.rsplit_once('.') {
        Some((name, "xml")) => (name, Form::Xml),
        Some((name, "json")) => (name, Form::Json),
        _ => (file, Form::Json),
    }
}

fn answer(form: Form, status: StatusCode, root: &str, item: &str, body: &Json) -> Response {
    let (kind, text) = match form {
        Form::Json => ("application/json; charset=utf-8", body.to_string()),
        Form::Xml => {
            let mut text = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
            element(&mut text, root, item, body);
            ("text/xml; charset=utf-8", text)
        }
    };
    (status, [(header::CONTENT_TYPE, kind)], text).into_response()
}

fn element(out: &mut String, name: &str, item: &str, value: &Json) {
    out.push_str(&format!("<{name}>"));
    match value {
        Json::Array(items) => items.iter().for_each(|i| element(out, item, "item", i)),
        Json::Object(members) => members.iter().for_each(|(n, v)| element(out, n, "item", v)),
        Json::Null => {}
        Json::String(text) => {
            for c in text.chars().filter(|c| !c.is_control() || *c == '\n') {
                match c {
                    '&' => out.push_str("&amp;"),
                    '<' => out.push_str("&lt;"),
                    '>' => out.push_str("&gt;"),
                    c => out.push(c),
                }
            }
        }
        other => out.push_str(&other.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}

/// Errors in the standard's form.
fn failed(form: Form, problem: &Problem) -> Response {
    let body =
        json!([{ "code": problem.status, "description": format!("{}: {}", problem.code, problem.detail) }]);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer(form, status, "errors", "error", &body)
}

fn parameters(query: Option<String>) -> Vec<(String, String)> {
    let text = query.unwrap_or_default();
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn get_of<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).filter(|v| !v.is_empty())
}

async fn top(State(app): State<App>, Path(file): Path<String>, RawQuery(query): RawQuery) -> Response {
    let (name, form) = split(&file);
    let asked = parameters(query);
    let name = name.to_owned();
    let done = blocking(move || match name.as_str() {
        "discovery" => Ok(answer(form, StatusCode::OK, "discovery", "endpoint", &discovery(&app))),
        "services" => Ok(answer(form, StatusCode::OK, "services", "service", &services(&app)?)),
        "requests" => {
            Ok(answer(form, StatusCode::OK, "service_requests", "request", &requests(&app, &asked)?))
        }
        other => Err(Problem::not_found(format!("there is no `{other}`"))),
    });
    done.await.unwrap_or_else(|problem| failed(form, &problem))
}

async fn below(State(app): State<App>, Path((kind, file)): Path<(String, String)>) -> Response {
    let (name, form) = split(&file);
    let name = name.to_owned();
    let done = blocking(move || match kind.as_str() {
        "services" => {
            let code = workflow(&app)?.codes.get(&name).filter(|c| !c.heading).map(|_| name.clone());
            let code = code.ok_or_else(|| Problem::not_found(format!("there is no service `{name}`")))?;
            let body = json!({ "service_code": code, "attributes": [] });
            Ok(answer(form, StatusCode::OK, "service_definition", "attribute", &body))
        }
        "requests" => {
            let found = one(&app, &name)?;
            Ok(answer(form, StatusCode::OK, "service_requests", "request", &Json::Array(vec![found])))
        }
        "tokens" => {
            one(&app, &name)?;
            let body = json!([{ "service_request_id": name, "token": name }]);
            Ok(answer(form, StatusCode::OK, "service_requests", "request", &body))
        }
        other => Err(Problem::not_found(format!("there is no `{other}`"))),
    });
    done.await.unwrap_or_else(|problem| failed(form, &problem))
}

fn discovery(app: &App) -> Json {
    json!({
        "changeset": "2026-11-23T00:00:00+08:00",
        "contact": "POST requests.json",
        "key_service": "no api_key is needed while the platform is open on loopback",
        "endpoints": [{
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": format!("{}/open311/v2", app.settings().public_url),
            "changeset": "2026-11-23T00:00:00+08:00",
            "type": "production",
            "formats": ["text/xml", "application/json"]
        }]
    })
}

fn services(app: &App) -> Result<Json, Problem> {
    let flow = workflow(app)?;
    let service = |(code, subject): (&String, &nacre_cases::workflow::Subject)| {
        let group = subject.group.as_ref().and_then(|g| flow.codes.get(g)).map(|g| g.title.zh.clone());
        json!({
            "service_code": code,
            "service_name": subject.title.zh,
            "description": subject.title.en,
            "metadata": false,
            "type": "realtime",
            "keywords": subject.title.en,
            "group": group,
        })
    };
    Ok(flow.codes.iter().filter(|(_, s)| !s.heading).map(service).collect())
}

fn shown(
    line: &Line,
    flow: &nacre_cases::Workflow,
    names: &mut Names<'_>,
    description: Option<&str>,
) -> Json {
    let case = &line.case;
    let state = flow.state(&case.state);
    let local = |at: nacre_model::Instant| format!("{}+08:00", &at.plus_ms(8 * 3_600_000).to_string()[..19]);
    let pictures = case.files.iter().filter(|f| f.media_type.starts_with("image/"));
    let links: Vec<String> = pictures.map(|f| format!("{}/api/files/{}", names.base(), f.sha256)).collect();
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| drop(members.insert(name.to_owned(), value));
    put("service_request_id", Json::from(case.number.as_str()));
    put("status", Json::from(if line.kind == StateKind::Open { "open" } else { "closed" }));
    put("status_notes", Json::from(state.map(|s| s.title.zh.clone())));
    put(
        "service_name",
        Json::from(case.code.as_ref().and_then(|c| flow.codes.get(c)).map(|s| s.title.zh.clone())),
    );
    put("service_code", Json::from(case.code.clone()));
    put("description", Json::from(description.unwrap_or(&case.title)));
    put(
        "agency_responsible",
        Json::from(case.duty.holder.organisation.as_ref().map(|o| names.party(o).name)),
    );
    put("service_notice", Json::from(if case.simulated { Some("模拟数据 / simulated") } else { None }));
    put("requested_datetime", Json::from(local(case.created)));
    put("updated_datetime", Json::from(local(case.since)));
    put("expected_datetime", Json::from(case.duty.due.as_ref().map(|d| local(d.at.0))));
    put("address", Json::from(case.address.clone()));
    put("address_id", Json::Null);
    put("zipcode", Json::Null);
    put("lat", Json::from(case.location.map(|p| p.latitude)));
    put("long", Json::from(case.location.map(|p| p.longitude)));
    put("media_url", Json::from(links.first().cloned()));
    put("media_urls", Json::from(links));
    Json::Object(members)
}

fn requests(app: &App, asked: &[(String, String)]) -> Result<Json, Problem> {
    let flow = workflow(app)?;
    let now = app.tenant(None)?.now();
    let number = |name: &str, default: usize| -> Result<usize, Problem> {
        let Some(text) = get_of(asked, name) else { return Ok(default) };
        let wrong = || {
            Problem::bad("invalid_page", format!("`{name}` is `{text}`; needed: a whole number from 1 on"))
        };
        text.parse().ok().filter(|n| *n >= 1).ok_or_else(wrong)
    };
    let (page, size) = (number("page", 1)?, number("page_size", 50)?.min(PAGE_MAX));
    let owned = |name: &str| get_of(asked, name).map(str::to_owned);
    let ids: Vec<&str> = get_of(asked, "service_request_id").into_iter().flat_map(|t| t.split(',')).collect();
    let to = moment("end_date", &owned("end_date"))?;
    let from = match moment("start_date", &owned("start_date"))? {
        Some(from) => Some(from),
        None if ids.is_empty() => Some(to.unwrap_or(now).plus_ms(-DAYS * 86_400_000)),
        None => None,
    };
    let codes: Vec<&str> = get_of(asked, "service_code").into_iter().flat_map(|t| t.split(',')).collect();
    let states: Vec<&str> = get_of(asked, "status").into_iter().flat_map(|t| t.split(',')).collect();
    let filter = Filter { workflow: Some(flow.id.clone()), from, to, ..Filter::default() };
    let mut lines = app.operations().desk()?.list(&filter, Sort::Newest, now);
    lines.retain(|line| {
        let status = if line.kind == StateKind::Open { "open" } else { "closed" };
        (ids.is_empty() || ids.contains(&line.case.number.as_str()))
            && (codes.is_empty() || line.case.code.as_deref().is_some_and(|c| codes.contains(&c)))
            && (states.is_empty() || states.contains(&status))
    });
    let mut names = Names::new(app);
    let lines = lines.iter().skip((page - 1).saturating_mul(size)).take(size);
    Ok(lines.map(|line| shown(line, &flow, &mut names, None)).collect())
}

fn one(app: &App, number: &str) -> Result<Json, Problem> {
    let flow = workflow(app)?;
    let missing = || Problem::not_found(format!("there is no request `{number}`"));
    let line = app.operations().desk()?.find(number).cloned().ok_or_else(missing)?;
    if line.case.workflow != flow.id {
        return Err(missing());
    }
    let entity = app.tenant(None)?.entity(&app.principal(), &line.case.id, nacre_kernel::query::AsOf::Now)?;
    let case = entity.and_then(|e| nacre_cases::Case::read(&e).ok());
    let description = case.and_then(|c| c.description);
    Ok(shown(&line, &flow, &mut Names::new(app), description.as_deref()))
}

async fn post(State(app): State<App>, Path(file): Path<String>, request: Request) -> Response {
    let (name, form) = split(&file);
    if name != "requests" {
        return failed(form, &Problem::not_found(format!("there is no `{name}` to post to")));
    }
    match report(app, request).await {
        Ok(body) => answer(form, StatusCode::CREATED, "service_requests", "request", &body),
        Err(problem) => failed(form, &problem),
    }
}

/// Fields and photos of a body, whichever way it is written.
async fn read(app: &App, request: Request) -> Result<(Vec<(String, String)>, Vec<FileRef>), Problem> {
    let headers: &HeaderMap = request.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let wrong = |e: String| Problem::bad("invalid_body", e);
    if !kind.starts_with("multipart/form-data") {
        let body = Bytes::from_request(request, app).await.map_err(|e| wrong(e.to_string()))?;
        return Ok((url::form_urlencoded::parse(&body).into_owned().collect(), Vec::new()));
    }
    let mut parts = Multipart::from_request(request, app).await.map_err(|e| wrong(e.to_string()))?;
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|e| wrong(e.to_string()))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file_name = part.file_name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|e| wrong(e.to_string()))?;
        if name.starts_with("media") && !file_name.is_empty() {
            let kept = keep_bytes(app, bytes, file_name, true).await?;
            files.push(FileRef { sha256: kept.sha256, name: kept.name, ..FileRef::default() });
        } else {
            fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    Ok((fields, files))
}

async fn report(app: App, request: Request) -> Result<Json, Problem> {
    let (fields, mut files) = read(&app, request).await?;
    let of = |name: &str| get_of(&fields, name).map(str::to_owned);
    let missing = |name: &str| Problem::bad("missing_parameter", format!("`{name}` is missing"));
    let code = of("service_code").ok_or_else(|| missing("service_code"))?;
    let degrees = |name: &str| -> Result<Option<f64>, Problem> {
        let Some(text) = of(name) else { return Ok(None) };
        let wrong = || Problem::bad("invalid_location", format!("`{name}` is `{text}`, no number"));
        text.parse().map(Some).map_err(|_| wrong())
    };
    let location = match (degrees("long")?, degrees("lat")?) {
        (Some(long), Some(lat)) => Some([long, lat]),
        (None, None) if of("address_string").is_some() || of("address_id").is_some() => None,
        _ => return Err(missing("lat and long, or address_string")),
    };
    let mut description = of("description").unwrap_or_default();
    for (_, link) in fields.iter().filter(|(n, v)| n.starts_with("media_url") && !v.is_empty()) {
        let digest = link.rsplit("/api/files/").next().unwrap_or_default();
        match app.file_head(digest) {
            Some(_) => files.push(FileRef { sha256: digest.to_owned(), ..FileRef::default() }),
            None => description
                .push_str(&format!("\n照片地址 / photo: {}", link.chars().take(500).collect::<String>())),
        }
    }
    if description.trim().is_empty() {
        description = workflow(&app)?.codes.get(&code).map(|s| s.title.zh.clone()).unwrap_or_default();
    }
    let name = [of("last_name"), of("first_name")].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let (name, phone) = (Some(name).filter(|n| !n.is_empty()), of("phone").or_else(|| of("email")));
    let input = ReportInput {
        code: Some(code),
        description,
        location,
        address: of("address_string").or_else(|| of("address_id")),
        files,
        anonymous: name.is_none() && phone.is_none(),
        name,
        phone,
        ..ReportInput::default()
    };
    let (id, track) = take(&app, input, "open311").await?;
    blocking(move || {
        let desk = app.operations().desk()?;
        let line = desk.find(id.as_str()).ok_or_else(|| Problem::not_found("the report is gone"))?;
        Ok(json!([{
            "service_request_id": line.case.number,
            "service_notice": format!("查询码 {track} / tracking code {track}"),
            "account_id": null,
        }]))
    })
    .await
}
