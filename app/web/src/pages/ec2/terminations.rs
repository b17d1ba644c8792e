//! Instances that are about to be terminated: how long it is until then, and undoing it. Everybody who looks sees the same.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Place, Scope,
    ec2::{InstanceId, Termination},
    identity::{Permission, Viewer},
};

use super::departed::Departed;
use crate::{
    api::ec2::{list_terminations, undo_termination},
    browser,
    components::{ActionButton, Toasts, dynamic, nothing, text, use_toasts},
    hydration::use_hydrated,
    session::{denial_in, read_only_reason, use_viewer},
};

/// How often the queue is read again while somebody looks.
const READ_EVERY: Duration = Duration::from_secs(5);

/// One that waits, and when it is due by this browser's clock, which need not be the server's.
#[derive(Clone, Debug, PartialEq)]
struct Waiting {
    it: Termination,
    due_here: Option<i64>,
}

impl Waiting {
    fn known(&self, now: Option<i64>) -> Option<Known> {
        let waits = self.due_here.zip(now).is_none_or(|(due, now)| due > now);
        waits.then(|| (self.it.place(), self.it.id.clone(), self.it.name.clone(), self.it.by.clone()))
    }
}

/// What waits in the scope of a page. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Terminations {
    queue: RwSignal<Vec<Waiting>>,
    /// Those that wait still, so that they can be undone; what is due is seen in the instance's state.
    known: Memo<Vec<Known>>,
    /// The browser's time, every second while something waits; nothing before the page is hydrated.
    now: RwSignal<Option<i64>>,
    scope: Signal<Scope>,
    busy: RwSignal<bool>,
    viewer: Signal<Option<Viewer>>,
    read_only: Option<&'static str>,
    toasts: Toasts,
    departed: Departed,
    /// What was undone here, of which nobody needs to hear again.
    undone: StoredValue<Vec<InstanceId>>,
    /// The scope of which the queue was read last.
    read_before: StoredValue<Option<Scope>>,
}

/// What of a termination does not change while it waits.
type Known = (Place, InstanceId, String, String);

impl Terminations {
    /// As they are first known. They are read again and again.
    pub(super) fn new(first: Vec<Termination>, scope: Signal<Scope>) -> Self {
        let first = first.into_iter().map(|it| Waiting { it, due_here: None }).collect();
        let (queue, now, toasts) = (RwSignal::new(first), RwSignal::new(None), use_toasts());
        let known = move |_: Option<&Vec<Known>>| {
            let now = now.get();
            queue.with(|queue: &Vec<Waiting>| queue.iter().filter_map(|waiting| waiting.known(now)).collect())
        };
        let all = Self {
            queue,
            known: Memo::new(known),
            now,
            scope,
            busy: RwSignal::new(false),
            viewer: use_viewer(),
            read_only: read_only_reason(),
            toasts,
            departed: Departed::new(toasts),
            undone: StoredValue::new(Vec::new()),
            read_before: StoredValue::new(None),
        };
        all.follow();
        all
    }

    fn follow(self) {
        let hydrated = use_hydrated();
        Effect::new(move |_| {
            if !hydrated.get() {
                return;
            }
            let scope = self.scope.get();
            self.read_in(scope.clone());
            let again = move || self.read_in(scope.clone());
            if let Ok(handle) = set_interval_with_handle(again, READ_EVERY) {
                on_cleanup(move || handle.clear());
            }
        });
        let some_wait = Memo::new(move |_| self.queue.with(|queue| !queue.is_empty()));
        Effect::new(move |_| {
            if !(hydrated.get() && some_wait.get()) {
                return;
            }
            let tick = move || self.now.set(Some(browser::now_millis()));
            tick();
            if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
                on_cleanup(move || handle.clear());
            }
        });
    }

    /// Reads the queue now, since it changed.
    pub(super) fn read(self) {
        self.read_in(self.scope.get_untracked());
    }

    fn read_in(self, scope: Scope) {
        spawn_local(async move {
            // The page tells of a lost connection elsewhere.
            let Ok(found) = list_terminations(scope.clone()).await else { return };
            let now = browser::now_millis();
            let due = |it: &Termination| now.saturating_add(i64::from(it.seconds_left) * 1_000);
            let queue: Vec<_> =
                found.into_iter().map(|it| Waiting { due_here: Some(due(&it)), it }).collect();
            let gone = self.gone(&scope, &queue, now);
            if self.queue.try_set(queue).is_none() {
                self.departed.take(gone);
                self.departed.look().await;
            }
        });
    }

    /// Those that this person asked for and that are not in the queue any more, and whether their time had come.
    fn gone(self, scope: &Scope, queue: &[Waiting], now: i64) -> Vec<(Termination, bool)> {
        let read_before = self.read_before.try_update_value(|before| before.replace(scope.clone()));
        let me = self.viewer.try_with_untracked(|viewer| viewer.as_ref().map(|viewer| viewer.name.clone()));
        // The queue of other places says nothing of what waited in these.
        let (Some(Some(me)), true) = (me, read_before.flatten().as_ref() == Some(scope)) else {
            return Vec::new();
        };
        let undone = self.undone.try_get_value().unwrap_or_default();
        let is_news = |was: &&Waiting| {
            let waits = queue.iter().any(|waiting| waiting.it.id == was.it.id);
            was.it.by == me.as_str() && !waits && !undone.contains(&was.it.id)
        };
        // Seconds are rounded up on the way here.
        let is_due = |was: &Waiting| was.due_here.is_none_or(|due| due <= now + 2_000);
        let gone = |queue: &Vec<Waiting>| {
            queue.iter().filter(is_news).map(|was| (was.it.clone(), is_due(was))).collect()
        };
        self.queue.try_with_untracked(gone).unwrap_or_default()
    }

    fn known(self, id: &InstanceId) -> Option<Known> {
        self.known.with(|known| known.iter().find(|known| known.1 == *id).cloned())
    }

    fn words(self, id: &InstanceId) -> String {
        let now = self.now.get();
        self.queue.with(|queue| {
            let found = queue.iter().find(|waiting| waiting.it.id == *id);
            found.map(|waiting| words(waiting, now)).unwrap_or_default()
        })
    }

    fn reason(self, place: &Place) -> Option<String> {
        let denial =
            self.viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &place.account));
        denial.or_else(|| self.read_only.map(str::to_owned))
    }

    /// Somebody changed their mind.
    pub(super) fn undo(self, all: Vec<(Place, InstanceId)>) {
        if self.busy.try_get_untracked() == Some(true) {
            return;
        }
        let _ = self.busy.try_set(true);
        // Before the answers: the queue may be read meanwhile.
        let _ = self.undone.try_update_value(|undone| undone.extend(all.iter().map(|(_, id)| id.clone())));
        spawn_local(async move {
            let mut kept = Vec::new();
            for (place, id) in all {
                match undo_termination(place, id.clone()).await {
                    Ok(undone) => kept.push(undone.name),
                    Err(error) => {
                        let _ = self.undone.try_update_value(|all| all.retain(|undone| *undone != id));
                        self.toasts.error(&error.0);
                    }
                }
            }
            let _ = self.busy.try_set(false);
            match kept.as_slice() {
                [] => {}
                [only] => self.toasts.success(format!("{only} is not terminated.")),
                many => self.toasts.success(format!("{} instances are not terminated.", many.len())),
            }
            if let Some(scope) = self.scope.try_get_untracked() {
                self.read_in(scope);
            }
        });
    }

    /// Tells who asked for them that they wait, with the way back.
    pub(super) fn tell(self, queued: Vec<Termination>) {
        let words = match queued.as_slice() {
            [] => return,
            [only] => format!("{}.", only.words()),
            [first, ..] => format!("{} instances terminate in {} s.", queued.len(), first.seconds_left),
        };
        let is_queued = |id: &InstanceId| queued.iter().any(|it| it.id == *id);
        let _ = self.undone.try_update_value(|all| all.retain(|undone| !is_queued(undone)));
        let all: Vec<_> = queued.iter().map(|it| (it.place(), it.id.clone())).collect();
        let undo = Callback::new(move |()| self.undo(all.clone()));
        self.toasts.offer(words, "Undo", undo);
        self.read();
    }
}

/// When something is terminated: how long it is until then, or the time of day where no clock runs.
fn words(waiting: &Waiting, now: Option<i64>) -> String {
    match waiting.due_here.zip(now) {
        Some((due, now)) if due > now => format!("terminates in {} s", (due - now + 999) / 1_000),
        Some(_) => "is being terminated".to_owned(),
        None => format!("terminates at {}", waiting.it.due_at.to_utc_text()),
    }
}

/// How long it is until an instance is terminated, and the button that undoes it; nothing for one that is not to be.
pub(super) fn termination_line(all: Terminations, id: &InstanceId) -> AnyView {
    let Some(known) = all.known(id) else { return nothing() };
    view! { <span class="flex items-center gap-2 text-xs">{line(all, known)}</span> }.into_any()
}

/// The same across an instance's page, with the name of who asked for it.
pub(super) fn termination_banner(all: Terminations, id: InstanceId) -> AnyView {
    let known = Memo::new(move |_| all.known(&id));
    dynamic(move || match known.get() {
        Some(known) => {
            let by = format!("{} asked for it: this instance", known.3);
            let line = line(all, known);
            view! {
                <div class="notice notice-warn flex flex-wrap items-center gap-2">
                    <span>{by}</span>
                    {line}
                </div>
            }
            .into_any()
        }
        None => nothing(),
    })
    .into_any()
}

fn line(all: Terminations, known: Known) -> AnyView {
    let (place, id, name, _) = known;
    let reason = {
        let place = place.clone();
        Signal::derive(move || all.reason(&place))
    };
    let left = {
        let id = id.clone();
        text(move || all.words(&id))
    };
    let undo = Callback::new(move |()| all.undo(vec![(place.clone(), id.clone())]));
    view! {
        <span role="timer" class="font-medium">
            {left}
        </span>
        <ActionButton
            label="Undo"
            title=format!("Undo termination of {name}")
            class="btn-xs"
            reason=reason
            busy=all.busy
            on_press=undo
        />
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use nephoscope_model::Timestamp;

    use super::*;

    #[test]
    fn seconds_are_counted_down_and_without_a_clock_the_time_is_told() {
        let it = Termination {
            id: "i-0123456789abcdef0".parse().expect("an id"),
            account: "111111111111".parse().expect("an account"),
            region: "eu-west-1".parse().expect("a region"),
            name: "web".to_owned(),
            by: "ada".to_owned(),
            due_at: Timestamp::parse("2026-11-21T11:44:08Z").expect("a time"),
            seconds_left: 60,
        };
        let waiting = Waiting { it, due_here: Some(60_000) };
        assert_eq!(words(&waiting, Some(0)), "terminates in 60 s");
        assert_eq!(words(&waiting, Some(16_500)), "terminates in 44 s");
        assert_eq!(words(&waiting, Some(60_000)), "is being terminated");
        let told = words(&Waiting { due_here: None, ..waiting }, Some(0));
        assert!(told.starts_with("terminates at ") && told.contains("11:44:08"), "{told}");
    }
}
