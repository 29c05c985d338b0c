//! The edge: one address for people, in front of the distribution that the template declares.
//!
//! The emulator plays CloudFront's origins, policies and bucket permissions. What it lacks is done here, before it: the
//! functions' very source in an engine that has `cloudfront` and `crypto`, the cache, coalescing, compression and the log.

mod behaviours;
mod cache;
mod compress;
mod control;
mod functions;
mod hosts;
mod limits;
mod log;
mod mail;
mod origin;
mod pretence;
mod response_headers;
mod viewer;

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
    pretence::Pretence,
};

/// How often the control plane is looked at.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long a request waits for a look when nothing is known yet.
const FIRST_LOOK: Duration = Duration::from_secs(3);

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

/// All that a request needs.
struct Edge {
    emulator: EmulatorApi,
    origin: Origin,
    cache: Cache,
    stores: Stores,
    pretence: Pretence,
    known: watch::Receiver<Known>,
    /// Asks for a look at the control plane before the interval is over.
    look: Notify,
}

/// What the looks at the control plane have shown.
#[derive(Clone, Default)]
struct Known {
    looks: u64,
    distribution: Option<Arc<Distribution>>,
}

impl Edge {
    /// The distribution; a request that finds none waits for one look.
    async fn distribution(&self) -> Option<Arc<Distribution>> {
        let mut known = self.known.clone();
        let (looks, distribution) = {
            let known = known.borrow();
            (known.looks, known.distribution.clone())
        };
        if distribution.is_some() {
            return distribution;
        }
        self.look.notify_one();
        let news = known.wait_for(|known| known.distribution.is_some() || known.looks > looks);
        let news = tokio::time::timeout(FIRST_LOOK, news).await.ok()?.ok()?;
        news.distribution.clone()
    }
}

/// Serves people until the process is ended.
pub async fn serve(settings: Settings) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, settings.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("the edge cannot listen on {address}"))?;
    let (tell, known) = watch::channel(Known::default());
    let edge = Arc::new(Edge {
        emulator: EmulatorApi::new(&settings.emulator),
        origin: Origin::new(&settings.emulator),
        cache: Cache::new(),
        stores: Stores::new(&settings.emulator),
        pretence: Pretence::new(&settings.home, settings.viewer_country)?,
        known,
        look: Notify::new(),
    });
    tokio::spawn(watch_control_plane(
        Control::new(&settings.emulator),
        edge.clone(),
        tell,
    ));

    info!("Marquee is at http://localhost:{}", settings.port);
    let router = Router::new()
        .route("/_edge/health", get(health))
        .route("/_edge/mail", get(mail::mailbox))
        .fallback(viewer::handle)
        .with_state(edge)
        .layer(from_fn_with_state(Hosts::new(&settings.hosts), hosts::require_own));
    axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}

async fn health(State(edge): State<Arc<Edge>>) -> Json<Value> {
    let distribution = edge
        .known
        .borrow()
        .distribution
        .as_ref()
        .map(|distribution| distribution.id.clone());
    Json(json!({ "status": "ok", "distribution": distribution }))
}

async fn watch_control_plane(mut control: Control, edge: Arc<Edge>, tell: watch::Sender<Known>) {
    let mut failing = false;
    loop {
        let known = tell.borrow().distribution.clone();
        match look(&mut control, &edge, known.clone()).await {
            Ok(found) => {
                failing = false;
                announce(&edge, known.as_ref(), found.as_ref());
                tell.send_modify(|known| {
                    *known = Known {
                        looks: known.looks + 1,
                        distribution: found,
                    }
                });
            }
            Err(error) => {
                if !failing {
                    warn!("the control plane cannot be read, what is known stays: {error:#}");
                }
                failing = true;
                tell.send_modify(|known| known.looks += 1);
            }
        }
        // Only a wish for an early look or the time ends the wait; neither carries anything.
        let _: Result<(), _> = tokio::time::timeout(INTERVAL, edge.look.notified()).await;
    }
}

async fn look(
    control: &mut Control,
    edge: &Edge,
    known: Option<Arc<Distribution>>,
) -> anyhow::Result<Option<Arc<Distribution>>> {
    let found = control.load(known).await?;
    if let Some(found) = &found {
        edge.stores.renew(found.store_arns()).await;
        for path in control.invalidated(&found.id).await? {
            let forgotten = edge.cache.invalidate(&path);
            info!("invalidation of {path}: {forgotten} objects forgotten");
        }
    }
    Ok(found)
}

/// A changed distribution starts with an empty cache.
fn announce(edge: &Edge, known: Option<&Arc<Distribution>>, found: Option<&Arc<Distribution>>) {
    match (known, found) {
        (Some(known), Some(found)) if Arc::ptr_eq(known, found) => {}
        (_, Some(found)) => {
            edge.cache.invalidate("*");
            let (id, behaviours) = (&found.id, found.behaviours.len());
            info!("serving distribution {id} with {behaviours} behaviours");
        }
        (Some(known), None) => {
            edge.cache.invalidate("*");
            info!("distribution {} is gone", known.id);
        }
        (None, None) => {}
    }
}
