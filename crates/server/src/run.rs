//! The server: opens everything, serves until told to stop, closes everything in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::serve::ListenerExt;
use nacre_access::OpenDoor;
use nacre_api::{App, Outbound, Policy, Settings};
use nacre_channels::Messenger;
use nacre_kernel::open::OpenError;
use nacre_kernel::{Kernel, Options};
use nacre_model::TenantId;
use nacre_operations::Operations;
use nacre_views::FjallOptions;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::config::Config;
use crate::edge::Edge;
use crate::notary::{Notary, NotaryError};
use crate::seed::{self, SeedError};
use crate::steps;
use crate::sweeper;

/// How long open requests may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Why the server did not start, or stopped by itself.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The data directory cannot be opened.
    #[error("the data directory cannot be opened: {}", advised(.0))]
    Open(#[from] OpenError),
    /// The district cannot be loaded.
    #[error(transparent)]
    Seed(#[from] SeedError),
    /// The notary has no key.
    #[error(transparent)]
    Notary(#[from] NotaryError),
    /// The way out cannot be built.
    #[error(transparent)]
    Outbound(#[from] nacre_outbound::OutboundError),
    /// A channel of notices is set up wrongly.
    #[error("a channel of notices is set up wrongly: {0}")]
    Channels(String),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Which.
        address: std::net::SocketAddr,
        /// Why.
        why: std::io::Error,
    },
    /// No runtime.
    #[error("the runtime failed: {0}")]
    Runtime(std::io::Error),
}

/// Damage wants a closer look; a directory that is in use does not.
fn advised(error: &OpenError) -> String {
    match error {
        OpenError::Journal(e) if e.code() == "journal_locked" => error.to_string(),
        OpenError::Folder { .. } => error.to_string(),
        _ => format!("{error}\n`nacre doctor` looks closer and changes nothing"),
    }
}

/// Serves until `SIGINT` or `SIGTERM`. Blocks.
pub fn serve(config: &Config) -> Result<(), ServeError> {
    let began = Instant::now();
    let district = config.district.as_ref().map(|dir| seed::load(dir, &config.packs)).transpose()?;
    let mut options = Options::new(Arc::new(OpenDoor));
    options.indexes = district.as_ref().map(seed::indexes).unwrap_or_default();
    options.segment_bytes = config.segment_bytes;
    options.queue_length = config.queue_length;
    options.lag_max = config.lag_max;
    options.cache_bytes = config.cache_bytes;
    options.engine = FjallOptions { cache_bytes: config.view_cache_bytes, ..FjallOptions::default() };
    let kernel = Kernel::open(&config.data, options)?;
    for (tenant, recovery) in kernel.recoveries() {
        let torn = recovery.torn.as_ref().map_or(0, |t| t.bytes);
        tracing::info!(%tenant, last = recovery.last.0, torn_bytes = torn, "journal opened");
    }
    if let Some(district) = &district {
        let tenant = kernel.tenant(&TenantId::default_tenant()).map_err(SeedError::from)?;
        if seed::wanted(&tenant) {
            let created = seed::fill(&tenant, district)?;
            tracing::info!(created, district = district.code, "filled the data directory from the district");
        }
        let changed = seed::define(&tenant, district)?;
        if changed > 0 {
            tracing::info!(changed, "wrote definitions of indicators and rules");
        }
    }
    let result = with_runtime(config, &kernel, district.as_ref(), began);
    kernel.close();
    result
}

fn with_runtime(
    config: &Config,
    kernel: &Kernel,
    district: Option<&nacre_pack::District>,
    began: Instant,
) -> Result<(), ServeError> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().thread_name("http");
    if let Some(threads) = config.threads {
        builder.worker_threads(threads.clamp(1, 256));
    }
    let runtime = builder.build().map_err(ServeError::Runtime)?;
    runtime.block_on(listen(config, kernel, district, began))
}

async fn listen(
    config: &Config,
    kernel: &Kernel,
    district: Option<&nacre_pack::District>,
    began: Instant,
) -> Result<(), ServeError> {
    let name = district.map(|d| (d.name.zh.clone(), d.name.en.clone()));
    let origin = config
        .log_origin
        .clone()
        .or_else(|| district.map(|d| d.log_origin.clone()).filter(|o| !o.is_empty()));
    let settings = Settings { body_bytes_max: config.body_bytes_max, ..Settings::default() };
    let origin = origin.unwrap_or_else(|| settings.log_origin.clone());
    let settings = Settings {
        log_origin: origin.clone(),
        type_titles: district.map(seed::type_titles).unwrap_or_default(),
        district: name.unwrap_or_else(|| settings.district.clone()),
        packs: district.map(|d| d.packs.clone()).unwrap_or_default(),
        district_code: district.map(|d| d.code.clone()),
        attribution: district.map(seed::attribution).unwrap_or_default(),
        outline: district.and_then(|d| nacre_api::outline::Outline::of(&d.outline.as_ref()?.0)),
        public_url: config.public_url.clone(),
        files: Some(config.data.join("files")),
        ..settings
    };
    let mut notary = Notary::open(&config.data, &origin)?;
    notary.sign_all(kernel, false);
    let policy = Policy { loopback: true, hosts: config.outbound_hosts.iter().cloned().collect() };
    let outbound = Outbound::new(policy)?;
    let tenant = kernel.tenant(&TenantId::default_tenant()).map_err(SeedError::from)?;
    let ways = nacre_channels::ways(&config.channels, &outbound).map_err(ServeError::Channels)?;
    let messenger = Messenger::new(tenant.clone(), ways, &config.public_url);
    let operations = Operations::new(tenant, &settings.packs);
    let edge = Arc::new(Edge::open(config.mqtt_listen, &config.mqtt_outside, &operations).await);
    let app = App::new(
        kernel.clone(),
        operations.clone(),
        edge.clone(),
        settings,
        outbound,
        notary.published(),
        Some(notary.verifier()),
        messenger.clone(),
    );
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|why| ServeError::Listen { address, why })?;
    let address = listener.local_addr().unwrap_or(address);
    tracing::info!(%address, took_ms = began.elapsed().as_millis() as u64, "serving; open: everybody on loopback is the owner");
    let listener = listener.tap_io(|stream| {
        // Without it a small answer may wait for the client's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("no-delay: {error}");
        }
    });
    let (stop_notary, stopped) = tokio::sync::oneshot::channel();
    let notary = tokio::spawn(notary.run(kernel.clone(), stopped));
    let sweeper = tokio::spawn(sweeper::run(kernel.clone()));
    let background = nacre_api::background(app.clone());
    let steps = tokio::spawn(steps::run(operations));
    let messages = tokio::spawn(messenger.run());
    let (told, mut draining) = tokio::sync::watch::channel(false);
    let server = axum::serve(listener, nacre_api::router(app)).with_graceful_shutdown(async move {
        signal().await;
        tracing::info!("stopping: no new connections");
        told.send_replace(true);
    });
    let overtime = async {
        // The sender lives as long as the server runs.
        let _ = draining.wait_for(|told| *told).await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = server => served.map_err(ServeError::Runtime)?,
        () = overtime => tracing::warn!("open requests were cut off after {} s", DRAIN.as_secs()),
    }
    edge.close().await;
    sweeper.abort();
    background.abort();
    steps.abort();
    messages.abort();
    drop(stop_notary);
    if let Ok(mut notary) = notary.await {
        for tenant in kernel.tenants() {
            // What is durable should be signed before we go.
            while tenant.status().tree_size < tenant.status().durable.0
                && tenant.status().views_failure.is_none()
            {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        notary.sign_all(kernel, true);
    }
    Ok(())
}

async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut s) => drop(s.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
