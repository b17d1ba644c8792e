//! Deleting a bucket or all that is in it: the questions, how far it is, and stopping it.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, ErrorCode,
    s3::{Bucket, Emptying, EmptyingState},
};

use super::denial;
use crate::{
    api::s3::{cancel_emptying, empty_bucket, get_emptying},
    components::{ActionButton, ConfirmDialog, ErrorNotice, Glyph, Panel, dynamic, nothing, text},
    hydration::when_hydrated,
};

/// How often the server is asked how far it is.
const PAUSE: Duration = Duration::from_secs(1);

/// What is known of it, and what is asked. Cheap to copy.
#[derive(Clone, Copy)]
struct Watch {
    bucket: StoredValue<Bucket>,
    now: RwSignal<Option<Emptying>>,
    timer: StoredValue<Option<IntervalHandle>>,
    open: RwSignal<bool>,
    /// Whether the bucket is to go, too.
    whole: RwSignal<bool>,
    busy: RwSignal<bool>,
    /// Why it was not begun.
    error: RwSignal<Option<Error>>,
    /// Why nobody knows how far it is, or why it was not stopped.
    trouble: RwSignal<Option<Error>>,
    /// Whether it is being asked.
    asking: StoredValue<bool>,
}

impl Watch {
    fn begin(self, typed: String) {
        let (bucket, whole) = (self.bucket.get_value(), self.whole.get_untracked());
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let begun = empty_bucket(bucket, String::new(), whole, typed).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was begun goes on.
                return;
            }
            match begun {
                Ok(begun) => {
                    self.open.set(false);
                    self.trouble.set(None);
                    self.now.set(Some(begun));
                    self.follow();
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// Asks now and then, until it is over.
    fn follow(self) {
        self.stop();
        let timer = set_interval_with_handle(move || self.look(), PAUSE).ok();
        self.timer.set_value(timer);
    }

    fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
    }

    fn look(self) {
        let Some(Some((name, id))) =
            self.now.try_with_untracked(|now| now.as_ref().map(|now| (now.bucket.clone(), now.id.clone())))
        else {
            return self.stop();
        };
        // An answer that comes late must not take the place of a later one.
        if self.asking.try_update_value(|asking| std::mem::replace(asking, true)) != Some(false) {
            return;
        }
        spawn_local(async move {
            let answer = get_emptying(name, id).await;
            let _ = self.asking.try_set_value(false);
            match answer {
                Ok(now) => {
                    let is_over = now.state.is_over();
                    let _ = self.now.try_set(Some(now));
                    if is_over {
                        self.stop();
                    }
                }
                Err(error) if error.0.code == ErrorCode::NotFound => {
                    self.stop();
                    let hint = "The server that does it was started again, or another one answers here: look at the objects \
                                to see what is left.";
                    let _ = self.trouble.try_set(Some(error.0.with_hint(hint)));
                }
                // The network is away for a moment: the next time tells.
                Err(_) => {}
            }
        });
    }

    fn cancel(self) {
        let Some((name, id)) =
            self.now.with_untracked(|now| now.as_ref().map(|now| (now.bucket.clone(), now.id.clone())))
        else {
            return;
        };
        self.busy.set(true);
        spawn_local(async move {
            let cancelled = cancel_emptying(name, id).await;
            if self.busy.try_set(false).is_none()
                && let Err(error) = cancelled
            {
                self.trouble.set(Some(error.0));
            }
        });
    }

    fn is_running(self) -> bool {
        let is_over = |now: &Option<Emptying>| now.as_ref().is_none_or(|now| now.state.is_over());
        !self.now.with(is_over) && !self.is_lost()
    }

    /// Whether the server that answers does not know of it.
    fn is_lost(self) -> bool {
        self.trouble.with(|trouble| trouble.as_ref().is_some_and(|it| it.code == ErrorCode::NotFound))
    }
}

/// Emptying the bucket, beside deleting it when it is empty.
pub(super) fn emptying_panel(bucket: &Bucket, known: Option<Emptying>) -> AnyView {
    let watch = Watch {
        bucket: StoredValue::new(bucket.clone()),
        now: RwSignal::new(known),
        timer: StoredValue::new(None),
        open: RwSignal::new(false),
        whole: RwSignal::new(false),
        busy: RwSignal::new(false),
        error: RwSignal::new(None),
        trouble: RwSignal::new(None),
        asking: StoredValue::new(false),
    };
    when_hydrated(move || {
        if watch.now.try_with_untracked(|now| now.as_ref().is_some_and(|now| !now.state.is_over()))
            == Some(true)
        {
            watch.follow();
        }
    });
    on_cleanup(move || watch.stop());
    let denial = denial(&bucket.account);
    let reason = Signal::derive(move || {
        denial.clone().or_else(|| watch.is_running().then(|| "It is being emptied already.".to_owned()))
    });
    let ask = move |whole: bool| {
        Callback::new(move |()| {
            watch.whole.set(whole);
            watch.error.set(None);
            watch.open.set(true);
        })
    };
    let title = text(move || {
        let what = if watch.whole.get() {
            "Delete everything in the bucket, and the bucket?"
        } else {
            "Delete everything in the bucket?"
        };
        what.to_owned()
    });
    let label = text(move || if watch.whole.get() { "Empty and delete" } else { "Empty" }.to_owned());
    let name = bucket.name.to_string();
    view! {
        <Panel title="Empty this bucket">
            <div class="toolbar needs-js">
                <ActionButton label="Empty" glyph=Glyph::Trash reason=reason on_press=ask(false)/>
                <ActionButton
                    label="Empty and delete"
                    glyph=Glyph::Trash
                    class="btn-error"
                    reason=reason
                    on_press=ask(true)
                />
            </div>
            {dynamic(move || progress_view(watch))}
        </Panel>
        <ConfirmDialog
            open=watch.open
            title=title
            confirm_label=label
            typed=Signal::stored(name)
            danger=true
            busy=watch.busy
            error=watch.error
            on_confirm=Callback::new(move |typed| watch.begin(typed))
        >
            <p>"All objects go, with all versions, delete markers and unfinished uploads. Nothing brings them back."</p>
        </ConfirmDialog>
    }
    .into_any()
}

fn progress_view(watch: Watch) -> AnyView {
    let Some(now) = watch.now.get() else { return nothing() };
    let done = now.versions + now.markers + now.failed;
    let is_lost = watch.is_lost();
    let state = if is_lost { "How far it is, nobody knows here.".to_owned() } else { state_words(&now) };
    let bar = (!now.state.is_over() && !is_lost).then(|| {
        // While it is not known how many there are, the bar only moves.
        let (value, max) = match now.total {
            Some(total) if now.state != EmptyingState::Counting => (Some(done.to_string()), total.max(done).max(1)),
            _ => (None, 1),
        };
        view! {
            <progress class="progress w-full" aria-label="How far it is" value=value max=max.to_string()></progress>
            <ActionButton
                label="Stop"
                glyph=Glyph::Stop
                busy=watch.busy
                on_press=Callback::new(move |()| watch.cancel())
            />
        }
        .into_any()
    });
    let error = now
        .error
        .clone()
        .or_else(|| watch.trouble.get())
        .map(|error| view! { <ErrorNotice error=error/> }.into_any());
    view! {
        <div class="panel-body">
            <p role="status">
                <strong>{state}</strong>
                " "
                <span class="tabular-nums">{now.words()}</span>
                "."
            </p>
            {bar}
            {error}
        </div>
    }
    .into_any()
}

fn state_words(now: &Emptying) -> String {
    let of = match now.total {
        Some(total) if now.total_is_least => format!(" more than {total}"),
        Some(total) => format!(" {total}"),
        None => String::new(),
    };
    match now.state {
        EmptyingState::Counting => format!("Counting:{of} so far."),
        EmptyingState::Deleting => format!("Deleting{of} versions and delete markers."),
        EmptyingState::Uploads => "Giving up unfinished uploads.".to_owned(),
        EmptyingState::Bucket => "Deleting the bucket.".to_owned(),
        EmptyingState::Done if now.delete_bucket => "The bucket is deleted.".to_owned(),
        EmptyingState::Done => "The bucket is empty.".to_owned(),
        EmptyingState::Cancelled => "It was stopped.".to_owned(),
        EmptyingState::Failed => "It did not come to its end.".to_owned(),
    }
}
