//! The files that a browser uploads: which are sent now, what comes next for each, and what came of it.
//!
//! Nothing here sends anything. Whoever does asks for the next step, does it, and tells what came of it; so all decisions (what is tried
//! again and when, what is asked, what is given up) can be tested without a browser.

mod item;
#[cfg(test)]
mod tests;

pub use self::item::{Item, ItemState};

use std::collections::VecDeque;

use super::{BucketName, PART_BYTES, PartPlan};
use crate::{ErrorCode, Place};

/// How many requests are under way at once: of as many files, or parts of fewer.
pub const AT_ONCE: usize = 3;
/// Smaller files go whole, so that S3 itself verifies the checksum of the object.
pub const SMALL_FILE: u64 = PART_BYTES;
/// Over how long the speed is measured, in milliseconds.
const SPEED_OVER: i64 = 5_000;

/// A file to upload.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Where the bucket is.
    pub place: Place,
    /// The bucket.
    pub bucket: BucketName,
    /// The key that it gets.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// The upload of it that was begun once and not finished, perhaps.
    pub known: Option<String>,
}

/// What to do when there is an object of the key already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decision {
    /// Ask.
    #[default]
    Ask,
    /// Write over it.
    Overwrite,
    /// Leave it.
    Skip,
}

/// One request to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send a small file whole.
    Whole,
    /// Begin an upload in parts.
    Begin,
    /// Look which parts of an upload are there.
    Look {
        /// The upload.
        id: String,
    },
    /// Send a part.
    Part {
        /// The upload.
        id: String,
        /// Which part.
        number: u32,
        /// Its first byte.
        start: u64,
        /// The byte after its last.
        end: u64,
    },
    /// Make an object of the parts.
    Complete {
        /// The upload.
        id: String,
    },
    /// Give the upload up.
    Abort {
        /// The upload.
        id: String,
    },
}

/// A step, of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Work {
    /// The file.
    pub item: u32,
    /// What to do.
    pub step: Step,
    /// Whether what has the key may be lost.
    pub overwrite: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// This.
    Work(Work),
    /// Nothing before so many milliseconds have passed.
    Wait(i64),
    /// Nothing, until something else has come to its end.
    Nothing,
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The object is there, with this checksum.
    Finished(Option<String>),
    /// The upload is there, and lacks these parts.
    Known {
        /// The upload.
        id: String,
        /// What it lacks.
        missing: Vec<u32>,
    },
    /// The part is there, or the upload is given up.
    Sent,
    /// It did not work.
    Failed(Trouble),
}

/// Why a step did not work.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// What the server said; nothing when there was no answer.
    pub code: Option<ErrorCode>,
    /// In words.
    pub message: String,
    /// When the server wants to be asked again, in seconds.
    pub retry_after: Option<u32>,
    /// Whether it cannot be otherwise: the file itself is gone.
    pub is_final: bool,
}

/// All files together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub files: usize,
    /// How many are uploaded.
    pub done: usize,
    /// How many could not be.
    pub failed: usize,
    /// How many exist already and wait for a decision.
    pub exist: usize,
    /// How many are under way or wait for their turn.
    pub active: usize,
    /// How many bytes of those that are done, under way or wait have been sent.
    pub sent: u64,
    /// How many bytes those have.
    pub size: u64,
}

/// The files, in the order in which they came.
#[derive(Debug, Default)]
pub struct Queue {
    items: Vec<Item>,
    added: u32,
    /// All bytes that ever went out.
    moved: u64,
    /// How many had gone out when.
    samples: VecDeque<(i64, u64)>,
}

impl Queue {
    /// Adds a file, and gives its number. One that is on its way to the same key already is not added.
    pub fn add(&mut self, new: NewItem) -> Option<u32> {
        let is_same = |item: &Item| {
            !item.state.is_over()
                && (&item.place, &item.bucket, &item.key) == (&new.place, &new.bucket, &new.key)
        };
        if self.items.iter().any(is_same) {
            return None;
        }
        self.added += 1;
        // Too large a file is told so when it is begun.
        let plan = PartPlan::of(new.size).ok();
        self.items.push(Item::new(self.added, new, plan));
        Some(self.added)
    }

    /// Adds a file that cannot be uploaded, and why.
    pub fn refuse(&mut self, new: NewItem, why: String) {
        self.added += 1;
        let mut item = Item::new(self.added, new, None);
        (item.state, item.words) = (ItemState::Failed, why);
        self.items.push(item);
    }

    /// The files that somebody wants to see.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.hidden)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, id: u32) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Item> {
        self.items.iter_mut().find(|item| item.id == id)
    }

    /// Takes the next step, which is then under way: of the file for which the least is, so that no large one keeps others waiting.
    pub fn next(&mut self, now: i64) -> Next {
        let (mut best, mut earliest): (Option<&mut Item>, Option<i64>) = (None, None);
        for item in &mut self.items {
            if !item.wants_anything() {
                continue;
            }
            if item.not_before > now {
                earliest = Some(earliest.map_or(item.not_before, |it| it.min(item.not_before)));
            } else if best.as_ref().is_none_or(|known| item.running < known.running) {
                best = Some(item);
            }
        }
        if let Some(item) = best
            && let Some(step) = item.take_step()
        {
            let overwrite = item.when_exists == Decision::Overwrite;
            return Next::Work(Work { item: item.id, step, overwrite });
        }
        earliest.map_or(Next::Nothing, |at| Next::Wait(at - now))
    }

    /// Takes in how many bytes of a step have gone out.
    pub fn progress(&mut self, work: &Work, bytes: u64, now: i64) {
        let Some(item) = self.get_mut(work.item) else { return };
        self.moved += item.progress(&work.step, bytes);
        self.samples.push_back((now, self.moved));
        while self.samples.front().is_some_and(|(at, _)| now - at > SPEED_OVER) {
            self.samples.pop_front();
        }
    }

    /// Takes in what came of a step.
    pub fn report(&mut self, work: &Work, outcome: Outcome, now: i64) {
        if let Some(item) = self.get_mut(work.item) {
            item.report(&work.step, outcome, now);
        }
        self.purge();
    }

    /// Decides for all files that are not over.
    pub fn decide(&mut self, decision: Decision) {
        for item in self.items.iter_mut().filter(|item| !item.state.is_over()) {
            item.decide(decision);
        }
    }

    /// Gives one file up. What was sent of it goes.
    pub fn cancel(&mut self, id: u32) {
        if let Some(item) = self.get_mut(id) {
            item.give_up(ItemState::Cancelled);
        }
    }

    /// Gives all files up that are not over.
    pub fn cancel_all(&mut self) {
        for item in &mut self.items {
            item.give_up(ItemState::Cancelled);
        }
    }

    /// Tries again what failed or was given up.
    pub fn retry(&mut self, id: u32) {
        if let Some(item) = self.get_mut(id) {
            item.retry();
        }
    }

    /// Waits for nothing any more: the network is back.
    pub fn wake(&mut self) {
        for item in &mut self.items {
            item.not_before = 0;
        }
    }

    /// Takes away what is over. What was sent of files that failed goes, too.
    pub fn clear(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.state.is_over()) {
            item.hide();
        }
        self.purge();
    }

    fn purge(&mut self) {
        self.items.retain(|item| !item.hidden || item.is_busy());
    }

    /// Whether anything is under way or waits for its turn.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.items.iter().any(|item| item.is_busy() || item.wants_anything())
    }

    /// All of them together.
    #[must_use]
    pub fn tally(&self) -> Tally {
        Self::tally_of(self.items())
    }

    /// All that go to one bucket together.
    #[must_use]
    pub fn tally_in(&self, bucket: &str) -> Tally {
        Self::tally_of(self.items().filter(|item| item.bucket.as_str() == bucket))
    }

    fn tally_of<'a>(items: impl Iterator<Item = &'a Item>) -> Tally {
        let mut tally = Tally::default();
        for item in items {
            tally.files += 1;
            match item.state {
                ItemState::Done => tally.done += 1,
                ItemState::Failed => tally.failed += 1,
                ItemState::Exists => tally.exist += 1,
                ItemState::Waiting | ItemState::Sending => tally.active += 1,
                ItemState::Cancelled | ItemState::Skipped => {}
            }
            if matches!(item.state, ItemState::Done | ItemState::Waiting | ItemState::Sending) {
                tally.sent += item.sent();
                tally.size += item.size;
            }
        }
        tally
    }

    /// How many bytes go out in a second, of late.
    #[must_use]
    pub fn speed(&self, now: i64) -> u64 {
        let Some((since, moved)) = self.samples.iter().find(|(at, _)| now - at <= SPEED_OVER) else {
            return 0;
        };
        let millis = u64::try_from(now - since).unwrap_or_default().max(500);
        (self.moved - moved) * 1_000 / millis
    }
}
