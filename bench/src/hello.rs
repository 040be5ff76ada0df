//! The ceiling of HTTP on this machine: the same server library, answering without work.

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};

/// Serves until killed.
pub fn serve(listen: &str) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let router = Router::new()
            .route("/get", get(|| async { r#"{"hello":"world"}"# }))
            .route("/post", post(|body: Bytes| async move { body.len().to_string() }));
        let listener = tokio::net::TcpListener::bind(listen).await?;
        axum::serve(listener, router).await?;
        Ok(())
    })
}
