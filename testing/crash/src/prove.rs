//! What must hold after a restart, beside what the clients know.

use std::net::SocketAddr;

use nacre_ledger::{Checkpoint, Hash, Note, VerifierKey, verify_consistency, verify_inclusion};
use rand::RngExt;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::follow::{self, Event};
use crate::http::{Answer, Http};
use crate::{Checked, ensure};

/// What somebody outside has seen of the log.
#[derive(Debug, Default)]
pub struct Outside {
    /// Every checkpoint.
    checkpoints: Vec<Checkpoint>,
    key: Option<VerifierKey>,
    /// Records up to here have been compared with the events.
    compared: u64,
    /// Events since then.
    events: Vec<Event>,
    /// Proofs that were verified.
    pub proofs: u64,
    /// Events that were compared with records.
    pub followed: u64,
}

fn get(http: &mut Http, path: &str) -> Checked<Answer> {
    let answer = http.get(path).map_err(|e| format!("{path}: {e}"))?;
    ensure!(answer.is_success(), "{path}: {} {}", answer.status, answer.text());
    Ok(answer)
}

fn hashes(json: &Value) -> Checked<Vec<Hash>> {
    let all = json.as_array().ok_or("a proof that is no list")?.iter();
    all.map(|h| Hash::from_hex(h.as_str().unwrap_or_default()).map_err(|e| e.to_string())).collect()
}

fn hash(json: &Value) -> Checked<Hash> {
    Hash::from_hex(json.as_str().unwrap_or_default()).map_err(|e| e.to_string())
}

impl Outside {
    /// Where the event stream is to be resumed.
    pub fn cursor(&self) -> u64 {
        self.events.last().map_or(self.compared, |(seq, _)| *seq)
    }

    /// Keeps what a follower got.
    pub fn follow(&mut self, events: Vec<Event>) {
        self.events.extend(events);
    }

    /// The events that were followed, and those of the stream now, are the records, each once and in order.
    pub fn check_events(&mut self, http: &mut Http, address: SocketAddr) -> Checked<u64> {
        let mut expected: Vec<Event> = Vec::new();
        let mut newest = self.compared;
        loop {
            let page = get(http, &format!("/api/records?limit=1000&after={newest}"))?.json()?;
            let page = page.as_array().ok_or("records are no list")?;
            for record in page {
                let seq = record["seq"].as_u64().unwrap_or_default();
                ensure!(seq == newest + 1, "record {seq} comes after {newest}");
                newest = seq;
                let touched = record["touched"].as_array().into_iter().flatten();
                let entities = touched.filter_map(Value::as_str).filter(|t| t.starts_with("urn:"));
                expected.extend(entities.map(|t| (seq, t.to_owned())));
            }
            if page.len() < 1000 {
                break;
            }
        }
        let seen = self.events.len();
        ensure!(
            expected.get(..seen) == Some(&self.events[..]),
            "the events that were followed are not the records after {}: {seen} events, {} records",
            self.compared,
            expected.len()
        );
        let again = follow::read(address, self.compared, |events| events.len() >= expected.len())?;
        ensure!(again == expected, "the stream after {} differs from the records", self.compared);
        self.followed += again.len() as u64;
        (self.compared, self.events) = (newest, Vec::new());
        Ok(newest)
    }

    /// The newest checkpoint is signed and continues all that were seen; records are in it.
    pub fn check_log(&mut self, http: &mut Http, random: &mut StdRng) -> Checked {
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let key = get(http, "/log/key")?.text();
        let key = VerifierKey::parse(key.trim()).map_err(|e| text(&e))?;
        ensure!(self.key.as_ref().is_none_or(|k| *k == key), "the key of the log changed");
        let answer = http.get("/log/checkpoint").map_err(|e| e.to_string())?;
        if answer.status == 404 && self.checkpoints.is_empty() {
            return Ok(());
        }
        ensure!(answer.is_success(), "/log/checkpoint: {} {}", answer.status, answer.text());
        let note = Note::parse(&answer.body).map_err(|e| text(&e))?;
        note.verify(std::slice::from_ref(&key)).map_err(|e| text(&e))?;
        let checkpoint = Checkpoint::from_text(note.text()).map_err(|e| text(&e))?;
        self.key = Some(key);
        // All of the newest, and some of the older ones.
        let recent = self.checkpoints.len().saturating_sub(5);
        for (i, old) in self.checkpoints.iter().enumerate() {
            if i < recent && random.random_range(0..8) > 0 {
                continue;
            }
            let (from, to) = (old.size, checkpoint.size);
            ensure!(from <= to, "a checkpoint of {from} was seen, the newest has {to}");
            let json = get(http, &format!("/api/log/consistency?from={from}&to={to}"))?.json()?;
            verify_consistency(from, &old.root, to, &checkpoint.root, &hashes(&json["proof"])?)
                .map_err(|e| format!("the log of {to} does not continue that of {from}: {e}"))?;
            self.proofs += 1;
        }
        for _ in 0..3 {
            let seq = random.random_range(1..=checkpoint.size);
            let json = get(http, &format!("/api/log/inclusion/{seq}"))?.json()?;
            let (leaf, size, root) = (hash(&json["leaf"])?, json["size"].as_u64(), hash(&json["root"])?);
            let size = size.ok_or("a proof without size")?;
            verify_inclusion(&leaf, seq - 1, size, &hashes(&json["proof"])?, &root)
                .map_err(|e| format!("record {seq} is not proven: {e}"))?;
            ensure!(size != checkpoint.size || root == checkpoint.root, "two roots over {size} records");
            self.proofs += 1;
        }
        self.checkpoints.push(checkpoint);
        Ok(())
    }
}
