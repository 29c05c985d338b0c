//! The edge's cache: answers from memory what the behaviour allows, and asks the origin once for what many want at once.

mod entry;
mod freshness;
mod key;
mod range;
mod store;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use marquee_standin::clock::now;
use tokio::sync::OwnedMutexGuard;

use super::{
    behaviours::{Behaviour, Distribution},
    compress,
    functions::ViewerRequest,
    origin::{Origin, OriginError},
};
use entry::Entry;
pub(crate) use entry::X_CACHE;
use freshness::lifetime;
use key::Key;
use store::{Known, Store};

/// What the cache may hold.
const BUDGET: usize = 256 * 1024 * 1024;
/// A larger object is streamed through and not kept.
const LARGEST: u64 = 64 * 1024 * 1024;
/// How long it is remembered that an object is too large, or may not be kept.
const TOO_LARGE: Duration = Duration::from_mins(1);
const NOT_KEPT: Duration = Duration::from_secs(5);
/// How long an old object is served without asking again when the origin fails.
const ILL: Duration = Duration::from_secs(10);

const HIT: &str = "Hit from cloudfront";
const MISS: &str = "Miss from cloudfront";
const REFRESH_HIT: &str = "RefreshHit from cloudfront";
const ERROR: &str = "Error from cloudfront";

/// What makes a request conditional or partial: the origin is asked for the whole object, these are met from the cache.
const SELECTIVE: [HeaderName; 6] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

/// The objects of the distribution, and who is fetching which.
#[derive(Debug)]
pub(crate) struct Cache {
    store: Mutex<Store>,
    flights: Mutex<HashMap<Key, Weak<tokio::sync::Mutex<()>>>>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            store: Mutex::new(Store::new(BUDGET)),
            flights: Mutex::default(),
        }
    }

    /// Forgets what an invalidation names, and says how many objects that were.
    pub(crate) fn invalidate(&self, pattern: &str) -> usize {
        self.store().remove_where(|key| key.is_meant_by(pattern))
    }

    /// Answers a GET or HEAD that falls under a caching behaviour.
    pub(crate) async fn serve(
        &self,
        origin: &Origin,
        distribution: &Distribution,
        behaviour: &Behaviour,
        request: &ViewerRequest,
    ) -> Result<Response<Body>, OriginError> {
        let key = Key::of(request, behaviour);
        let fetching = match self.look(&key, request) {
            Look::Answer(response) => return Ok(response),
            Look::Pass => return pass(origin, distribution, request).await,
            Look::Ask(_) if request.method == Method::HEAD => return pass(origin, distribution, request).await,
            Look::Ask(_) => self.enter(&key).await,
        };
        // Whoever was here first may have brought it.
        let old = match self.look(&key, request) {
            Look::Answer(response) => return Ok(response),
            Look::Pass => {
                drop(fetching);
                return pass(origin, distribution, request).await;
            }
            Look::Ask(old) => old,
        };

        let asked = origin
            .fetch(&distribution.domain, &whole(request, old.as_deref()), Bytes::new())
            .await;
        let response = match (asked, &old) {
            (Ok(response), Some(_)) if response.status().is_server_error() => {
                Err(OriginError::Failed(response.status()))
            }
            (asked, _) => asked,
        };
        let response = match (response, old) {
            (Ok(response), Some(old)) if response.status() == StatusCode::NOT_MODIFIED => {
                let kept = lifetime(
                    StatusCode::OK,
                    &old.headers,
                    &behaviour.policy,
                    &distribution.error_ttls,
                    now(),
                );
                let entry = old.refreshed(response.headers(), kept.unwrap_or_default(), now());
                return Ok(self.keep(key, entry, request, REFRESH_HIT));
            }
            // Better an old object than none.
            (Err(_), Some(old)) => return Ok(self.keep(key, old.prolonged(ILL, now()), request, HIT)),
            (response, _) => response?,
        };

        if content_length(response.headers()).is_none_or(|length| length > LARGEST) {
            self.store().put(key, Known::Passes(now() + TOO_LARGE));
            drop(fetching);
            if request.headers.contains_key(header::RANGE) {
                drop(response);
                return pass(origin, distribution, request).await;
            }
            return Ok(streamed(response));
        }
        self.take(key, distribution, behaviour, request, response).await
    }

    /// Reads a response to its end, keeps it as long as it may be kept, and answers from it.
    async fn take(
        &self,
        key: Key,
        distribution: &Distribution,
        behaviour: &Behaviour,
        request: &ViewerRequest,
        response: Response<Incoming>,
    ) -> Result<Response<Body>, OriginError> {
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| OriginError::Unreachable(error.to_string()))?
            .to_bytes();
        let kept = lifetime(
            parts.status,
            &parts.headers,
            &behaviour.policy,
            &distribution.error_ttls,
            now(),
        );
        let response = Response::from_parts(parts, body);
        let mut entry = Entry::new(response.clone(), kept.unwrap_or_default(), now());
        if key.gzip {
            let compressed = tokio::task::spawn_blocking(move || compress::gzip(response)).await;
            if let Ok(Some(compressed)) = compressed {
                (entry.headers, entry.body) = (compressed.headers().clone(), compressed.into_body());
            }
        }
        if kept.is_some() {
            return Ok(self.keep(key, entry, request, MISS));
        }
        self.store().put(key, Known::Passes(now() + NOT_KEPT));
        Ok(answer(&entry, request, MISS))
    }

    fn keep(&self, key: Key, entry: Entry, request: &ViewerRequest, x_cache: &'static str) -> Response<Body> {
        let response = answer(&entry, request, x_cache);
        self.store().put(key, Known::Object(Arc::new(entry)));
        response
    }

    fn look(&self, key: &Key, request: &ViewerRequest) -> Look {
        match self.store().get(key) {
            Some(Known::Object(entry)) if entry.is_fresh(now()) => Look::Answer(answer(&entry, request, HIT)),
            Some(Known::Object(entry)) => Look::Ask((entry.status == StatusCode::OK).then_some(entry)),
            Some(Known::Passes(until)) if now() < until => Look::Pass,
            Some(Known::Passes(_)) | None => Look::Ask(None),
        }
    }

    /// Waits until nobody else fetches this object.
    async fn enter(&self, key: &Key) -> OwnedMutexGuard<()> {
        let flight = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            flights.retain(|_, flight| flight.strong_count() > 0);
            let flight = flights.get(key).and_then(Weak::upgrade).unwrap_or_default();
            flights.insert(key.clone(), Arc::downgrade(&flight));
            flight
        };
        flight.lock_owned().await
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a look into the cache tells.
enum Look {
    /// Here it is.
    Answer(Response<Body>),
    /// It cannot be kept: go to the origin, wait for nobody.
    Pass,
    /// Ask the origin for it, or whether this old one is still good.
    Ask(Option<Arc<Entry>>),
}

/// Goes to the origin and through: nothing is kept.
pub(crate) async fn pass(
    origin: &Origin,
    distribution: &Distribution,
    request: &ViewerRequest,
) -> Result<Response<Body>, OriginError> {
    origin
        .fetch(&distribution.domain, request, Bytes::new())
        .await
        .map(streamed)
}

/// A response of the origin on its way to the viewer, piece by piece.
pub(crate) fn streamed(response: Response<Incoming>) -> Response<Body> {
    let mut response = response.map(Body::new);
    let x_cache = HeaderValue::from_static(if is_error(response.status()) { ERROR } else { MISS });
    response.headers_mut().insert(X_CACHE, x_cache);
    response
}

fn answer(entry: &Entry, request: &ViewerRequest, x_cache: &'static str) -> Response<Body> {
    let x_cache = if is_error(entry.status) { ERROR } else { x_cache };
    entry
        .answer(&request.method, &request.headers, x_cache, now())
        .map(Body::from)
}

/// The request for the whole object, or for the news since `old`.
fn whole(request: &ViewerRequest, old: Option<&Entry>) -> ViewerRequest {
    let mut whole = ViewerRequest {
        method: Method::GET,
        ..request.clone()
    };
    for name in SELECTIVE {
        whole.headers.remove(name);
    }
    if let Some(old) = old {
        if let Some(etag) = &old.origin_etag {
            whole.headers.insert(header::IF_NONE_MATCH, etag.clone());
        } else if let Some(modified) = old.headers.get(header::LAST_MODIFIED) {
            whole.headers.insert(header::IF_MODIFIED_SINCE, modified.clone());
        }
    }
    whole
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
