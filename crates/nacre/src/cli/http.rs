//! A client for one's own server: HTTP/1.1 over a socket that is kept open from request to request, so that the command
//! line needs no more than the standard library to speak the public interface.
//!
//! Limits: [`HEAD_BYTES_MAX`], [`BODY_BYTES_MAX`]. No TLS: a server elsewhere is reached through a tunnel.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::exit::Failure;

/// Longest head of an answer.
const HEAD_BYTES_MAX: u64 = 64 << 10;
/// Longest body of an answer.
const BODY_BYTES_MAX: u64 = 1 << 30;
/// How long the server may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(120);

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

/// A server, and the connection to it.
pub struct Client {
    server: String,
    stream: Option<BufReader<TcpStream>>,
}

impl Client {
    /// For `host:port`, with or without `http://` before it.
    pub fn new(server: &str) -> Result<Client, Failure> {
        if server.starts_with("https://") {
            return Err(Failure::usage("--server speaks plain HTTP; open a tunnel and name its local end"));
        }
        let server = server.strip_prefix("http://").unwrap_or(server).trim_end_matches('/');
        let good = server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        if !good || server.contains(['\r', '\n', ' ', '/']) {
            return Err(Failure::usage(format!("`{server}` is no address; needed: host:port")));
        }
        Ok(Client { server: server.to_owned(), stream: None })
    }

    /// Sends a request and reads the whole answer. When a connection kept from before fails, the request is sent once
    /// more on a new one: what goes through here is a read, or carries an idempotency key.
    pub fn send(&mut self, request: &Request<'_>) -> Result<Answer, Failure> {
        let message = self.message(request)?;
        if let Some(mut stream) = self.stream.take()
            && let Ok(answer) = exchange(&mut stream, &message, request.method)
        {
            return Ok(self.keep(stream, answer));
        }
        let failed = |e: io::Error| {
            let server = &self.server;
            Failure::failed(format!("no answer from {server}: {e}; is `nacre serve` running there?"))
        };
        let stream = TcpStream::connect(&self.server).map_err(failed)?;
        stream.set_read_timeout(Some(SILENCE_MAX)).map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        let mut stream = BufReader::new(stream);
        let answer = exchange(&mut stream, &message, request.method).map_err(failed)?;
        Ok(self.keep(stream, answer))
    }

    fn keep(&mut self, stream: BufReader<TcpStream>, (answer, open): (Answer, bool)) -> Answer {
        self.stream = open.then_some(stream);
        answer
    }

    fn message(&self, request: &Request<'_>) -> Result<Vec<u8>, Failure> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, request.target, self.server);
        head.push_str("Accept: application/json\r\n");
        for (name, value) in request.headers {
            if value.contains(['\r', '\n']) {
                return Err(Failure::usage(format!("`{name}` must be one line")));
            }
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = request.body.unwrap_or_default();
        if request.body.is_some() {
            head.push_str(&format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        Ok([head.as_bytes(), body.as_bytes()].concat())
    }
}

/// One request on a connection of its own.
pub fn send(server: &str, request: &Request<'_>) -> Result<Answer, Failure> {
    Client::new(server)?.send(request)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// The answer, and whether the connection stays open.
fn exchange(stream: &mut BufReader<TcpStream>, message: &[u8], method: &str) -> io::Result<(Answer, bool)> {
    let mut sending = stream.get_ref();
    let sent = sending.write_all(message);
    // A server that refuses a body closes before it has read all of it: its answer may be there all the same.
    let mut answer = match read_answer(stream, method) {
        Ok(answer) => answer,
        Err(e) => return Err(sent.err().unwrap_or(e)),
    };
    answer.1 &= sent.is_ok();
    Ok(answer)
}

fn read_answer(stream: &mut impl BufRead, method: &str) -> io::Result<(Answer, bool)> {
    let mut head = String::new();
    let mut limited = stream.by_ref().take(HEAD_BYTES_MAX);
    loop {
        let mut line = String::new();
        if limited.read_line(&mut line)? == 0 {
            return Err(if head.is_empty() {
                io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed")
            } else {
                wrong("the head of the answer is cut off or too long")
            });
        }
        if line.trim_end().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let status = head.strip_prefix("HTTP/1.").and_then(|_| head.split_whitespace().nth(1)?.parse().ok());
    let status: u16 = status.ok_or_else(|| wrong("what answered does not speak HTTP"))?;
    let mut answer = Answer { status, head, body: String::new() };
    let mut open = !answer.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
    let length = answer.header("content-length").map(|l| l.parse::<u64>().map_err(|_| wrong("bad length")));
    let chunked = answer.header("transfer-encoding").is_some_and(|t| t.eq_ignore_ascii_case("chunked"));
    let mut body = Vec::new();
    if method == "HEAD" || status == 204 || status == 304 {
    } else if chunked {
        read_chunks(stream, &mut body)?;
    } else if let Some(length) = length.transpose()? {
        if length > BODY_BYTES_MAX {
            return Err(wrong("the answer is too long"));
        }
        stream.take(length).read_to_end(&mut body)?;
        if body.len() as u64 != length {
            return Err(wrong("the answer is cut off"));
        }
    } else {
        open = false;
        stream.take(BODY_BYTES_MAX).read_to_end(&mut body)?;
    }
    answer.body = String::from_utf8(body).map_err(|_| wrong("the answer is not UTF-8"))?;
    Ok((answer, open))
}

fn read_chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.by_ref().take(1024).read_line(&mut line)?;
        let size = line.trim_end().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(|_| wrong("a chunk has no size"))?;
        if size > BODY_BYTES_MAX - body.len() as u64 {
            return Err(wrong("the answer is too long"));
        }
        let wanted = body.len() as u64 + size;
        stream.by_ref().take(size).read_to_end(body)?;
        if body.len() as u64 != wanted {
            return Err(wrong("the answer is cut off"));
        }
        // The end of a chunk; after the last one there may be trailers.
        loop {
            line.clear();
            stream.by_ref().take(HEAD_BYTES_MAX).read_line(&mut line)?;
            if line.trim_end().is_empty() || size > 0 {
                break;
            }
        }
        if size == 0 {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<(u16, String, bool)> {
        read_answer(&mut text.as_bytes(), "GET").map(|(a, open)| (a.status, a.body, open))
    }

    #[test]
    fn answers_come_with_a_length_in_chunks_or_until_the_end() {
        let plain = read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1").expect("answer");
        assert_eq!(plain, (200, "ok".into(), true));
        let chunks = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nA: b\r\n\r\n";
        assert_eq!(read(chunks).expect("answer"), (200, "abcde".into(), true));
        let closed = read("HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n[1]").expect("answer");
        assert_eq!(closed, (201, "[1]".into(), false));
        assert_eq!(read("HTTP/1.1 204 No Content\r\n\r\n").expect("answer"), (204, String::new(), true));
    }

    #[test]
    fn answers_that_are_cut_off_are_errors() {
        for text in [
            "",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_server_is_an_address() {
        assert!(Client::new("127.0.0.1:8080").is_ok() && Client::new("http://[::1]:8080/").is_ok());
        for bad in ["https://there:1", "there", "there:80/path", "a b:80"] {
            assert!(Client::new(bad).is_err(), "{bad}");
        }
    }
}
