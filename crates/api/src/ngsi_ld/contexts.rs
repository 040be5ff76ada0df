//! Finding `@context` documents: built in, cached, hosted here, or fetched within bounds.
//!
//! Limits: [`CACHE_MAX`] documents and as many parsed contexts, 1 MiB and 5 s a document, and the guard of
//! [`nacre_outbound`]. A document is fetched again after [`FRESH`]; when that fails the old one stays in use.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nacre_kernel::Tenant;
use nacre_model::{DocumentKey, TenantId};
use nacre_wire_ngsi_ld::context::{Context, ContextSource, Resolution, resolve};
use nacre_wire_ngsi_ld::errors::{ErrorKind, NgsiError};
use nacre_wire_ngsi_ld::json;
use parking_lot::Mutex;
use serde_json::Value as Json;

use crate::state::App;
use nacre_outbound::OutboundError;

/// Most documents kept.
const CACHE_MAX: usize = 2_000;
/// Largest document.
const DOCUMENT_BYTES_MAX: usize = 1 << 20;
/// How long a fetched document is taken as it is.
const FRESH: Duration = Duration::from_secs(3600);
/// Rounds of fetching for one context: documents may name further ones.
const ROUNDS_MAX: usize = 10;
/// Where hosted contexts can be had.
pub const HOSTED_PATH: &str = "/ngsi-ld/v1/jsonldContexts/";
/// Collection of hosted contexts.
pub const COLLECTION: &str = "context";

/// A document that was fetched.
#[derive(Clone)]
pub struct Fetched {
    /// The JSON.
    pub document: Arc<Json>,
    /// When.
    pub at: Instant,
    /// When, for people.
    pub since: nacre_model::Instant,
    /// How often it was used since.
    pub hits: u64,
}

/// Contexts ready for use, by tenant and by what named them, with the time they were made.
type Parsed = HashMap<(TenantId, String), (Arc<Context>, Instant)>;

/// See the module.
#[derive(Default)]
pub struct Contexts {
    fetched: Mutex<HashMap<String, Fetched>>,
    parsed: Mutex<Parsed>,
    /// What is sent to whom; here, since it is kept as long as the contexts are.
    pub(super) deliveries: super::delivery::Deliveries,
}

struct Source<'a> {
    contexts: &'a Contexts,
    tenant: Option<&'a Tenant>,
    app: &'a App,
}

impl ContextSource for Source<'_> {
    fn get(&self, url: &str) -> Option<Arc<Json>> {
        if let Some(id) = hosted_id(url)
            && let Some(tenant) = self.tenant
        {
            let key = DocumentKey::new(COLLECTION, id);
            if let Some(value) = tenant.document(&self.app.principal(), &key).ok().flatten() {
                return value.get("body").map(|v| Arc::new(json::value_out(v)));
            }
        }
        let mut fetched = self.contexts.fetched.lock();
        let entry = fetched.get_mut(url)?;
        entry.hits += 1;
        Some(entry.document.clone())
    }
}

/// The id of a context hosted here, if the URL is one's.
pub fn hosted_id(url: &str) -> Option<&str> {
    url.find(HOSTED_PATH)
        .map(|i| &url[i + HOSTED_PATH.len()..])
        .filter(|id| !id.is_empty() && !id.contains('/'))
}

impl Contexts {
    /// The context of a request: of a Link header's URL or of a body's `@context`.
    pub async fn find(
        &self,
        app: &App,
        tenant: Option<&Tenant>,
        value: &Json,
    ) -> Result<Arc<Context>, NgsiError> {
        let name = tenant.map_or_else(TenantId::default_tenant, |t| t.id().clone());
        let key = (name, value.to_string());
        if let Some((context, at)) = self.parsed.lock().get(&key)
            && at.elapsed() < FRESH
        {
            return Ok(context.clone());
        }
        let source = Source { contexts: self, tenant, app };
        for _ in 0..ROUNDS_MAX {
            match resolve(value, &source)? {
                Resolution::Ready(context) => {
                    let mut parsed = self.parsed.lock();
                    if parsed.len() >= CACHE_MAX {
                        parsed.clear();
                    }
                    parsed.insert(key, (context.clone(), Instant::now()));
                    return Ok(context);
                }
                Resolution::Missing(urls) => {
                    for url in urls {
                        self.fetch(app, &url).await?;
                    }
                }
            }
        }
        Err(NgsiError::bad(format!(
            "the @context names documents that name others, more than {ROUNDS_MAX} times"
        )))
    }

    /// Fetches a document into the cache.
    pub async fn fetch(&self, app: &App, url: &str) -> Result<Arc<Json>, NgsiError> {
        let unavailable = |why: String| NgsiError::new(ErrorKind::LdContextNotAvailable, why);
        let accept = "application/ld+json, application/json;q=0.9";
        let answer = app.outbound().get(url, accept, DOCUMENT_BYTES_MAX).await;
        let answer = answer.map_err(|e| match e {
            OutboundError::NoAnswer { .. } => unavailable(e.to_string()),
            // Not to be asked, or no context: the request names the wrong place.
            refused => NgsiError::bad(refused.to_string()),
        })?;
        if answer.status != 200 {
            return Err(unavailable(format!("`{url}` answered {}", answer.status)));
        }
        let document =
            json::parse(&answer.body).map_err(|e| unavailable(format!("`{url}`: {}", e.detail)))?;
        if document.get("@context").is_none() {
            return Err(unavailable(format!("`{url}` holds no @context")));
        }
        let document = Arc::new(document);
        let since = app.kernel().options().clock.now();
        let mut fetched = self.fetched.lock();
        if fetched.len() >= CACHE_MAX {
            let oldest = fetched.iter().min_by_key(|(_, f)| f.at).map(|(url, _)| url.clone());
            oldest.map(|url| fetched.remove(&url));
        }
        fetched.insert(
            url.to_owned(),
            Fetched { document: document.clone(), at: Instant::now(), since, hits: 0 },
        );
        Ok(document)
    }

    /// All fetched documents.
    pub fn fetched(&self) -> Vec<(String, Fetched)> {
        let mut all: Vec<_> = self.fetched.lock().iter().map(|(u, f)| (u.clone(), f.clone())).collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    }

    /// Forgets a fetched document; false when there was none.
    pub fn forget(&self, url: &str) -> bool {
        self.forget_parsed();
        self.fetched.lock().remove(url).is_some()
    }

    /// Parsed contexts are made anew: a document has changed.
    pub fn forget_parsed(&self) {
        self.parsed.lock().clear();
    }
}
