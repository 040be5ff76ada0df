//! The programs of Mosquitto. A machine without them fails the test and says how to get them.

use std::net::SocketAddr;
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const MISSING: &str = "Mosquitto is not installed; `apt-get install mosquitto mosquitto-clients` installs it";

fn command(program: &str, address: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(["-h", "127.0.0.1", "-p", &address.port().to_string()]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs `mosquitto_pub` to its end.
pub async fn publish(address: SocketAddr, arguments: &[&str]) -> Output {
    command("mosquitto_pub", address, arguments).output().await.expect(MISSING)
}

/// A running `mosquitto_sub`.
pub struct Sub {
    child: Child,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStdout>>,
}

impl Sub {
    pub fn start(address: SocketAddr, arguments: &[&str]) -> Self {
        let mut child = command("mosquitto_sub", address, arguments).spawn().expect(MISSING);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next line it prints.
    pub async fn line(&mut self) -> String {
        let line = tokio::time::timeout(Duration::from_secs(10), self.lines.next_line()).await;
        line.expect("a message in time").unwrap().expect("mosquitto_sub goes on")
    }

    /// Ends it as a power cut does.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// A broker of Mosquitto on its own port, with its store in a folder of its own.
pub struct Broker {
    pub address: SocketAddr,
    child: Option<Child>,
    folder: tempfile::TempDir,
}

impl Broker {
    pub async fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {path}/\nuser root\n"
        );
        std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
        let mut broker = Self { address: SocketAddr::from(([127, 0, 0, 1], port)), child: None, folder };
        broker.run().await;
        broker
    }

    /// Starts the program, again after [`Broker::halt`].
    pub async fn run(&mut self) {
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(self.folder.path().join("mosquitto.conf"));
        command.stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        self.child = Some(command.spawn().expect(MISSING));
        for _ in 0..200 {
            if TcpStream::connect(self.address).await.is_ok() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("mosquitto does not listen on {}", self.address);
    }

    /// Ends the program.
    pub async fn halt(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().await.unwrap();
        }
    }
}
