//! A small HTTP/1.1 client for load: keep-alive connections, one request at a time on each, all on one thread, so that
//! the server keeps most of two cores.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stats::Latencies;

/// Makes the request number `n` of a connection.
pub type Maker = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// A request's bytes.
pub fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    let head = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n{body}").into_bytes()
}

/// What a run gave.
pub struct Run {
    /// Answers with a status below 300, a second.
    pub rate: f64,
    /// Their latencies.
    pub latencies: Latencies,
    /// Answers with another status.
    pub refused: u64,
}

/// Sends for a while over several connections.
pub fn load(
    address: &str,
    connections: usize,
    run: Duration,
    make: Maker,
) -> Result<Run, Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let began = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|c| tokio::spawn(one(address.to_owned(), (c as u64) << 32, began + run, make.clone())))
            .collect();
        let (mut latencies, mut refused) = (Latencies::default(), 0);
        for task in tasks {
            let (own, bad) = task.await?.map_err(|e| format!("connection: {e}"))?;
            latencies.join(own);
            refused += bad;
        }
        let rate = latencies.count() as f64 / began.elapsed().as_secs_f64();
        Ok(Run { rate, latencies, refused })
    })
}

async fn one(address: String, first: u64, until: Instant, make: Maker) -> std::io::Result<(Latencies, u64)> {
    let mut stream = TcpStream::connect(&address).await?;
    stream.set_nodelay(true)?;
    let (mut latencies, mut refused) = (Latencies::default(), 0);
    let mut buffer = Vec::with_capacity(64 << 10);
    for n in first.. {
        let start = Instant::now();
        if start >= until {
            break;
        }
        stream.write_all(&make(n)).await?;
        let status = answer(&mut stream, &mut buffer).await?;
        if status < 300 {
            latencies.add(start.elapsed());
        } else {
            refused += 1;
        }
    }
    Ok((latencies, refused))
}

/// Sends one request and gives back status and body.
pub fn ask(address: &str, request: &[u8]) -> Result<(u16, Vec<u8>), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request).await?;
        let mut buffer = Vec::new();
        let status = answer(&mut stream, &mut buffer).await?;
        Ok((status, buffer))
    })
}

/// Reads one answer; the body is left in the buffer.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    let closed = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err(closed());
        }
        let Some(end) = find(buffer, b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(closed)?;
        let length: usize = head
            .lines()
            .find_map(|l| l.strip_prefix("content-length:"))
            .and_then(|v| v.trim().parse().ok())
            .unwrap_or(0);
        while buffer.len() < end + 4 + length {
            if stream.read_buf(buffer).await? == 0 {
                return Err(closed());
            }
        }
        buffer.drain(..end + 4);
        return Ok(status);
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}
