//! Starting, stopping, rebooting and terminating: what is offered, and what came of it. The list and the detail page share it.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    AccountId, Error, Place,
    ec2::{Instance, InstanceAction, InstanceId, InstanceState, StateChange, StopOptions, Terminating},
    identity::{Permission, Viewer},
};

use super::terminations::Terminations;
use crate::{
    api::{
        ApiResult,
        ec2::{change_instance, get_instance, terminate_instance},
        instance::get_protection,
    },
    components::{Glyph, Icon, Toasts, use_toasts},
    live::{LiveStatus, use_live},
    session::{denial_in, read_only_reason, use_viewer},
};

/// Why an action is not offered: the role first, then the state. `None` when it is.
#[must_use]
pub(super) fn reason_against(
    action: InstanceAction,
    state: InstanceState,
    denial: Option<String>,
) -> Option<String> {
    denial.or_else(|| match action.allowed_in(state) {
        Err(error) => Some(error.message),
        Ok(()) if action.is_useful_in(state) => None,
        Ok(()) => Some(format!("It is {} already.", state.as_str())),
    })
}

/// The icon of an action.
#[must_use]
pub(super) const fn glyph(action: InstanceAction) -> Glyph {
    match action {
        InstanceAction::Start => Glyph::Play,
        InstanceAction::Stop => Glyph::Stop,
        InstanceAction::Reboot => Glyph::Restart,
        InstanceAction::Terminate => Glyph::Trash,
    }
}

/// How a page calls an instance.
#[must_use]
pub(super) fn title_of(instance: &Instance) -> String {
    instance.confirmation().to_owned()
}

/// The state of what is being asked and done. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub(super) asked: RwSignal<Option<(Instance, InstanceAction)>>,
    pub(super) open: RwSignal<bool>,
    pub(super) busy: RwSignal<bool>,
    pub(super) error: RwSignal<Option<Error>>,
    /// How it is to stop.
    pub(super) stop: RwSignal<StopOptions>,
    /// Whether AWS refuses to terminate what it was asked about, as far as that is known.
    pub(super) protected: RwSignal<bool>,
    viewer: Signal<Option<Viewer>>,
    /// Why nobody can change anything.
    read_only: Option<&'static str>,
    /// Takes an instance that was read again, where nothing live would tell.
    refreshed: Callback<Instance>,
    /// What is about to be terminated.
    terminations: Terminations,
    // Taken while the page is made: an event has no context to find them in.
    toasts: Toasts,
    live: Signal<LiveStatus>,
}

impl Actions {
    /// For a page that takes an instance that was read again.
    pub(super) fn new(refreshed: Callback<Instance>, terminations: Terminations) -> Self {
        Self {
            asked: RwSignal::new(None),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            stop: RwSignal::new(StopOptions::default()),
            protected: RwSignal::new(false),
            viewer: use_viewer(),
            read_only: read_only_reason(),
            refreshed,
            terminations,
            toasts: use_toasts(),
            live: use_live().status(),
        }
    }

    /// Why an action is not offered now in that account.
    #[must_use]
    pub(super) fn reason(
        self,
        action: InstanceAction,
        account: &AccountId,
        state: InstanceState,
    ) -> Option<String> {
        let denial = self
            .viewer
            .with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, account))
            .or_else(|| self.read_only.map(str::to_owned));
        reason_against(action, state, denial)
    }

    /// Whether something is being done.
    #[must_use]
    pub(super) fn busy(self) -> Signal<bool> {
        self.busy.into()
    }

    /// A person pressed the button: asks first, except for what harms nothing.
    pub(super) fn request(self, instance: Instance, action: InstanceAction) {
        if self.busy.get_untracked() {
            return;
        }
        self.error.set(None);
        // What is stopping already and hangs can only be forced.
        let force = action == InstanceAction::Stop && instance.state == InstanceState::Stopping;
        self.stop.set(StopOptions { force, ..StopOptions::default() });
        self.protected.set(false);
        if action == InstanceAction::Terminate {
            self.look_at_protection(instance.clone());
        }
        self.asked.set(Some((instance, action)));
        if action == InstanceAction::Start {
            self.perform(None);
        } else {
            self.open.set(true);
        }
    }

    /// Says what AWS would say in the end, before a name is typed. Where it cannot be known, AWS says it.
    fn look_at_protection(self, instance: Instance) {
        spawn_local(async move {
            let Ok(protection) = get_protection(instance.place(), instance.id.clone()).await else { return };
            // Meanwhile something else may be asked.
            let is_asked = |asked: &Option<(Instance, InstanceAction)>| {
                let asks = |(asked, action): &(Instance, InstanceAction)| {
                    asked.id == instance.id && *action == InstanceAction::Terminate
                };
                asked.as_ref().is_some_and(asks)
            };
            if self.asked.try_with_untracked(is_asked) == Some(true) {
                self.protected.set(protection.termination);
            }
        });
    }

    pub(super) fn perform(self, confirmation: Option<String>) {
        let Some((instance, action)) = self.asked.get_untracked() else { return };
        self.busy.set(true);
        let stop = (action == InstanceAction::Stop).then(|| self.stop.get_untracked());
        spawn_local(async move {
            let place = instance.place();
            let outcome = ask(place.clone(), instance.id.clone(), action, confirmation, stop).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match outcome {
                Ok(Terminating::Queued(queued)) => {
                    self.open.set(false);
                    self.terminations.tell(vec![queued]);
                }
                Ok(Terminating::Now(change)) => {
                    self.open.set(false);
                    self.toasts.success(success_text(&title_of(&instance), action, &change));
                    if self.live.get_untracked() != LiveStatus::Live
                        && let Ok((now, _)) = get_instance(place, instance.id).await
                    {
                        let _ = self.refreshed.try_run(now);
                    }
                }
                Err(error) if self.open.get_untracked() => self.error.set(Some(error.0)),
                Err(error) => self.toasts.error(&error.0),
            }
        });
    }
}

/// Asks the server for an action. All but terminating are done at once.
async fn ask(
    place: Place,
    id: InstanceId,
    action: InstanceAction,
    confirmation: Option<String>,
    stop: Option<StopOptions>,
) -> ApiResult<Terminating> {
    if action == InstanceAction::Terminate {
        return terminate_instance(place, id, confirmation).await;
    }
    change_instance(place, id, action, confirmation, stop).await.map(Terminating::Now)
}

/// What came of an action, in words.
pub(super) fn success_text(name: &str, action: InstanceAction, change: &StateChange) -> String {
    if action == InstanceAction::Reboot {
        return format!("{name} is rebooting.");
    }
    if action == InstanceAction::Stop
        && (change.previous, change.current) == (InstanceState::Stopping, InstanceState::Stopping)
    {
        // It was forced, or asked for twice.
        return format!("{name} is still stopping.");
    }
    if change.previous == change.current {
        return format!("{name} is {} already.", change.current.as_str());
    }
    format!("{name}: {} → {}.", change.previous.as_str(), change.current.as_str())
}

/// The icon and the verb of an action.
#[component]
pub(super) fn ActionLabel(
    /// Which.
    action: InstanceAction,
) -> impl IntoView {
    view! {
        <Icon glyph=glyph(action)/>
        <span>{action.label()}</span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_named_before_the_state_and_what_is_offered_has_no_reason() {
        use InstanceAction as A;
        use InstanceState as S;
        let no = Some("Your role is viewer.".to_owned());
        assert_eq!(reason_against(A::Start, S::Stopped, None), None);
        assert_eq!(reason_against(A::Start, S::Stopped, no.clone()), no);
        assert_eq!(reason_against(A::Start, S::Running, None).as_deref(), Some("It is running already."));
        assert_eq!(reason_against(A::Stop, S::Stopping, None), None, "it can be forced");
        assert_eq!(
            reason_against(A::Reboot, S::Stopped, None).as_deref(),
            Some("An instance that is stopped cannot be rebooted.")
        );
        for action in A::ALL {
            for state in S::ALL {
                assert_eq!(reason_against(action, state, None).is_none(), action.is_useful_in(state));
            }
        }
    }

    #[test]
    fn the_result_says_what_became_of_it() {
        let change = |previous, current| StateChange {
            id: "i-0123456789abcdef0".parse().expect("an id"),
            previous,
            current,
        };
        let stopping = change(InstanceState::Running, InstanceState::Stopping);
        assert_eq!(success_text("web", InstanceAction::Stop, &stopping), "web: running → stopping.");
        let forced = change(InstanceState::Stopping, InstanceState::Stopping);
        assert_eq!(success_text("web", InstanceAction::Stop, &forced), "web is still stopping.");
        let same = change(InstanceState::Stopped, InstanceState::Stopped);
        assert_eq!(success_text("web", InstanceAction::Stop, &same), "web is stopped already.");
        let running = change(InstanceState::Running, InstanceState::Running);
        assert_eq!(success_text("web", InstanceAction::Reboot, &running), "web is rebooting.");
    }
}
