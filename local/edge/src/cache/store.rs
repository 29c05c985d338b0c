//! Objects in memory within a budget; the least recently used one goes first.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::Timestamp;

use super::{entry::Entry, key::Key};

/// What is known about a key.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// An object, fresh or not.
    Object(Arc<Entry>),
    /// Responses to it cannot be kept: until then nobody waits for another's answer.
    Passes(Timestamp),
}

#[derive(Debug)]
struct Slot {
    known: Known,
    size: usize,
    used: u64,
}

/// The objects of one distribution.
#[derive(Debug)]
pub(crate) struct Store {
    budget: usize,
    held: usize,
    uses: u64,
    slots: HashMap<Key, Slot>,
    by_use: BTreeMap<u64, Key>,
}

impl Store {
    /// Holds at most `budget` bytes.
    pub(crate) fn new(budget: usize) -> Self {
        Self {
            budget,
            held: 0,
            uses: 0,
            slots: HashMap::new(),
            by_use: BTreeMap::new(),
        }
    }

    pub(crate) fn get(&mut self, key: &Key) -> Option<Known> {
        let slot = self.slots.get_mut(key)?;
        self.uses += 1;
        self.by_use.remove(&slot.used);
        slot.used = self.uses;
        self.by_use.insert(self.uses, key.clone());
        Some(slot.known.clone())
    }

    pub(crate) fn put(&mut self, key: Key, known: Known) {
        self.remove(&key);
        let size = match &known {
            Known::Object(entry) => entry.size(),
            Known::Passes(_) => 256,
        };
        if size > self.budget {
            return;
        }
        self.uses += 1;
        self.held += size;
        self.by_use.insert(self.uses, key.clone());
        self.slots.insert(
            key,
            Slot {
                known,
                size,
                used: self.uses,
            },
        );
        while self.held > self.budget {
            let Some((_, oldest)) = self.by_use.pop_first() else {
                return;
            };
            self.remove(&oldest);
        }
    }

    /// Forgets what `is_meant` picks, and says how much that was.
    pub(crate) fn forget(&mut self, is_meant: impl Fn(&Key) -> bool) -> usize {
        let meant: Vec<Key> = self.slots.keys().filter(|key| is_meant(key)).cloned().collect();
        for key in &meant {
            self.remove(key);
        }
        meant.len()
    }

    fn remove(&mut self, key: &Key) {
        if let Some(slot) = self.slots.remove(key) {
            self.held -= slot.size;
            self.by_use.remove(&slot.used);
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
        Key::of(&request, &behaviour)
    }

    fn object(size: usize) -> Known {
        let entry = Entry::new(
            Response::new(Bytes::from(vec![0; size])),
            Duration::from_secs(1),
            Timestamp::UNIX_EPOCH,
        );
        Known::Object(Arc::new(entry))
    }

    #[test]
    fn the_least_recently_used_goes_first() {
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
            "too large an object evicts nobody"
        );
    }

    #[test]
    fn invalidated_objects_are_forgotten() {
        let mut store = Store::new(1 << 20);
        for path in ["/index.html", "/assets/a.js", "/assets/b.js"] {
            store.put(key(path), object(10));
        }
        assert_eq!(store.forget(|key| key.is_meant_by("/assets/*")), 2);
        assert!(store.get(&key("/assets/a.js")).is_none());
        assert!(store.get(&key("/index.html")).is_some());
    }

    proptest! {
        #[test]
        fn the_budget_holds_whatever_is_put(sizes in prop::collection::vec((0_u8..20, 0_usize..5_000), 0..200)) {
            let mut store = Store::new(20_000);
            for (name, size) in sizes {
                store.put(key(&format!("/{name}")), object(size));
                let held: usize = store.slots.values().map(|slot| slot.size).sum();
                prop_assert_eq!(held, store.held);
                prop_assert!(held <= store.budget);
                prop_assert_eq!(store.slots.len(), store.by_use.len());
            }
        }
    }
}
