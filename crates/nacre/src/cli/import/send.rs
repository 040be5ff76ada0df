//! Entities go to the server in batches, each with an idempotency key made from the file, its place and its content: a
//! second run after an interruption goes through the same batches, and the server passes over those it has.
//!
//! Limits: [`BATCH_MAX`] entities or [`BATCH_BYTES_MAX`] bytes in a request.

use std::time::Duration;

use nacre_ledger::leaf_hash;
use serde_json::Value as Json;

use super::{Problem, Refused};
use crate::cli::exit::Failure;
use crate::cli::http::{Answer, Client, Request};

/// Entities in one request.
const BATCH_MAX: usize = 500;
/// Bytes of one request, about; every server takes as many.
const BATCH_BYTES_MAX: usize = 900 << 10;
/// How often a server is asked again that has too much to do.
const TRIES_MAX: usize = 30;

/// What became of what was sent.
#[derive(Debug, Default)]
pub struct Sent {
    /// Entities that came to be.
    pub created: usize,
    /// Entities that were there.
    pub updated: usize,
    /// What the server refused.
    pub refused: Vec<Refused>,
}

/// Collects entities, and sends a batch when it is full.
pub struct Sender {
    client: Client,
    tenant: Option<String>,
    /// What keys begin with.
    key: String,
    number: usize,
    body: String,
    /// Line and id of each entity in the body.
    batch: Vec<(usize, String)>,
    /// So far.
    pub sent: Sent,
}

impl Sender {
    /// To a server; `digest` stands for the file.
    pub fn new(server: &str, tenant: Option<&str>, digest: &str) -> Result<Sender, Failure> {
        Ok(Sender {
            client: Client::new(server)?,
            tenant: tenant.map(str::to_owned),
            key: format!("import-{digest}"),
            number: 0,
            body: String::new(),
            batch: Vec::new(),
            sent: Sent::default(),
        })
    }

    /// Adds an entity.
    pub fn push(&mut self, line: usize, id: String, entity: &Json) -> Result<(), Failure> {
        let text = entity.to_string();
        let full = self.batch.len() == BATCH_MAX || self.body.len() + text.len() > BATCH_BYTES_MAX;
        if full && !self.batch.is_empty() {
            self.flush()?;
        }
        self.body.push(if self.batch.is_empty() { '[' } else { ',' });
        self.body.push_str(&text);
        self.batch.push((line, id));
        Ok(())
    }

    /// Sends what is left.
    pub fn flush(&mut self) -> Result<(), Failure> {
        let (mut body, batch) = (std::mem::take(&mut self.body), std::mem::take(&mut self.batch));
        if batch.is_empty() {
            return Ok(());
        }
        body.push(']');
        // With the content in it, a key is never used for another request, whatever the mapping or the types are.
        let content: String =
            leaf_hash(body.as_bytes()).0.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let key = format!("{}-{}-{content}", self.key, self.number);
        self.number += 1;
        let answer = self.post(&key, &body)?;
        let result: Json = serde_json::from_str(&answer.body).unwrap_or_default();
        match answer.status {
            201 => {
                let created = result.as_array().map_or(0, Vec::len);
                self.sent.created += created;
                self.sent.updated += batch.len() - created.min(batch.len());
            }
            204 => self.sent.updated += batch.len(),
            207 => self.mixed(&result, &batch),
            status => {
                let detail = result["detail"].as_str().unwrap_or(answer.body.trim()).to_owned();
                return Err(Failure::failed(format!("the server answered {status}: {detail}")));
            }
        }
        Ok(())
    }

    fn mixed(&mut self, result: &Json, batch: &[(usize, String)]) {
        let errors = result["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        // Which of the others are new, the answer does not say.
        self.sent.updated += batch.len() - errors.len().min(batch.len());
        for error in errors {
            let id = error["entityId"].as_str().unwrap_or_default();
            let line = batch.iter().find(|(_, i)| i == id).map_or(0, |(line, _)| *line);
            let text = |name: &str| error["error"][name].as_str().unwrap_or_default();
            let reason = if text("detail").is_empty() { text("title") } else { text("detail") };
            let problem = Problem::new("", "server", format!("the server refused `{id}`: {reason}"));
            self.sent.refused.push(Refused { line, problem });
        }
    }

    /// Waits when the server says that it has too much to do.
    fn post(&mut self, key: &str, body: &str) -> Result<Answer, Failure> {
        let mut headers = vec![("Idempotency-Key", key)];
        headers.extend(self.tenant.as_deref().map(|t| ("NGSILD-Tenant", t)));
        let target = "/ngsi-ld/v1/entityOperations/upsert?options=update";
        let request = Request { method: "POST", target, headers: &headers, body: Some(body) };
        for _ in 1..TRIES_MAX {
            let answer = self.client.send(&request)?;
            if answer.status != 429 && answer.status != 503 {
                return Ok(answer);
            }
            let wait = answer.header("retry-after").and_then(|s| s.parse().ok()).unwrap_or(1);
            std::thread::sleep(Duration::from_secs(u64::clamp(wait, 1, 30)));
        }
        self.client.send(&request)
    }
}
