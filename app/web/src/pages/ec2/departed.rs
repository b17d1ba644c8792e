//! What became of terminations that left the queue: whoever asked for one hears why it did not come to pass, since it failed long after
//! they asked.

use leptos::prelude::*;
use nephoscope_model::{
    Error,
    ec2::{Termination, TerminationEnd},
};

use crate::{api::ec2::get_termination_end, components::Toasts};

/// How often it is asked for the end of one. It is on record as soon as AWS answered.
const MOST_ASKED: u8 = 4;

/// Terminations whose end is not known yet. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Departed {
    all: StoredValue<Vec<(Termination, u8)>>,
    toasts: Toasts,
}

impl Departed {
    /// None.
    pub(super) fn new(toasts: Toasts) -> Self {
        Self { all: StoredValue::new(Vec::new()), toasts }
    }

    /// Takes what left the queue since it was last read. What was not due yet, somebody undid.
    pub(super) fn take(self, gone: Vec<(Termination, bool)>) {
        for (it, due) in gone {
            if due {
                let _ = self.all.try_update_value(|all| all.push((it, 0)));
            } else {
                self.toasts.info(format!("{} is not terminated: somebody undid it.", it.name));
            }
        }
    }

    /// Asks what became of them, and tells of those that were not done.
    pub(super) async fn look(self) {
        for (it, asked) in self.all.try_update_value(std::mem::take).unwrap_or_default() {
            // A lost connection is told of elsewhere.
            match get_termination_end(it.id.clone(), it.due_at).await.ok().flatten() {
                Some(TerminationEnd::Done) => {}
                Some(TerminationEnd::NotDone(error)) => {
                    let message =
                        format!("{} was not terminated when it was due. {}", it.name, error.message);
                    self.toasts.error(&Error { message, ..error });
                }
                None if asked < MOST_ASKED => {
                    let _ = self.all.try_update_value(|all| all.push((it, asked + 1)));
                }
                None => {}
            }
        }
    }
}
