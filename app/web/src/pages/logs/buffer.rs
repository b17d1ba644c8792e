//! The lines that a page holds: the newest few thousand, in pieces, so that a new line touches one small piece of the page and
//! the oldest go a piece at a time.

use std::sync::Arc;

use leptos::prelude::*;
use nephoscope_model::logs::LogRow;

/// As many lines as are kept.
pub const LIMIT: usize = 5_000;
/// Lines in a piece.
pub const CHUNK: usize = 100;

/// A piece: lines that are shown and forgotten together.
#[derive(Clone, Debug)]
pub struct Chunk {
    /// Its number; never used again.
    pub number: u64,
    /// Its lines, oldest first.
    pub rows: ArcRwSignal<Vec<Arc<LogRow>>>,
}

/// The lines, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct LogBuffer {
    /// The pieces.
    pub chunks: RwSignal<Vec<Chunk>>,
    /// How many lines there are.
    pub count: RwSignal<usize>,
    next: StoredValue<u64>,
}

impl LogBuffer {
    /// With the first lines in it.
    #[must_use]
    pub fn new(rows: Vec<LogRow>) -> Self {
        let buffer =
            Self { chunks: RwSignal::new(Vec::new()), count: RwSignal::new(0), next: StoredValue::new(0) };
        buffer.push(rows);
        buffer
    }

    /// Adds lines at the end, and forgets the oldest where there are too many.
    pub fn push(self, rows: Vec<LogRow>) {
        let surplus = rows.len().saturating_sub(LIMIT);
        let mut rows = rows.into_iter().skip(surplus).map(Arc::new);
        if let Some(last) = self.chunks.with_untracked(|chunks| chunks.last().cloned()) {
            let room = CHUNK.saturating_sub(last.rows.with_untracked(Vec::len));
            let more: Vec<_> = rows.by_ref().take(room).collect();
            if !more.is_empty() {
                last.rows.update(|known| known.extend(more));
            }
        }
        let mut added = Vec::new();
        loop {
            let piece: Vec<_> = rows.by_ref().take(CHUNK).collect();
            if piece.is_empty() {
                break;
            }
            let number = self.next.get_value();
            self.next.set_value(number + 1);
            added.push(Chunk { number, rows: ArcRwSignal::new(piece) });
        }
        if !added.is_empty() {
            self.chunks.update(|chunks| {
                chunks.extend(added);
                let excess = chunks.len().saturating_sub(LIMIT / CHUNK + 1);
                chunks.drain(..excess);
            });
        }
        let count = self
            .chunks
            .with_untracked(|chunks| chunks.iter().map(|chunk| chunk.rows.with_untracked(Vec::len)).sum());
        self.count.set(count);
    }

    /// Forgets all lines.
    pub fn clear(self) {
        self.chunks.set(Vec::new());
        self.count.set(0);
    }

    /// How many lines pass a test.
    pub fn count_matching(self, test: impl Fn(&LogRow) -> bool) -> usize {
        self.chunks.with(|chunks| {
            chunks
                .iter()
                .map(|chunk| chunk.rows.with(|rows| rows.iter().filter(|row| test(row)).count()))
                .sum()
        })
    }
}

/// Lines that wait while the page stands still. Of too many, the oldest are let go and counted.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    rows: Vec<LogRow>,
    let_go: u64,
}

impl Waiting {
    /// Keeps lines for later.
    pub fn push(&mut self, rows: Vec<LogRow>) {
        self.rows.extend(rows);
        let surplus = self.rows.len().saturating_sub(LIMIT);
        self.rows.drain(..surplus);
        self.let_go += surplus as u64;
    }

    /// How many wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Gives all lines back, and how many were let go.
    pub fn take(&mut self) -> (Vec<LogRow>, u64) {
        (std::mem::take(&mut self.rows), std::mem::take(&mut self.let_go))
    }
}

#[cfg(test)]
mod tests {
    use nephoscope_model::Timestamp;

    use super::*;

    fn rows(range: std::ops::Range<usize>) -> Vec<LogRow> {
        range
            .map(|n| LogRow {
                id: n.to_string(),
                timestamp: Timestamp::from_millis(0),
                log_stream_name: String::new(),
                message: format!("line {n}"),
            })
            .collect()
    }

    fn sizes(buffer: LogBuffer) -> Vec<usize> {
        buffer
            .chunks
            .with_untracked(|chunks| chunks.iter().map(|chunk| chunk.rows.with_untracked(Vec::len)).collect())
    }

    #[test]
    fn lines_fill_pieces_and_new_ones_touch_only_the_last() {
        let owner = Owner::new();
        owner.set();
        let buffer = LogBuffer::new(rows(0..150));
        assert_eq!(sizes(buffer), [100, 50]);
        buffer.push(rows(150..350));
        assert_eq!(sizes(buffer), [100, 100, 100, 50]);
        assert_eq!(buffer.count.get_untracked(), 350);
        assert_eq!(untrack(|| buffer.count_matching(|row| row.message.ends_with('7'))), 35);
        buffer.push(Vec::new());
        assert_eq!(sizes(buffer).len(), 4);
        buffer.clear();
        assert_eq!((sizes(buffer).len(), buffer.count.get_untracked()), (0, 0));
    }

    #[test]
    fn the_oldest_are_forgotten_and_the_newest_never() {
        let owner = Owner::new();
        owner.set();
        let buffer = LogBuffer::new(rows(0..LIMIT + 300));
        assert!(buffer.count.get_untracked() <= LIMIT + CHUNK);
        for n in 0..40 {
            buffer.push(rows(n * 500..(n + 1) * 500));
            let count = buffer.count.get_untracked();
            assert!((LIMIT - CHUNK..=LIMIT + CHUNK).contains(&count), "{count}");
        }
        let last = buffer.chunks.with_untracked(|chunks| {
            chunks.last().and_then(|chunk| chunk.rows.with_untracked(|rows| rows.last().cloned()))
        });
        assert_eq!(last.map(|row| row.id.clone()).as_deref(), Some("19999"));
    }

    #[test]
    fn what_waits_is_bounded_and_says_what_it_let_go() {
        let mut waiting = Waiting::default();
        waiting.push(rows(0..LIMIT));
        waiting.push(rows(LIMIT..LIMIT + 7));
        assert_eq!(waiting.count(), LIMIT);
        let (kept, let_go) = waiting.take();
        assert_eq!((kept[0].id.as_str(), let_go), ("7", 7));
        assert_eq!(waiting.take().0.len(), 0);
    }
}
