//! One file of the queue.

use super::{Decision, NewItem, Outcome, SMALL_FILE, Step, Trouble};
use crate::{
    ErrorCode, Place,
    s3::{BucketName, PartPlan},
};

/// How often something is tried before a file has failed. Without an answer at all it is tried for as long as it takes.
const MOST_ATTEMPTS: u32 = 6;
/// The longest pause before something is tried again, in milliseconds.
const LONGEST_PAUSE: i64 = 30_000;

/// How far a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// It waits for its turn.
    Waiting,
    /// It is being sent.
    Sending,
    /// There is an object of its key, and somebody has to decide.
    Exists,
    /// It is uploaded.
    Done,
    /// It could not be uploaded.
    Failed,
    /// Somebody gave it up.
    Cancelled,
    /// There is an object of its key, which is left alone.
    Skipped,
}

impl ItemState {
    /// Whether nothing more happens by itself.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled | Self::Skipped)
    }
}

/// An upload in parts that S3 knows of.
#[derive(Clone, Debug)]
struct Parts {
    id: String,
    /// What is not there yet and not on its way; the last is the next.
    missing: Vec<u32>,
}

/// A file.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its number in the queue.
    pub id: u32,
    /// Where the bucket is.
    pub place: Place,
    /// The bucket.
    pub bucket: BucketName,
    /// The key that it gets.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// How far it is.
    pub state: ItemState,
    /// Why it waits or failed, or the checksum of what is there.
    pub words: String,
    pub(super) when_exists: Decision,
    /// How many of its requests are under way.
    pub(super) running: usize,
    /// The millisecond before which nothing is tried.
    pub(super) not_before: i64,
    /// Whether nobody wants to see it any more.
    pub(super) hidden: bool,
    plan: Option<PartPlan>,
    /// An upload that may be there from before.
    known: Option<String>,
    upload: Option<Parts>,
    /// Whether its upload is to be given up.
    abandoned: bool,
    /// Parts that are on their way, and how much of each has gone out. A whole file is number 0.
    flying: Vec<(u32, u64)>,
    attempts: u32,
}

impl Item {
    pub(super) fn new(id: u32, new: NewItem, plan: Option<PartPlan>) -> Self {
        Self {
            id,
            place: new.place,
            bucket: new.bucket,
            key: new.key,
            size: new.size,
            state: ItemState::Waiting,
            words: String::new(),
            when_exists: Decision::Ask,
            running: 0,
            not_before: 0,
            hidden: false,
            plan,
            known: new.known,
            upload: None,
            abandoned: false,
            flying: Vec::new(),
            attempts: 0,
        }
    }

    /// How many of its bytes are there or have gone out.
    #[must_use]
    pub fn sent(&self) -> u64 {
        if self.state == ItemState::Done {
            return self.size;
        }
        let flying: u64 = self.flying.iter().map(|(_, bytes)| bytes).sum();
        let (Some(parts), Some(plan)) = (&self.upload, self.plan) else { return flying.min(self.size) };
        let on_their_way = self.flying.iter().map(|(number, _)| number);
        let absent: u64 = parts.missing.iter().chain(on_their_way).filter_map(|it| plan.length(*it)).sum();
        (self.size.saturating_sub(absent) + flying).min(self.size)
    }

    pub(super) fn is_busy(&self) -> bool {
        self.running > 0 || self.abandoned
    }

    pub(super) fn wants_anything(&self) -> bool {
        if self.abandoned {
            return self.running == 0;
        }
        if !matches!(self.state, ItemState::Waiting | ItemState::Sending) {
            return false;
        }
        self.running == 0 || self.upload.as_ref().is_some_and(|parts| !parts.missing.is_empty())
    }

    /// The next step, which is then under way.
    pub(super) fn take_step(&mut self) -> Option<Step> {
        if !self.wants_anything() {
            return None;
        }
        let step = if self.abandoned {
            self.abandoned = false;
            Step::Abort { id: self.upload.take()?.id }
        } else {
            self.state = ItemState::Sending;
            match (&mut self.upload, self.plan) {
                (Some(parts), Some(plan)) => {
                    let id = parts.id.clone();
                    match parts.missing.pop() {
                        Some(number) => {
                            let range = plan.range(number)?;
                            self.flying.push((number, 0));
                            Step::Part { id, number, start: range.start, end: range.end }
                        }
                        None => Step::Complete { id },
                    }
                }
                _ if self.size < SMALL_FILE => {
                    self.flying.push((0, 0));
                    Step::Whole
                }
                _ => match self.known.take() {
                    Some(id) => Step::Look { id },
                    None => Step::Begin,
                },
            }
        };
        self.running += 1;
        Some(step)
    }

    /// Takes in how many bytes of a step have gone out, and gives by how many it is more than before.
    pub(super) fn progress(&mut self, step: &Step, bytes: u64) -> u64 {
        let number = part_of(step);
        let known = self.flying.iter_mut().find(|(known, _)| Some(*known) == number);
        known.map_or(0, |(_, known)| {
            let more = bytes.saturating_sub(*known);
            *known = bytes;
            more
        })
    }

    pub(super) fn report(&mut self, step: &Step, outcome: Outcome, now: i64) {
        self.running = self.running.saturating_sub(1);
        let number = part_of(step);
        self.flying.retain(|(known, _)| Some(*known) != number);
        match outcome {
            // Also what was given up a moment too late is there.
            Outcome::Finished(checksum) => {
                self.state = ItemState::Done;
                self.words = checksum.unwrap_or_default();
                (self.upload, self.abandoned) = (None, false);
            }
            Outcome::Known { id, mut missing } => {
                missing.reverse();
                self.upload = Some(Parts { id, missing });
                self.abandoned = matches!(self.state, ItemState::Cancelled | ItemState::Skipped);
                self.went_well();
            }
            Outcome::Sent => self.went_well(),
            Outcome::Failed(trouble) => self.fail(step, &trouble, now),
        }
    }

    fn went_well(&mut self) {
        self.attempts = 0;
        if self.state == ItemState::Sending {
            self.words.clear();
        }
    }

    fn fail(&mut self, step: &Step, trouble: &Trouble, now: i64) {
        if let (Step::Part { number, .. }, Some(parts)) = (step, &mut self.upload) {
            parts.missing.push(*number);
        }
        // What could not be given up, the server gives up by and by.
        if self.state != ItemState::Sending {
            return;
        }
        self.words.clone_from(&trouble.message);
        // Of requests that fail together, one counts.
        if self.not_before <= now {
            self.attempts = self.attempts.saturating_add(1);
        }
        let is_first_word = matches!(step, Step::Whole | Step::Begin | Step::Complete { .. });
        match trouble.code {
            _ if trouble.is_final => self.state = ItemState::Failed,
            Some(ErrorCode::Conflict) if is_first_word => match self.when_exists {
                Decision::Ask => self.state = ItemState::Exists,
                Decision::Skip => self.give_up(ItemState::Skipped),
                Decision::Overwrite => self.state = ItemState::Failed,
            },
            // The upload itself is gone: it begins anew, from the first part.
            Some(ErrorCode::NotFound) if !is_first_word || matches!(step, Step::Complete { .. }) => {
                self.upload = None;
                self.try_again(trouble, now);
            }
            // S3 lacks parts that we took for sent.
            Some(ErrorCode::InvalidInput) if matches!(step, Step::Complete { .. }) => {
                self.known = self.upload.take().map(|parts| parts.id);
                self.try_again(trouble, now);
            }
            Some(code) if !is_worth_another_try(code, step) => self.state = ItemState::Failed,
            // It may have been looked for in vain because nobody answered.
            code => {
                if let Step::Look { id } = step {
                    self.known = Some(id.clone());
                }
                if code.is_none() {
                    self.attempts = self.attempts.min(MOST_ATTEMPTS - 1);
                }
                self.try_again(trouble, now);
            }
        }
    }

    fn try_again(&mut self, trouble: &Trouble, now: i64) {
        if self.attempts >= MOST_ATTEMPTS {
            self.state = ItemState::Failed;
            return;
        }
        let wished = i64::from(trouble.retry_after.unwrap_or_default()) * 1_000;
        self.not_before = now + pause(self.attempts).max(wished);
    }

    pub(super) fn decide(&mut self, decision: Decision) {
        self.when_exists = decision;
        match decision {
            _ if self.state != ItemState::Exists => {}
            Decision::Ask => {}
            Decision::Overwrite => self.restart(),
            Decision::Skip => self.give_up(ItemState::Skipped),
        }
    }

    /// Ends it, unless it is over. What S3 has of it goes as soon as nothing of it is under way.
    pub(super) fn give_up(&mut self, state: ItemState) {
        if self.state.is_over() {
            return;
        }
        self.state = state;
        self.words.clear();
        self.not_before = 0;
        self.abandoned = self.upload.is_some();
    }

    pub(super) fn retry(&mut self) {
        if matches!(self.state, ItemState::Failed | ItemState::Cancelled) && !self.is_busy() {
            self.restart();
        }
    }

    fn restart(&mut self) {
        self.state = ItemState::Waiting;
        self.words.clear();
        (self.attempts, self.not_before) = (0, 0);
    }

    /// Takes it out of sight, and what S3 has of it away.
    pub(super) fn hide(&mut self) {
        self.hidden = true;
        self.not_before = 0;
        self.abandoned = self.upload.is_some();
    }
}

/// The number under which a step's bytes fly.
fn part_of(step: &Step) -> Option<u32> {
    match step {
        Step::Whole => Some(0),
        Step::Part { number, .. } => Some(*number),
        _ => None,
    }
}

/// How long to wait before another attempt, in milliseconds: 1 s, then twice as long each time.
fn pause(attempts: u32) -> i64 {
    LONGEST_PAUSE.min(500 << attempts.min(10))
}

/// Whether the same request may work later. What was sent may have been damaged on its way, which is the request's fault then.
fn is_worth_another_try(code: ErrorCode, step: &Step) -> bool {
    use ErrorCode as E;
    match code {
        E::InvalidInput | E::AwsRejected => part_of(step).is_some(),
        E::Forbidden
        | E::ReadOnly
        | E::NotFound
        | E::MethodNotAllowed
        | E::Conflict
        | E::ConfirmationRequired
        | E::PayloadTooLarge
        | E::HeadTooLarge
        | E::AwsDenied
        | E::AwsCredentials => false,
        _ => true,
    }
}
