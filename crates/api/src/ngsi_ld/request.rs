//! Requests: tenant, parameters, negotiation, body and context, the same for every route (CIM 009 §6.3).

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;
use nacre_kernel::Tenant;
use nacre_kernel::door::Principal;
use nacre_kernel::query::AsOf;
use nacre_kernel::{Command, Submission};
use nacre_model::{Instant, Seq, TenantId};
use nacre_wire_ngsi_ld::context::Context;
use nacre_wire_ngsi_ld::entity_out::{Format, LanguageFilter, Projection, Representation};
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};
use nacre_wire_ngsi_ld::{json, negotiate};
use serde_json::Value as Json;

use super::reply::{Failed, Result};
use crate::state::App;

/// Header that names the tenant.
pub const TENANT: &str = "ngsild-tenant";
/// Header with which a client makes retries safe.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

pub use nacre_wire_ngsi_ld::negotiate::Media;

/// A request, read but not yet understood.
pub struct Incoming {
    /// The application.
    pub app: App,
    /// Headers.
    pub headers: HeaderMap,
    method: Method,
    path: String,
    parameters: Vec<(String, String)>,
    /// The body.
    pub bytes: Bytes,
}

impl FromRequest<App> for Incoming {
    type Rejection = Failed;

    async fn from_request(request: Request, app: &App) -> std::result::Result<Incoming, Failed> {
        let headers = request.headers().clone();
        let method = request.method().clone();
        let path = request.extensions().get::<axum::extract::OriginalUri>().map(|u| u.path().to_owned());
        let path = path.unwrap_or_else(|| request.uri().path().to_owned());
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let parameters = url::form_urlencoded::parse(query).into_owned().collect();
        // §6.3.7: decided before anything else is looked at.
        let writes = matches!(method, Method::POST | Method::PATCH | Method::PUT);
        if writes && !headers.contains_key(header::CONTENT_LENGTH) {
            return Err(
                NgsiError::new(ErrorKind::LengthRequired, "a body with Content-Length is needed").into()
            );
        }
        let limit = app.settings().body_bytes_max;
        let bytes = Bytes::from_request(request, app).await.map_err(|e| {
            let (kind, detail) = if e.status().as_u16() == 413 {
                (ErrorKind::PayloadTooLarge, format!("the body is longer than {limit} bytes"))
            } else {
                (ErrorKind::InvalidRequest, format!("the body did not arrive whole: {e}"))
            };
            Failed::from(NgsiError::new(kind, detail))
        })?;
        Ok(Incoming { app: app.clone(), headers, method, path, parameters, bytes })
    }
}

impl Incoming {
    /// A parameter, once.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// This request's path and parameters with another page.
    pub fn with_offset(&self, offset: u64, limit: u64) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.parameters.iter().filter(|(n, _)| n != "offset" && n != "limit") {
            out.append_pair(name, value);
        }
        out.append_pair("limit", &limit.to_string()).append_pair("offset", &offset.to_string());
        format!("{}?{}", self.path, out.finish())
    }

    /// Refuses parameters the operation does not know.
    pub fn allow(&self, names: &[&str]) -> Result<()> {
        for (name, _) in &self.parameters {
            if !names.contains(&name.as_str()) {
                let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
                return Err(
                    NgsiError::invalid(format!("unknown parameter `{name}`; known here: {known}")).into()
                );
            }
        }
        Ok(())
    }

    /// Whether a word stands in `options`.
    pub fn option(&self, word: &str) -> bool {
        self.parameter("options").is_some_and(|o| o.split(',').any(|w| w.trim() == word))
    }

    /// Refuses words in `options` the operation does not know.
    pub fn allow_options(&self, words: &[&str]) -> Result<()> {
        for word in self.parameter("options").unwrap_or_default().split(',').map(str::trim) {
            if !word.is_empty() && !words.contains(&word) {
                let detail = format!("unknown option `{word}`; known here: {}", words.join(", "));
                return Err(NgsiError::invalid(detail).into());
            }
        }
        Ok(())
    }

    /// A parameter that is true or false.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.parameter(name) {
            None => Ok(false),
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => {
                Err(NgsiError::bad(format!("`{name}` is `{other}`; needed: true or false")).into())
            }
        }
    }

    /// A parameter that is a whole number.
    pub fn number(&self, name: &str) -> Result<Option<u64>> {
        let read = |text: &str| {
            text.parse()
                .map_err(|_| NgsiError::bad(format!("`{name}` is `{text}`; needed: a whole number from 0")))
        };
        Ok(self.parameter(name).map(read).transpose()?)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Who asks.
    pub fn who(&self) -> Principal {
        self.app.principal()
    }

    /// The tenant, which must exist.
    pub fn tenant(&self) -> Result<Tenant> {
        Ok(self.app.kernel().tenant(&self.tenant_id()?)?)
    }

    /// The tenant, made if it does not exist: for operations that create.
    pub async fn tenant_or_create(&self) -> Result<Tenant> {
        let id = self.tenant_id()?;
        if let Ok(tenant) = self.app.kernel().tenant(&id) {
            return Ok(tenant);
        }
        let kernel = self.app.kernel().clone();
        let made = tokio::task::spawn_blocking(move || kernel.tenant_or_create(&id)).await;
        Ok(made.map_err(|e| NgsiError::new(ErrorKind::InternalError, e.to_string()))??)
    }

    fn tenant_id(&self) -> Result<TenantId> {
        match self.headers.get(TENANT) {
            None => Ok(TenantId::default_tenant()),
            Some(value) => {
                let text = value.to_str().unwrap_or_default();
                Ok(TenantId::new(text).map_err(|e| NgsiError::bad(e.to_string()))?)
            }
        }
    }

    /// What the answer is to be written in (rule 10). `geo`: whether GeoJSON can be had.
    pub fn media(&self, geo: bool) -> Result<Media> {
        Ok(negotiate::accept(self.header("accept"), geo)?)
    }

    /// The context a GET or DELETE names in its Link header; the core's without one.
    pub async fn link_context(&self, tenant: Option<&Tenant>) -> Result<Arc<Context>> {
        match self.linked_url()? {
            None => Ok(Context::core()),
            Some(url) => Ok(self.app.ngsi_ld().find(&self.app, tenant, &Json::String(url)).await?),
        }
    }

    fn linked_url(&self) -> Result<Option<String>> {
        let links = self.headers.get_all(header::LINK).iter().filter_map(|v| v.to_str().ok());
        Ok(negotiate::context_link(links)?)
    }

    /// The body with its context (rule 3): of JSON from the Link header, of JSON-LD from the body.
    pub async fn body(&self, tenant: Option<&Tenant>) -> Result<(Json, Arc<Context>)> {
        let ld = self.content_type(self.method == Method::PATCH)?;
        let mut body = json::parse(&self.bytes)?;
        let context = self.context_of(&mut body, ld, tenant).await?;
        Ok((body, context))
    }

    /// Whether the body is JSON-LD; 415 where it cannot be read at all.
    pub fn content_type(&self, merge_patch: bool) -> Result<bool> {
        let media = negotiate::content_type(self.header("content-type"), merge_patch)?;
        Ok(media == negotiate::BodyMedia::LdJson)
    }

    /// Takes the `@context` out of an object and finds it. For arrays (batches) each item is asked by itself.
    pub async fn context_of(
        &self,
        body: &mut Json,
        ld: bool,
        tenant: Option<&Tenant>,
    ) -> Result<Arc<Context>> {
        let own = body.as_object_mut().and_then(|o| o.shift_remove("@context"));
        if !ld {
            if own.is_some() {
                let detail = "an @context in application/json; send it as application/ld+json, or name it in a Link header";
                return Err(NgsiError::bad(detail).at("/@context").into());
            }
            return self.link_context(tenant).await;
        }
        if self.linked_url()?.is_some() {
            let detail =
                "application/ld+json carries its @context in the body; the Link header must not name another";
            return Err(NgsiError::bad(detail).into());
        }
        match own {
            Some(value) => Ok(self.app.ngsi_ld().find(&self.app, tenant, &value).await?),
            None if body.is_array() => Ok(Context::core()),
            None => Err(NgsiError::bad("application/ld+json needs an @context in the body")
                .at("/@context")
                .into()),
        }
    }

    /// What and how an answer shows entities.
    pub fn representation(&self, context: &Context, media: Media, now: Instant) -> Result<Representation> {
        if let Some(word) = self.parameter("format").filter(|word| Format::parse(word).is_none()) {
            let detail = format!("`format` is `{word}`; known: normalized, concise, simplified");
            return Err(NgsiError::invalid(detail).at("format").into());
        }
        self.shown(context, media, now)
    }

    /// The same where `format` may hold words of another operation, which are passed over.
    pub fn shown(&self, context: &Context, media: Media, now: Instant) -> Result<Representation> {
        let mut rep =
            Representation { now, with_context: media == Media::LdJson, ..Representation::default() };
        for word in self.parameter("options").unwrap_or_default().split(',').map(str::trim) {
            match Format::parse(word) {
                Some(format) => rep.format = format,
                None => rep.sys_attrs |= word == "sysAttrs",
            }
        }
        if let Some(format) = self.parameter("format").and_then(Format::parse) {
            rep.format = format;
        }
        let projection = |name: &str| self.parameter(name).map(|p| Projection::parse(p, context)).transpose();
        rep.pick = projection("pick")?;
        rep.omit = projection("omit")?;
        if let Some(names) = self.parameter("attrs") {
            rep.attributes =
                names.split(',').map(|n| context.expand(n.trim())).collect::<std::result::Result<_, _>>()?;
        }
        rep.lang = self.parameter("lang").map(LanguageFilter::parse).transpose()?;
        if let Some(ids) = self.parameter("datasetId") {
            let one = |id: &str| match id.trim() {
                "@none" => Ok(None),
                id => nacre_model::Iri::new(id).map(Some).map_err(|e| NgsiError::bad(e.to_string())),
            };
            rep.datasets = ids.split(',').map(one).collect::<std::result::Result<_, _>>()?;
        }
        Ok(rep)
    }

    /// As of when: `asOf` is an instant or a record number (an extension of this platform).
    pub fn as_of(&self) -> Result<AsOf> {
        let Some(text) = self.parameter("asOf") else { return Ok(AsOf::Now) };
        if let Ok(seq) = text.parse::<u64>() {
            return Ok(AsOf::Seq(Seq(seq)));
        }
        let at = Instant::parse(text).map(AsOf::Instant);
        Ok(at.ok_or_else(|| {
            NgsiError::bad(format!("`asOf` is `{text}`; needed: a date-time or a record number"))
        })?)
    }

    /// What an idempotency key is good for: this method, path, parameters and body, and no other request. The first
    /// eight bytes of a SHA-256, the same on every machine and in every version.
    fn digest(&self) -> u64 {
        let mut text = format!("{} {}\n", self.method, self.with_parameters()).into_bytes();
        text.extend_from_slice(&self.bytes);
        let hash = nacre_ledger::leaf_hash(&text).0;
        hash.first_chunk::<8>().map_or(0, |b| u64::from_be_bytes(*b))
    }

    fn with_parameters(&self) -> String {
        let mut out = url::form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.parameters.iter());
        format!("{}?{}", self.path, out.finish())
    }

    /// A command on its way, with the client's idempotency key if it sent one.
    pub fn submission(&self, command: Command) -> Result<Submission> {
        crate::governed::refuse(&self.app, &self.tenant()?, &command)?;
        let mut submission = Submission::new(self.who(), command);
        if let Some(key) = self.header(IDEMPOTENCY_KEY) {
            if key.is_empty() || key.len() > 255 {
                return Err(NgsiError::bad("`Idempotency-Key` must have 1 to 255 characters").into());
            }
            submission.idempotency = Some((key.into(), self.digest()));
        }
        Ok(submission)
    }
}

/// Runs a read that may take long outside the async threads.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| NgsiError::new(ErrorKind::InternalError, e.to_string()))?
}
