//! Servers under measurement: child processes on loopback that end with their handle.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A child process that listens.
pub struct Server {
    child: Child,
    /// Where.
    pub address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already: nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_address() -> std::io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

impl Server {
    /// `nacre serve` on an empty or existing data directory.
    pub fn nacre(data: &Path) -> Result<Server, Box<dyn std::error::Error>> {
        let address = free_address()?;
        let exe = std::env::current_exe()?.with_file_name("nacre");
        if !exe.exists() {
            return Err(format!("{} is missing: cargo build --release", exe.display()).into());
        }
        let mut command = Command::new(exe);
        command.args(["serve", "--no-district", "--log", "warn", "--listen", &address, "--data"]).arg(data);
        Server::start(command, address)
    }

    /// The server that only says hello.
    pub fn hello() -> Result<Server, Box<dyn std::error::Error>> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["hello", &address]);
        Server::start(command, address)
    }

    fn start(mut command: Command, address: String) -> Result<Server, Box<dyn std::error::Error>> {
        let child = command.stdin(Stdio::null()).spawn()?;
        let mut server = Server { child, address };
        let began = Instant::now();
        while TcpStream::connect(&server.address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("the server ended with {status}").into());
            }
            if began.elapsed() > Duration::from_secs(120) {
                return Err("the server does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(server)
    }

    /// Kills it at once, as a power cut would.
    pub fn kill(mut self) -> std::io::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Resident memory, bytes.
    pub fn resident_bytes(&self) -> u64 {
        let path = PathBuf::from(format!("/proc/{}/status", self.child.id()));
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find(|l| l.starts_with("VmRSS:"));
        line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) << 10
    }
}
