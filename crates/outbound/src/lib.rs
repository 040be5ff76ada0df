//! The one way out: every request the server makes on somebody's word (a context, a notification) goes through here.
//!
//! What is refused: schemes but http and https, credentials in URLs, and addresses inside (private, link-local,
//! multicast, carrier-grade NAT, and loopback unless it is allowed by setting). Names are resolved here and the
//! resolved addresses checked, so that a name cannot lead inside either; redirects are not followed.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
pub use reqwest::header;
use reqwest::header::HeaderMap;
use thiserror::Error;
use url::{Host, Url};

/// Where requests may go.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Loopback addresses are fine: while the server itself is open to loopback only.
    pub loopback: bool,
    /// Inside hosts (names or addresses, without port) that are fine.
    pub hosts: HashSet<String>,
}

/// Why nothing came back.
#[derive(Debug, Clone, Error)]
pub enum OutboundError {
    /// Not a URL that may be asked.
    #[error("`{url}` may not be asked: {why}")]
    Refused {
        /// The URL, without credentials.
        url: String,
        /// Why.
        why: String,
    },
    /// No answer in time, or no connection.
    #[error("`{url}` did not answer: {why}")]
    NoAnswer {
        /// The URL.
        url: String,
        /// Why.
        why: String,
    },
    /// The answer is too long.
    #[error("the answer of `{url}` is longer than {limit} bytes")]
    TooLong {
        /// The URL.
        url: String,
        /// How much is read.
        limit: usize,
    },
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// See the module.
#[derive(Clone)]
pub struct Outbound {
    client: reqwest::Client,
    policy: Arc<Policy>,
}

impl Outbound {
    /// Makes the client.
    pub fn new(policy: Policy) -> Result<Outbound, OutboundError> {
        // The provider of cryptography is chosen once a process; a second choice is no error.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let policy = Arc::new(policy);
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .pool_max_idle_per_host(4)
            .user_agent(concat!("nacre/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(Guarded(policy.clone())))
            .build()
            .map_err(|e| OutboundError::NoAnswer { url: String::new(), why: e.to_string() })?;
        Ok(Outbound { client, policy })
    }

    /// Checks a URL as far as can be done without resolving its name.
    pub fn check(&self, url: &str) -> Result<Url, OutboundError> {
        let refused =
            |why: &str| OutboundError::Refused { url: url.chars().take(200).collect(), why: why.to_owned() };
        let parsed = Url::parse(url).map_err(|e| refused(&e.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(refused("only http and https are asked"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(OutboundError::Refused { url: String::new(), why: "no credentials in a URL".into() });
        }
        let allowed = match parsed.host() {
            None => return Err(refused("no host")),
            Some(Host::Ipv4(ip)) => self.policy.allows(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => self.policy.allows(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => true,
        };
        if !allowed && !self.policy.hosts.contains(parsed.host_str().unwrap_or_default()) {
            return Err(refused("the address is inside; the operator can allow it in `outbound_hosts`"));
        }
        Ok(parsed)
    }

    /// Gets a document.
    pub async fn get(&self, url: &str, accept: &str, bytes_max: usize) -> Result<Answer, OutboundError> {
        let parsed = self.check(url)?;
        let request = self.client.get(parsed).header("accept", accept);
        self.send(url, request, Duration::from_secs(5), bytes_max).await
    }

    /// Posts a body.
    pub async fn post(
        &self,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Answer, OutboundError> {
        let parsed = self.check(url)?;
        let request = self.client.post(parsed).headers(headers).body(body);
        self.send(url, request, timeout, 64 << 10).await
    }

    async fn send(
        &self,
        url: &str,
        request: reqwest::RequestBuilder,
        timeout: Duration,
        bytes_max: usize,
    ) -> Result<Answer, OutboundError> {
        let no_answer = |e: reqwest::Error| OutboundError::NoAnswer { url: url.to_owned(), why: reason(&e) };
        let response = request.timeout(timeout).send().await.map_err(no_answer)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = BytesMut::new();
        let mut stream = response.bytes_stream();
        while let Some(chunk) = stream.next().await {
            body.extend_from_slice(&chunk.map_err(no_answer)?);
            if body.len() > bytes_max {
                return Err(OutboundError::TooLong { url: url.to_owned(), limit: bytes_max });
            }
        }
        Ok(Answer { status, headers, body: body.freeze() })
    }
}

/// The innermost cause, which is what helps.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() { "timed out".into() } else { cause.to_string() }
}

impl Policy {
    fn allows(&self, ip: IpAddr) -> bool {
        let ip = match ip {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
            v4 => v4,
        };
        if ip.is_loopback() {
            return self.loopback;
        }
        !ip.is_unspecified()
            && !ip.is_multicast()
            && match ip {
                IpAddr::V4(v4) => public_v4(v4),
                IpAddr::V6(v6) => public_v6(v6),
            }
    }
}

fn public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    !(ip.is_private() || ip.is_link_local() || ip.is_broadcast() || shared || benchmark || a == 0 || a >= 240)
}

fn public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let unique_local = first & 0xfe00 == 0xfc00;
    let link_local = first & 0xffc0 == 0xfe80;
    let translated = first == 0x64 && second == 0xff9b || first == 0x2002;
    !(unique_local || link_local || translated)
}

struct Guarded(Arc<Policy>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let named = policy.hosts.contains(&host);
            let allowed: Vec<SocketAddr> = found.filter(|a| named || policy.allows(a.ip())).collect();
            if allowed.is_empty() {
                return Err(format!("`{host}` leads to no address that may be asked").into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_addresses_are_refused_in_every_spelling() {
        let out = Outbound::new(Policy::default()).expect("client");
        for url in [
            "http://127.0.0.1/x",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://10.1.2.3/",
            "http://169.254.169.254/latest/meta-data",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://[fe80::1]/",
            "http://[fd00::1]/",
            "http://user:secret@example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "not a url",
        ] {
            assert!(out.check(url).is_err(), "{url}");
        }
        assert!(out.check("https://example.org/context.jsonld").is_ok());
    }

    #[test]
    fn loopback_and_named_hosts_can_be_allowed() {
        let hosts = HashSet::from(["10.1.2.3".to_owned()]);
        let out = Outbound::new(Policy { loopback: true, hosts }).expect("client");
        assert!(out.check("http://127.0.0.1:9090/x").is_ok());
        assert!(out.check("http://10.1.2.3/").is_ok());
        assert!(out.check("http://10.1.2.4/").is_err());
    }
}
