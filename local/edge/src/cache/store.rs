//! Objects in memory, up to a size; the least recently used one is evicted first.

use std::sync::Arc;

use jiff::Timestamp;
use lru::LruCache;

use super::{entry::Entry, key::Key};

/// An entry of the cache.
#[derive(Clone, Debug)]
pub(crate) enum CacheEntry {
    /// An object, fresh or stale.
    Object(Arc<Entry>),
    /// Responses are not cacheable: until this time requests are not coalesced.
    NotCacheable(Timestamp),
}

/// The objects of one distribution.
#[derive(Debug)]
pub(crate) struct Store {
    max_bytes: usize,
    bytes: usize,
    /// The entries and their sizes.
    entries: LruCache<Key, (CacheEntry, usize)>,
}

impl Store {
    /// A store of at most `max_bytes`.
    pub(crate) fn new(max_bytes: usize) -> Self {
        Self {
            max_bytes,
            bytes: 0,
            entries: LruCache::unbounded(),
        }
    }

    pub(crate) fn get(&mut self, key: &Key) -> Option<CacheEntry> {
        self.entries.get(key).map(|(entry, _)| entry.clone())
    }

    pub(crate) fn put(&mut self, key: Key, entry: CacheEntry) {
        self.remove(&key);
        let size = match &entry {
            CacheEntry::Object(object) => object.size(),
            CacheEntry::NotCacheable(_) => 256,
        };
        if size > self.max_bytes {
            return;
        }
        self.bytes += size;
        self.entries.put(key, (entry, size));
        while self.bytes > self.max_bytes {
            let Some((_, (_, size))) = self.entries.pop_lru() else {
                return;
            };
            self.bytes -= size;
        }
    }

    /// Removes the objects of the keys that `selects` picks, and returns their number.
    pub(crate) fn remove_where(&mut self, selects: impl Fn(&Key) -> bool) -> usize {
        let selected: Vec<Key> = self
            .entries
            .iter()
            .map(|(key, _)| key)
            .filter(|key| selects(key))
            .cloned()
            .collect();
        for key in &selected {
            self.remove(key);
        }
        selected.len()
    }

    fn remove(&mut self, key: &Key) {
        if let Some((_, size)) = self.entries.pop(key) {
            self.bytes -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{HeaderMap, Method, Response};
    use proptest::prelude::*;

    use super::*;
    use crate::{
        behaviours::{Behaviour, CachePolicy, Forwarding, Pattern},
        functions::ViewerRequest,
    };

    fn key(path: &str) -> Key {
        let behaviour = Behaviour {
            pattern: Pattern::new("*"),
            methods: Vec::new(),
            policy: CachePolicy::default(),
            forwarding: Forwarding::default(),
            response_headers: None,
            compress: false,
            viewer_request: None,
        };
        let request = ViewerRequest {
            method: Method::GET,
            path: path.into(),
            query: String::new(),
            headers: HeaderMap::new(),
        };
        Key::new(&request, &behaviour)
    }

    fn object(size: usize) -> CacheEntry {
        let entry = Entry::new(
            Response::new(Bytes::from(vec![0; size])),
            Duration::from_secs(1),
            Timestamp::UNIX_EPOCH,
        );
        CacheEntry::Object(Arc::new(entry))
    }

    #[test]
    fn the_least_recently_used_is_evicted_first() {
        let mut store = Store::new(3 * 1512);
        for path in ["/a", "/b", "/c"] {
            store.put(key(path), object(1000));
        }
        store.get(&key("/a"));
        store.put(key("/d"), object(1000));

        let kept: Vec<bool> = ["/a", "/b", "/c", "/d"]
            .map(|path| store.get(&key(path)).is_some())
            .into();
        assert_eq!(kept, [true, false, true, true]);

        store.put(key("/huge"), object(10_000));
        assert!(
            store.get(&key("/huge")).is_none() && store.get(&key("/a")).is_some(),
            "an object that is too large evicts none"
        );
    }

    #[test]
    fn invalidated_objects_are_removed() {
        let mut store = Store::new(1 << 20);
        for path in ["/index.html", "/assets/a.js", "/assets/b.js"] {
            store.put(key(path), object(10));
        }
        assert_eq!(store.remove_where(|key| key.matches_invalidation("/assets/*")), 2);
        assert!(store.get(&key("/assets/a.js")).is_none());
        assert!(store.get(&key("/index.html")).is_some());
    }

    proptest! {
        #[test]
        fn the_size_stays_below_the_maximum(sizes in prop::collection::vec((0_u8..20, 0_usize..5_000), 0..200)) {
            let mut store = Store::new(20_000);
            for (name, size) in sizes {
                store.put(key(&format!("/{name}")), object(size));
                let bytes: usize = store.entries.iter().map(|(_, (_, size))| size).sum();
                prop_assert_eq!(bytes, store.bytes);
                prop_assert!(bytes <= store.max_bytes);
            }
        }
    }
}
