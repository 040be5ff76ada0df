//! HTTP/1.1, just enough of it, on one connection: a request is answered whole, or it is lost and nobody knows.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A connection.
pub struct Http {
    stream: BufReader<TcpStream>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Whether it worked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub fn json(&self) -> crate::Checked<serde_json::Value> {
        serde_json::from_slice(&self.body).map_err(|e| format!("not JSON ({e}): {}", self.text()))
    }
}

enum Framing {
    Length(usize),
    Chunked,
}

fn malformed(what: &str) -> Error {
    Error::new(ErrorKind::InvalidData, what.to_owned())
}

impl Http {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Result<Http> {
        let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        Ok(Http { stream: BufReader::new(stream) })
    }

    /// Sends a request and reads the answer. After an error the connection is of no use.
    pub fn ask(&mut self, method: &str, path: &str, key: Option<&str>, body: Option<&str>) -> Result<Answer> {
        self.send(method, path, key, body)?;
        let (status, framing) = self.head()?;
        let mut content = Vec::new();
        match framing {
            Framing::Length(bytes) => {
                content.resize(bytes, 0);
                self.stream.read_exact(&mut content)?;
            }
            Framing::Chunked => while self.chunk(&mut content)? {},
        }
        Ok(Answer { status, body: content })
    }

    /// A `GET`.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.ask("GET", path, None, None)
    }

    /// Begins to read an answer that does not end.
    pub fn stream(&mut self, path: &str) -> Result<u16> {
        self.send("GET", path, None, None)?;
        match self.head()? {
            (status, Framing::Chunked) => Ok(status),
            _ => Err(malformed("a stream that is not chunked")),
        }
    }

    fn send(&mut self, method: &str, path: &str, key: Option<&str>, body: Option<&str>) -> Result<()> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
        if let Some(key) = key {
            request.push_str(&format!("idempotency-key: {key}\r\n"));
        }
        if let Some(body) = body {
            request
                .push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        request.push_str(body.unwrap_or_default());
        self.stream.get_mut().write_all(request.as_bytes())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 || !line.ends_with('\n') {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }

    fn head(&mut self) -> Result<(u16, Framing)> {
        let status = self.line()?.split(' ').nth(1).and_then(|s| s.parse().ok());
        let status = status.ok_or_else(|| malformed("a status line"))?;
        let mut framing = Framing::Length(0);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(':').map(|(name, value)| (name, value.trim())) {
                None => return Ok((status, framing)),
                Some(("content-length", value)) => {
                    framing = Framing::Length(value.parse().map_err(|_| malformed("a length"))?);
                }
                Some(("transfer-encoding", "chunked")) => framing = Framing::Chunked,
                Some(_) => {}
            }
        }
    }

    /// Reads one more chunk; false at the end.
    pub fn chunk(&mut self, content: &mut Vec<u8>) -> Result<bool> {
        let size = self.line()?;
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16);
        let size = size.map_err(|_| malformed("a chunk"))?;
        let start = content.len();
        content.resize(start + size, 0);
        self.stream.read_exact(&mut content[start..])?;
        self.line()?;
        Ok(size > 0)
    }
}
