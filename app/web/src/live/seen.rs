//! Which rows were delivered already, so that a stream that resumes repeats nothing.

use std::{
    collections::{HashSet, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
};

use nephoscope_model::logs::LogRow;

/// The last ids, remembered as 64-bit hashes: AWS's are 56 characters long, and there are thousands.
#[derive(Debug, Default)]
pub struct Seen {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// As many as are remembered. More than the server repeats after a lost connection.
    pub const CAPACITY: usize = 20_000;

    /// Begins with these.
    #[must_use]
    pub fn with(ids: &[String]) -> Self {
        let mut seen = Self::default();
        for id in ids {
            seen.is_new(id);
        }
        seen
    }

    /// Remembers an id, and says whether it was new.
    pub fn is_new(&mut self, id: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > Self::CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    /// The rows that were not there before.
    #[must_use]
    pub fn only_new(&mut self, mut rows: Vec<LogRow>) -> Vec<LogRow> {
        rows.retain(|row| self.is_new(&row.id));
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_remembers_the_last_ones_and_forgets_the_oldest() {
        let mut seen = Seen::with(&["a".to_owned()]);
        assert!(!seen.is_new("a"));
        for n in 0..Seen::CAPACITY {
            assert!(seen.is_new(&format!("row {n}")));
        }
        assert!(!seen.is_new("row 0"));
        assert!(seen.is_new("a"), "forgotten by now");
        assert_eq!(seen.known.len(), Seen::CAPACITY);
    }
}
