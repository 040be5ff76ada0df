//! The server as a process.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::http::Http;
use crate::{Checked, ensure};

/// Longest time a start may take.
const START_MAX: Duration = Duration::from_secs(30);

/// The program and where it works.
#[derive(Debug, Clone)]
pub struct Site {
    /// The binary.
    pub nacre: PathBuf,
    /// Its data directory.
    pub data: PathBuf,
    /// What it says.
    pub log: PathBuf,
    /// Where it listens.
    pub address: SocketAddr,
}

/// An address that is free now.
pub fn free_address() -> Checked<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| e.to_string())?;
    listener.local_addr().map_err(|e| e.to_string())
}

/// The binary beside this program or, when this is a test, one folder up.
pub fn binary() -> Checked<PathBuf> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let folders = me.ancestors().skip(1).take(2);
    let found = folders.map(|f| f.join("nacre")).find(|p| p.is_file());
    found.ok_or_else(|| format!("no `nacre` beside {}: cargo build -p nacre", me.display()))
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Site {
    /// Starts the server without waiting for it.
    pub fn spawn(&self) -> Checked<Server> {
        let log = File::options().create(true).append(true).open(&self.log).map_err(|e| e.to_string())?;
        let mut command = self.command(&["serve", "--no-district", "--listen"]);
        command.arg(self.address.to_string()).arg("--data").arg(&self.data).args(["--log", "warn"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command.spawn().map_err(|e| format!("{}: {e}", self.nacre.display()))?;
        Ok(Server { child })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.nacre);
        for (name, _) in std::env::vars_os().filter(|(n, _)| n.to_string_lossy().starts_with("NACRE_")) {
            command.env_remove(name);
        }
        command.args(args);
        command
    }

    /// Starts the server and waits until it is ready; says how long that took.
    pub fn start(&self) -> Checked<(Server, Duration)> {
        let began = Instant::now();
        let mut server = self.spawn()?;
        while began.elapsed() < START_MAX {
            if let Ok(Some(status)) = server.child.try_wait() {
                return Err(format!("the server ended at its start ({status}): {}", self.last_words()));
            }
            let ready = Http::connect(self.address).and_then(|mut http| http.get("/readyz"));
            if ready.is_ok_and(|answer| answer.is_success()) {
                return Ok((server, began.elapsed()));
            }
            std::thread::sleep(Duration::from_millis(3));
        }
        Err(format!("the server is not ready after {START_MAX:?}: {}", self.last_words()))
    }

    /// The end of its log.
    pub fn last_words(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Runs another command of the binary on the data directory.
    pub fn run(&self, args: &[&str]) -> Checked<Output> {
        self.command(args).output().map_err(|e| format!("{}: {e}", self.nacre.display()))
    }

    /// Whether what the server left is sound, by its own tools and without a server.
    pub fn verify_offline(&self) -> Checked<u64> {
        let data = self.data.to_string_lossy();
        let output = self.run(&["verify", &data, "--json"])?;
        let text = String::from_utf8_lossy(&output.stdout);
        let said = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "nacre verify ({}): {said}", output.status);
        let line: serde_json::Value =
            serde_json::from_str(text.trim()).map_err(|e| format!("{e}: {said}"))?;
        line["records"].as_u64().ok_or_else(|| format!("nacre verify without a count: {said}"))
    }

    /// `nacre doctor` finds nothing that needs help.
    pub fn consult_doctor(&self) -> Checked {
        let output = self.run(&["doctor", "--data", &self.data.to_string_lossy()])?;
        let said =
            |o: &Output| String::from_utf8_lossy(&[&o.stdout[..], &o.stderr[..]].concat()).into_owned();
        ensure!(output.status.success(), "nacre doctor ({}): {}", output.status, said(&output));
        Ok(())
    }
}

impl Server {
    /// `kill -9`.
    pub fn kill(mut self) -> Checked {
        self.child.kill().map_err(|e| e.to_string())?;
        self.child.wait().map(drop).map_err(|e| e.to_string())
    }

    /// Asks it to stop, as an operator does, and waits.
    pub fn terminate(mut self) -> Checked {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().map_err(|e| e.to_string())?;
        ensure!(sent.success(), "the signal was not sent");
        let began = Instant::now();
        loop {
            match self.child.try_wait().map_err(|e| e.to_string())? {
                Some(status) => {
                    ensure!(status.success(), "asked to stop, the server ended with {status}");
                    return Ok(());
                }
                None if began.elapsed() > START_MAX => return Err("asked to stop, the server goes on".into()),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// A folder for one run.
pub fn folder() -> Checked<tempfile::TempDir> {
    tempfile::Builder::new().prefix("nacre-crash-").tempdir().map_err(|e| e.to_string())
}

/// The files of one server in a folder.
pub fn site(nacre: &Path, folder: &Path, number: usize) -> Checked<Site> {
    Ok(Site {
        nacre: nacre.to_owned(),
        data: folder.join(format!("data-{number}")),
        log: folder.join(format!("log-{number}")),
        address: free_address()?,
    })
}
