//! The edge's cache in memory. Concurrent requests for an object are coalesced to one request to the origin.

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
use store::{CacheEntry, Store};

/// The limit of the cache's size.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Larger objects are streamed and not cached.
const MAX_OBJECT_BYTES: u64 = 64 * 1024 * 1024;
/// How long the cache remembers that an object is too large, or not cacheable.
const TOO_LARGE_TTL: Duration = Duration::from_mins(1);
const NOT_CACHEABLE_TTL: Duration = Duration::from_secs(5);
/// How long a stale object is served without revalidation after the origin failed.
const STALE_IF_ERROR: Duration = Duration::from_secs(10);

const HIT: &str = "Hit from cloudfront";
const MISS: &str = "Miss from cloudfront";
const REFRESH_HIT: &str = "RefreshHit from cloudfront";
const ERROR: &str = "Error from cloudfront";

/// Headers of conditional and partial requests. The cache applies them; the origin is asked for the whole object.
const CONDITIONAL_HEADERS: [HeaderName; 6] = [
    header::RANGE,
    header::IF_RANGE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_UNMODIFIED_SINCE,
];

/// The objects of the distribution, and the locks of those that are being fetched.
#[derive(Debug)]
pub(crate) struct Cache {
    store: Mutex<Store>,
    fetches: Mutex<HashMap<Key, Weak<tokio::sync::Mutex<()>>>>,
}

impl Cache {
    pub(crate) fn new() -> Self {
        Self {
            store: Mutex::new(Store::new(MAX_BYTES)),
            fetches: Mutex::default(),
        }
    }

    /// Removes the objects of an invalidation, and returns their number.
    pub(crate) fn invalidate(&self, pattern: &str) -> usize {
        self.store().remove_where(|key| key.matches_invalidation(pattern))
    }

    /// Answers a GET or HEAD that falls under a caching behaviour.
    pub(crate) async fn serve(
        &self,
        origin: &Origin,
        distribution: &Distribution,
        behaviour: &Behaviour,
        request: &ViewerRequest,
    ) -> Result<Response<Body>, OriginError> {
        let key = Key::new(request, behaviour);
        let lock = match self.lookup(&key, request) {
            Lookup::Answer(response) => return Ok(response),
            Lookup::Bypass => return bypass(origin, distribution, request).await,
            Lookup::Fetch(_) if request.method == Method::HEAD => return bypass(origin, distribution, request).await,
            Lookup::Fetch(_) => self.lock(&key).await,
        };
        // Another request may have fetched it in the meantime.
        let old = match self.lookup(&key, request) {
            Lookup::Answer(response) => return Ok(response),
            Lookup::Bypass => {
                drop(lock);
                return bypass(origin, distribution, request).await;
            }
            Lookup::Fetch(old) => old,
        };

        let fetched = origin
            .fetch(
                &distribution.domain,
                &origin_request(request, old.as_deref()),
                Bytes::new(),
            )
            .await;
        let response = match (fetched, &old) {
            (Ok(response), Some(_)) if response.status().is_server_error() => {
                Err(OriginError::Failed(response.status()))
            }
            (fetched, _) => fetched,
        };
        let response = match (response, old) {
            (Ok(response), Some(old)) if response.status() == StatusCode::NOT_MODIFIED => {
                let lifetime = lifetime(
                    StatusCode::OK,
                    &old.headers,
                    &behaviour.policy,
                    &distribution.error_ttls,
                    now(),
                );
                let entry = old.refreshed(response.headers(), lifetime.unwrap_or_default(), now());
                return Ok(self.store_and_answer(key, entry, request, REFRESH_HIT));
            }
            // A stale object is better than none.
            (Err(_), Some(old)) => {
                return Ok(self.store_and_answer(key, old.extended(STALE_IF_ERROR, now()), request, HIT));
            }
            (response, _) => response?,
        };

        if content_length(response.headers()).is_none_or(|length| length > MAX_OBJECT_BYTES) {
            self.store().put(key, CacheEntry::NotCacheable(now() + TOO_LARGE_TTL));
            drop(lock);
            if request.headers.contains_key(header::RANGE) {
                drop(response);
                return bypass(origin, distribution, request).await;
            }
            return Ok(streamed(response));
        }
        self.store_response(key, distribution, behaviour, request, response)
            .await
    }

    /// Reads a response, caches it for its lifetime, and answers from it.
    async fn store_response(
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
        let lifetime = lifetime(
            parts.status,
            &parts.headers,
            &behaviour.policy,
            &distribution.error_ttls,
            now(),
        );
        let response = Response::from_parts(parts, body);
        let mut entry = Entry::new(response.clone(), lifetime.unwrap_or_default(), now());
        if key.gzip {
            let compressed = tokio::task::spawn_blocking(move || compress::gzip(response)).await;
            if let Ok(Some(compressed)) = compressed {
                (entry.headers, entry.body) = (compressed.headers().clone(), compressed.into_body());
            }
        }
        if lifetime.is_some() {
            return Ok(self.store_and_answer(key, entry, request, MISS));
        }
        self.store()
            .put(key, CacheEntry::NotCacheable(now() + NOT_CACHEABLE_TTL));
        Ok(answer(&entry, request, MISS))
    }

    fn store_and_answer(
        &self,
        key: Key,
        entry: Entry,
        request: &ViewerRequest,
        x_cache: &'static str,
    ) -> Response<Body> {
        let response = answer(&entry, request, x_cache);
        self.store().put(key, CacheEntry::Object(Arc::new(entry)));
        response
    }

    fn lookup(&self, key: &Key, request: &ViewerRequest) -> Lookup {
        match self.store().get(key) {
            Some(CacheEntry::Object(entry)) if entry.is_fresh(now()) => Lookup::Answer(answer(&entry, request, HIT)),
            Some(CacheEntry::Object(entry)) => Lookup::Fetch((entry.status == StatusCode::OK).then_some(entry)),
            Some(CacheEntry::NotCacheable(until)) if now() < until => Lookup::Bypass,
            Some(CacheEntry::NotCacheable(_)) | None => Lookup::Fetch(None),
        }
    }

    /// Waits until no other request fetches this object.
    async fn lock(&self, key: &Key) -> OwnedMutexGuard<()> {
        let fetch = {
            let mut fetches = self.fetches.lock().unwrap_or_else(PoisonError::into_inner);
            fetches.retain(|_, fetch| fetch.strong_count() > 0);
            let fetch = fetches.get(key).and_then(Weak::upgrade).unwrap_or_default();
            fetches.insert(key.clone(), Arc::downgrade(&fetch));
            fetch
        };
        fetch.lock_owned().await
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The result of a lookup.
enum Lookup {
    /// A response from the cache.
    Answer(Response<Body>),
    /// The object is not cacheable: go to the origin, without a lock.
    Bypass,
    /// Fetch the object from the origin, or revalidate this stale one.
    Fetch(Option<Arc<Entry>>),
}

/// Forwards a request to the origin, without caching.
pub(crate) async fn bypass(
    origin: &Origin,
    distribution: &Distribution,
    request: &ViewerRequest,
) -> Result<Response<Body>, OriginError> {
    origin
        .fetch(&distribution.domain, request, Bytes::new())
        .await
        .map(streamed)
}

/// Streams a response of the origin to the viewer.
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

/// The request to the origin: for the whole object, or to revalidate `old`.
fn origin_request(request: &ViewerRequest, old: Option<&Entry>) -> ViewerRequest {
    let mut unconditional = ViewerRequest {
        method: Method::GET,
        ..request.clone()
    };
    for name in CONDITIONAL_HEADERS {
        unconditional.headers.remove(name);
    }
    if let Some(old) = old {
        if let Some(etag) = &old.origin_etag {
            unconditional.headers.insert(header::IF_NONE_MATCH, etag.clone());
        } else if let Some(modified) = old.headers.get(header::LAST_MODIFIED) {
            unconditional
                .headers
                .insert(header::IF_MODIFIED_SINCE, modified.clone());
        }
    }
    unconditional
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
