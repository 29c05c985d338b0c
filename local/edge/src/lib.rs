//! The edge: the address of the site, in front of the emulated CloudFront distribution.
//!
//! The emulator has CloudFront's origins, policies and bucket permissions. The edge adds what it lacks: the published functions in
//! an engine with `cloudfront` and `crypto`, the cache, coalescing of requests, compression, and the access log.

mod behaviours;
mod cache;
mod cloudfront;
mod compress;
mod control;
mod functions;
mod hosts;
mod limits;
mod log;
mod mail;
mod origin;
mod response_headers;
mod viewer;
mod viewer_override;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use axum::{Json, Router, extract::State, middleware::from_fn_with_state, routing::get};
use marquee_standin::emulator::Emulator;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tracing::{info, warn};

use self::{
    behaviours::Distribution,
    cache::Cache,
    control::{Control, EmulatorApi, Stores},
    hosts::Hosts,
    origin::Origin,
    viewer_override::ViewerOverrides,
};

/// The interval of reading the control plane.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
/// How long a request waits for the control plane while no distribution is known.
const FIRST_REFRESH_TIMEOUT: Duration = Duration::from_secs(3);

/// The settings of the edge.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The port on which it listens, on this machine only.
    pub port: u16,
    /// The folder of its installation: `edge.json` is there.
    pub home: PathBuf,
    /// The emulator of its installation.
    pub emulator: Emulator,
    /// Names under which it answers, in addition to those of this machine.
    pub hosts: Vec<String>,
    /// The country of its viewers (ISO 3166-1).
    pub viewer_country: Option<String>,
}

/// The parts that requests need.
struct Edge {
    emulator: EmulatorApi,
    origin: Origin,
    cache: Cache,
    stores: Stores,
    overrides: ViewerOverrides,
    snapshot: watch::Receiver<Snapshot>,
    /// Requests a refresh before the interval is over.
    refresh: Notify,
}

/// The last state of the control plane.
#[derive(Clone, Default)]
struct Snapshot {
    refreshes: u64,
    distribution: Option<Arc<Distribution>>,
}

impl Edge {
    /// The distribution. While there is none, a request waits for one refresh.
    async fn distribution(&self) -> Option<Arc<Distribution>> {
        let mut snapshot = self.snapshot.clone();
        let (refreshes, distribution) = {
            let snapshot = snapshot.borrow();
            (snapshot.refreshes, snapshot.distribution.clone())
        };
        if distribution.is_some() {
            return distribution;
        }
        self.refresh.notify_one();
        let next = snapshot.wait_for(|next| next.distribution.is_some() || next.refreshes > refreshes);
        let next = tokio::time::timeout(FIRST_REFRESH_TIMEOUT, next).await.ok()?.ok()?;
        next.distribution.clone()
    }
}

/// Serves until the process ends.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the edge cannot listen on {address}"))?;
    let (sender, snapshot) = watch::channel(Snapshot::default());
    let edge = Arc::new(Edge {
        emulator: EmulatorApi::new(&settings.emulator),
        origin: Origin::new(&settings.emulator),
        cache: Cache::new(),
        stores: Stores::new(&settings.emulator),
        overrides: ViewerOverrides::new(&settings.home, settings.viewer_country)?,
        snapshot,
        refresh: Notify::new(),
    });
    tokio::spawn(watch_control_plane(
        Control::new(&settings.emulator),
        edge.clone(),
        sender,
    ));

    info!("Marquee is at http://localhost:{}", settings.port);
    let router = Router::new()
        .route("/_edge/health", get(health))
        .route(
            "/_edge/mail",
            get(mail::mailbox).layer(from_fn_with_state(Hosts::for_mails(), hosts::require_own)),
        )
        .fallback(viewer::handle)
        .with_state(edge)
        .layer(from_fn_with_state(Hosts::new(&settings.hosts), hosts::require_own));
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

async fn health(State(edge): State<Arc<Edge>>) -> Json<Value> {
    let distribution = edge
        .snapshot
        .borrow()
        .distribution
        .as_ref()
        .map(|distribution| distribution.id.clone());
    Json(json!({ "status": "ok", "distribution": distribution }))
}

async fn watch_control_plane(mut control: Control, edge: Arc<Edge>, sender: watch::Sender<Snapshot>) {
    let mut failing = false;
    loop {
        let known = sender.borrow().distribution.clone();
        match refresh(&mut control, &edge, known.clone()).await {
            Ok(found) => {
                failing = false;
                apply_change(&edge, known.as_ref(), found.as_ref());
                sender.send_modify(|snapshot| {
                    *snapshot = Snapshot {
                        refreshes: snapshot.refreshes + 1,
                        distribution: found,
                    }
                });
            }
            Err(error) => {
                if !failing {
                    warn!("the control plane cannot be read, the last state stays: {error:#}");
                }
                failing = true;
                sender.send_modify(|snapshot| snapshot.refreshes += 1);
            }
        }
        // Either the interval is over or a request wants an early refresh.
        let _: Result<(), _> = tokio::time::timeout(REFRESH_INTERVAL, edge.refresh.notified()).await;
    }
}

async fn refresh(
    control: &mut Control,
    edge: &Edge,
    known: Option<Arc<Distribution>>,
) -> anyhow::Result<Option<Arc<Distribution>>> {
    let found = control.load(known).await?;
    if let Some(found) = &found {
        edge.stores.refresh(found.store_arns()).await;
        for path in control.invalidated(&found.id).await? {
            let removed = edge.cache.invalidate(&path);
            info!("invalidation of {path}: {removed} objects removed");
        }
    }
    Ok(found)
}

/// A changed distribution starts with an empty cache.
fn apply_change(edge: &Edge, known: Option<&Arc<Distribution>>, found: Option<&Arc<Distribution>>) {
    match (known, found) {
        (Some(known), Some(found)) if Arc::ptr_eq(known, found) => {}
        (_, Some(found)) => {
            edge.cache.invalidate("*");
            let (id, behaviours) = (&found.id, found.behaviours.len());
            info!("serving distribution {id} with {behaviours} behaviours");
        }
        (Some(known), None) => {
            edge.cache.invalidate("*");
            info!("distribution {} was deleted", known.id);
        }
        (None, None) => {}
    }
}
