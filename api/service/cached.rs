//! Copies in memory that live until somebody's rights, or something that is shown, change.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

/// How many copies are held; beyond that all are forgotten, which costs a look-up each.
const MOST: usize = 50_000;

/// Values by key, valid for one generation of the authority.
pub struct Cached<K, V> {
    generation: watch::Receiver<u64>,
    held: RwLock<(u64, HashMap<K, Arc<V>>)>,
}

impl<K: Hash + Eq, V> Cached<K, V> {
    /// An empty one that forgets everything when the generation changes.
    pub fn new(generation: watch::Receiver<u64>) -> Self {
        Self { generation, held: RwLock::default() }
    }

    /// The generation to hand to [`Cached::put`]: taken before the value is read, so that a change in between is not missed.
    pub fn generation(&self) -> u64 {
        *self.generation.borrow()
    }

    /// The copy of this generation.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        if held.0 == self.generation() { held.1.get(key).cloned() } else { None }
    }

    /// Holds a value that was read at that generation.
    pub fn put(&self, generation: u64, key: K, value: Arc<V>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.0 != generation || held.1.len() >= MOST {
            // An older generation than the one held is not kept at all.
            if held.0 > generation {
                return;
            }
            *held = (generation, HashMap::new());
        }
        held.1.insert(key, value);
    }
}
