//! A client for one's own server: HTTP/1.1 over a socket, one request a connection, so that the command line needs no
//! more than the standard library to speak the public interface.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::exit::Failure;

/// A request.
#[derive(Default)]
pub struct Request<'a> {
    /// `GET`, `POST`…
    pub method: &'a str,
    /// Path and parameters, encoded.
    pub target: &'a str,
    /// Further headers.
    pub headers: &'a [(&'a str, &'a str)],
    /// JSON, if any.
    pub body: Option<&'a str>,
}

/// An answer.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    head: String,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let fields = self.head.lines().filter_map(|l| l.split_once(':'));
        fields.filter(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, v)| v.trim()).next()
    }
}

/// A text as it stands in a path or parameter.
pub fn encode(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~:,".contains(&b);
    text.bytes().map(|b| if plain(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
}

/// Sends a request and reads the whole answer.
pub fn send(server: &str, request: &Request<'_>) -> Result<Answer, Failure> {
    let failed = |e: std::io::Error| {
        Failure::failed(format!("no answer from {server}: {e}; is `nacre serve` running there?"))
    };
    let mut stream = TcpStream::connect(server).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(120))).map_err(failed)?;
    let mut head =
        format!("{} {} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n", request.method, request.target);
    head.push_str("Accept: application/json\r\n");
    for (name, value) in request.headers {
        if value.contains(['\r', '\n']) {
            return Err(Failure::usage(format!("`{name}` must be one line")));
        }
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = request.body {
        head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).map_err(failed)?;
    stream.write_all(request.body.unwrap_or_default().as_bytes()).map_err(failed)?;
    let mut text = Vec::new();
    stream.read_to_end(&mut text).map_err(failed)?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok());
    let status = status.ok_or_else(|| Failure::failed(format!("{server} does not speak HTTP")))?;
    Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
}
