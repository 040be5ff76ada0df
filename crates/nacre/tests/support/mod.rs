//! A data directory, the binary, and a client of one request a connection.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a command of the binary came to.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Outcome {
    /// It did what was asked; gives its data.
    pub fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// It ended with this code and said all of this.
    pub fn ended(self, code: i32, said: &[&str]) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        let all = format!("{}\n{}", self.out, self.err);
        for words in said {
            assert!(all.contains(words), "no `{words}` in {self:?}");
        }
        all
    }
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nacre"));
    for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("NACRE_")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null());
    command
}

/// Runs the binary.
pub fn nacre(args: &[&str]) -> Outcome {
    let output = command(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Outcome { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

/// Folders of a test.
pub struct Site {
    folder: tempfile::TempDir,
}

/// A server that runs; killed when dropped.
pub struct Served {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Site {
    pub fn new() -> Site {
        Site { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A server on one of the folders.
    pub fn serve(&self, data: &str) -> Served {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let log = fs::File::create(self.path("log")).unwrap();
        let child = command(&["serve", "--no-district", "--segment-mib", "1", "--log", "warn"])
            .args(["--data", &self.text(data), "--listen", &address.to_string()])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut served = Served { child, address };
        let began = Instant::now();
        loop {
            if served.ask("GET", "/readyz", None).is_some_and(|(status, _)| status == 200) {
                return served;
            }
            let ended = served.child.try_wait().unwrap();
            let log = || fs::read_to_string(self.path("log")).unwrap();
            assert!(ended.is_none(), "{ended:?}: {}", log());
            assert!(began.elapsed() < PATIENCE, "not ready: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// A copy of a folder.
    pub fn copy(&self, from: &str, to: &str) -> PathBuf {
        copy(&self.path(from), &self.path(to));
        self.path(to)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

impl Served {
    /// Status and body; nothing when nobody answers.
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{kind}content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    pub fn get(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", path, None).unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Creates lamps; each is one record.
    pub fn create(&self, numbers: std::ops::RangeInclusive<usize>) {
        for n in numbers {
            let lamp = json!({
                "id": id(n), "type": "Lamp",
                "power": {"type": "Property", "value": n},
                "mark": {"type": "Property", "value": mark(n)},
            });
            let (status, body) = self.ask("POST", "/ngsi-ld/v1/entities", Some(&lamp)).unwrap();
            assert_eq!(status, 201, "{body}");
        }
    }

    pub fn exists(&self, n: usize) -> bool {
        self.ask("GET", &format!("/ngsi-ld/v1/entities/{}", id(n)), None).unwrap().0 == 200
    }

    /// The newest record's number.
    pub fn newest(&self) -> u64 {
        let records: Value = serde_json::from_str(&self.get("/api/records?limit=1000")).unwrap();
        records.as_array().unwrap().last().map_or(0, |r| r["seq"].as_u64().unwrap())
    }

    /// Waits until the newest checkpoint covers this many records.
    pub fn signed(&self, size: u64) {
        let began = Instant::now();
        loop {
            let (_, note) = self.ask("GET", "/log/checkpoint", None).unwrap();
            if note.lines().nth(1).and_then(|l| l.parse::<u64>().ok()).is_some_and(|s| s >= size) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{note}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to stop, and waits.
    pub fn stop(mut self) {
        assert!(
            Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success()
        );
        assert!(self.child.wait().unwrap().success());
    }
}

/// A lamp's id.
pub fn id(n: usize) -> String {
    format!("urn:ngsi-ld:Lamp:{n:03}")
}

/// A text that is in one record only.
pub fn mark(n: usize) -> String {
    format!("mark-of-{n:03}")
}

/// Where some bytes are in a file.
pub fn position(file: &Path, bytes: &[u8]) -> usize {
    let content = fs::read(file).unwrap();
    content.windows(bytes.len()).position(|w| w == bytes).unwrap()
}

/// Changes one byte of a file.
pub fn flip(file: &Path, offset: usize) {
    let mut content = fs::read(file).unwrap();
    content[offset] ^= 0x20;
    fs::write(file, content).unwrap();
}

/// The first segment of the default tenant.
pub fn segment(data: &Path) -> PathBuf {
    let journal = data.join("tenants/default/journal");
    let mut segments: Vec<PathBuf> = fs::read_dir(&journal).unwrap().map(|e| e.unwrap().path()).collect();
    segments.retain(|p| p.extension().is_some_and(|e| e == "seg"));
    segments.sort();
    segments[0].clone()
}
