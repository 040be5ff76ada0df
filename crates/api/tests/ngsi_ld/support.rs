//! The application in memory, asked without a network.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use nacre_api::{App, Outbound, Policy, Settings};
use nacre_kernel::{Kernel, Options};
use serde_json::Value as Json;
use tower::ServiceExt;

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("")
    }

    /// The same, when the status is as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// The last part of the error type.
    #[track_caller]
    pub fn error(&self) -> String {
        assert_eq!(self.header("content-type"), "application/json");
        assert!(self.headers.get("link").is_none(), "errors carry no Link");
        let body = self.json();
        assert_eq!(body["status"], self.status);
        body["type"].as_str().and_then(|t| t.rsplit('/').next()).unwrap_or_default().to_owned()
    }
}

/// A server that lives as long as this.
pub struct Server {
    router: Router,
    kernel: Kernel,
    background: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(background) = &self.background {
            background.abort();
        }
        self.kernel.close();
    }
}

impl Server {
    /// Starts one with nothing in it.
    pub fn new() -> Server {
        Server::of(Kernel::in_memory(Options::new(Arc::new(nacre_access::OpenDoor))).expect("opens"), false)
    }

    /// Starts one that sends notifications.
    pub fn delivering() -> Server {
        Server::of(Kernel::in_memory(Options::new(Arc::new(nacre_access::OpenDoor))).expect("opens"), true)
    }

    /// Starts one that sends notifications, on a data directory.
    pub fn delivering_on(data: &std::path::Path) -> Server {
        Server::of(Kernel::open(data, Options::new(Arc::new(nacre_access::OpenDoor))).expect("opens"), true)
    }

    fn of(kernel: Kernel, delivers: bool) -> Server {
        let policy = Policy { loopback: true, ..Policy::default() };
        let outbound = Outbound::new(policy).expect("client");
        let tenant = kernel.tenant(&nacre_model::TenantId::default_tenant()).expect("a tenant");
        let messenger =
            nacre_channels::Messenger::new(tenant.clone(), Default::default(), "http://127.0.0.1");
        let operations = nacre_operations::Operations::new(tenant, &[]);
        let app = App::new(
            kernel.clone(),
            operations,
            Arc::new(nacre_api::devices::ingest::NoLink),
            Settings::default(),
            outbound,
            Default::default(),
            None,
            messenger,
        );
        let background = delivers.then(|| nacre_api::background(app.clone()));
        Server { router: nacre_api::router(app), kernel, background }
    }

    /// Asks with any headers and body. A body that is not empty states its length, as every client does.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/ngsi-ld/v1{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_empty() {
            request = request.header("content-length", body.len());
        }
        let request = request.body(Body::from(body.to_vec())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        Answer { status, headers, text: String::from_utf8(bytes.to_vec()).expect("UTF-8") }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], b"").await
    }

    /// Sends JSON.
    pub async fn send(&self, method: &str, path: &str, body: Json) -> Answer {
        self.ask(method, path, &[("content-type", "application/json")], body.to_string().as_bytes()).await
    }

    /// POST of JSON.
    pub async fn post(&self, path: &str, body: Json) -> Answer {
        self.send("POST", path, body).await
    }

    /// PATCH of JSON.
    pub async fn patch(&self, path: &str, body: Json) -> Answer {
        self.send("PATCH", path, body).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, &[], b"").await
    }
}
