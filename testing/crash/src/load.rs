//! Clients that write as fast as they are answered, each to entities of its own, and remember what was acknowledged.
//!
//! Everything a request writes carries one number, never used before: in every attribute of every entity it touches. So
//! a mixture shows.

use std::net::SocketAddr;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

use crate::http::{Answer, Http};
use crate::{Checked, ensure};

/// Entities of each client.
const ENTITIES: usize = 12;
/// Attributes of each entity.
const ATTRIBUTES: [&str; 3] = ["a", "b", "c"];
const ROOT: &str = "/ngsi-ld/v1";

/// A request that was sent.
#[derive(Debug, Clone)]
struct Request {
    method: &'static str,
    path: String,
    key: Option<String>,
    body: Option<String>,
    /// What each entity becomes by it.
    effects: Vec<(usize, Option<i64>)>,
}

/// See the module.
pub struct Client {
    number: usize,
    random: StdRng,
    counter: i64,
    /// What each entity is, by what was acknowledged.
    known: Vec<Option<i64>>,
    /// Sent, and never answered.
    open: Option<Request>,
    /// Acknowledged writes.
    pub acknowledged: u64,
    /// Requests that were never answered and were done.
    pub done_unheard: u64,
    /// Requests that were never answered and were not done.
    pub undone: u64,
}

impl Client {
    /// A client that knows nothing yet.
    pub fn new(number: usize, seed: u64) -> Client {
        Client {
            number,
            random: StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(number as u64)),
            counter: 0,
            known: vec![None; ENTITIES],
            open: None,
            acknowledged: 0,
            done_unheard: 0,
            undone: 0,
        }
    }

    fn id(&self, entity: usize) -> String {
        format!("urn:ngsi-ld:Probe:{}-{entity}", self.number)
    }

    fn attributes(value: i64) -> Value {
        let all = ATTRIBUTES.iter().map(|n| (n.to_string(), json!({"type": "Property", "value": value})));
        Value::Object(all.collect())
    }

    fn entity(&self, entity: usize, value: i64) -> Value {
        let mut out = Self::attributes(value);
        out["id"] = self.id(entity).into();
        out["type"] = "Probe".into();
        out
    }

    /// Some entities, each once.
    fn some(&mut self, exists: Option<bool>) -> Vec<usize> {
        let count = self.random.random_range(2..7);
        let fits = |known: &Option<i64>| exists.is_none_or(|wanted| known.is_some() == wanted);
        let mut all: Vec<usize> = (0..ENTITIES).filter(|n| fits(&self.known[*n])).collect();
        while all.len() > count {
            let gone = self.random.random_range(0..all.len());
            all.swap_remove(gone);
        }
        all
    }

    fn some_request(&mut self) -> Request {
        self.counter += 1;
        let value = self.counter;
        let key = (self.random.random_range(0..4) > 0).then(|| format!("{}-{value}", self.number));
        let entity = self.random.random_range(0..ENTITIES);
        let id = self.id(entity);
        let post = |path: &str, body: Value, effects| Request {
            method: "POST",
            path: format!("{ROOT}/{path}"),
            key: key.clone(),
            body: Some(body.to_string()),
            effects,
        };
        let kind = self.random.random_range(0..20);
        if kind < 3 {
            let some = self.some(None);
            let batch = some.iter().map(|n| self.entity(*n, value)).collect();
            let update = if kind == 0 { "?options=update" } else { "" };
            let effects = some.iter().map(|n| (*n, Some(value))).collect();
            return post(&format!("entityOperations/upsert{update}"), batch, effects);
        }
        let doomed = if kind == 3 { self.some(Some(true)) } else { Vec::new() };
        if !doomed.is_empty() {
            let batch = doomed.iter().map(|n| Value::from(self.id(*n))).collect();
            return post("entityOperations/delete", batch, doomed.iter().map(|n| (*n, None)).collect());
        }
        if self.known[entity].is_none() {
            return post("entities", self.entity(entity, value), vec![(entity, Some(value))]);
        }
        let path = format!("{ROOT}/entities/{id}");
        if kind < 6 {
            return Request { method: "DELETE", path, key, body: None, effects: vec![(entity, None)] };
        }
        let body = Some(Self::attributes(value).to_string());
        Request { method: "PATCH", path: path + "/attrs", key, body, effects: vec![(entity, Some(value))] }
    }

    fn send(http: &mut Http, request: &Request) -> std::io::Result<Answer> {
        http.ask(request.method, &request.path, request.key.as_deref(), request.body.as_deref())
    }

    fn apply(&mut self, request: &Request) {
        for (entity, value) in &request.effects {
            self.known[*entity] = *value;
        }
    }

    /// Writes until the connection is lost.
    pub fn write(&mut self, address: SocketAddr) -> Checked {
        let Ok(mut http) = Http::connect(address) else { return Ok(()) };
        loop {
            let request = self.some_request();
            self.open = Some(request.clone());
            let Ok(answer) = Self::send(&mut http, &request) else { return Ok(()) };
            self.open = None;
            // Too many at once is an answer too: nothing was done.
            if answer.status == 429 {
                continue;
            }
            // So is the word of a server that stops because it was asked to.
            if answer.status == 503 && answer.text().contains("shutting down") {
                return Ok(());
            }
            ensure!(
                answer.is_success() && answer.status != 207,
                "{request:?}: {} {}",
                answer.status,
                answer.text()
            );
            self.apply(&request);
            self.acknowledged += request.effects.len() as u64;
            if self.random.random_range(0..8) == 0 {
                let (entity, value) = request.effects[0];
                match self.read(&mut http, entity) {
                    Err(Trouble::Lost) => return Ok(()),
                    Err(Trouble::Wrong(why)) => return Err(why),
                    Ok(seen) => ensure!(seen == value, "{} reads {seen:?} after {value:?}", self.id(entity)),
                }
            }
        }
    }

    /// What an entity is; that all its attributes say the same is checked.
    fn read(&self, http: &mut Http, entity: usize) -> Result<Option<i64>, Trouble> {
        let id = self.id(entity);
        let path = format!("{ROOT}/entities/{id}?options=keyValues");
        let answer = http.get(&path).map_err(|_| Trouble::Lost)?;
        let wrong = |why: String| Trouble::Wrong(format!("{id}: {why}"));
        match answer.status {
            404 => return Ok(None),
            200 => {}
            status => return Err(wrong(format!("{status} {}", answer.text()))),
        }
        let json = answer.json().map_err(wrong)?;
        let values: Vec<Option<i64>> = ATTRIBUTES.iter().map(|n| json[*n].as_i64()).collect();
        match values[..] {
            [Some(a), Some(b), Some(c)] if a == b && b == c => Ok(Some(a)),
            _ => Err(wrong(format!("half-applied: {json}"))),
        }
    }

    /// How many records touched an entity.
    fn records(&self, http: &mut Http, entity: usize) -> Checked<usize> {
        let mut after = 0;
        let mut count = 0;
        loop {
            let path = format!("/api/records?entity={}&limit=1000&after={after}", self.id(entity));
            let answer = http.get(&path).map_err(|e| e.to_string())?;
            ensure!(answer.is_success(), "{path}: {} {}", answer.status, answer.text());
            let json = answer.json()?;
            let page = json.as_array().ok_or("records are no list")?;
            count += page.len();
            match page.last().filter(|_| page.len() == 1000).and_then(|r| r["seq"].as_u64()) {
                Some(seq) => after = seq,
                None => return Ok(count),
            }
        }
    }

    /// After a restart: everything acknowledged is there; what was open is there whole or not at all; asking again with
    /// the same key does it once.
    pub fn check(&mut self, http: &mut Http) -> Checked {
        let mut seen = Vec::with_capacity(ENTITIES);
        for entity in 0..ENTITIES {
            seen.push(self.read(http, entity).map_err(|t| t.to_string())?);
        }
        let Some(open) = self.open.take() else {
            ensure!(
                seen == self.known,
                "client {}: acknowledged {:?}, found {seen:?}",
                self.number,
                self.known
            );
            return Ok(());
        };
        let before = self.known.clone();
        self.apply(&open);
        let after = self.known.clone();
        let done = seen == after;
        ensure!(
            done || seen == before,
            "client {}: acknowledged {before:?}, open {open:?}, found {seen:?}",
            self.number
        );
        if done {
            self.done_unheard += 1;
        } else {
            self.undone += 1;
        }
        if open.key.is_none() {
            self.known = seen;
            return Ok(());
        }
        let (entity, value) = open.effects[0];
        let records = self.records(http, entity)?;
        for _ in 0..2 {
            let answer = Self::send(http, &open).map_err(|e| e.to_string())?;
            ensure!(
                answer.is_success() && answer.status != 207,
                "again (done before: {done}) {open:?}: {} {}",
                answer.status,
                answer.text()
            );
        }
        let now = self.read(http, entity).map_err(|t| t.to_string())?;
        ensure!(now == value, "{}: {now:?} after a retry, not {value:?}", self.id(entity));
        let expected = records + usize::from(!done);
        let records = self.records(http, entity)?;
        ensure!(records == expected, "{}: {records} records after retries, not {expected}", self.id(entity));
        Ok(())
    }
}

/// Why nothing was read.
enum Trouble {
    Lost,
    Wrong(String),
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Trouble::Lost => f.write_str("the connection was lost"),
            Trouble::Wrong(why) => f.write_str(why),
        }
    }
}
