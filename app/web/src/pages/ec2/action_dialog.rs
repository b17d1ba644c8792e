//! The question before something is stopped, rebooted or terminated: what, whose and where it is, and what will become of it.

use leptos::prelude::*;
use nephoscope_model::ec2::{Instance, InstanceAction, StopOptions, hibernation_refusal};

use super::actions::{Actions, title_of};
use crate::components::{ConfirmDialog, PlaceTag, dynamic, nothing, text};

/// The dialog that asks before something is stopped, rebooted or terminated. Once on a page.
#[component]
pub(super) fn ActionDialog(
    /// What is being asked.
    actions: Actions,
    /// What else is known of the instance of an action.
    #[prop(optional)]
    about: Option<Callback<InstanceAction, AnyView>>,
) -> impl IntoView {
    let asked = move || actions.asked.get();
    let title = text(move || match asked() {
        Some((instance, action)) => format!("{} {}?", action.label(), title_of(&instance)),
        None => String::new(),
    });
    let verb = text(move || asked().map_or(String::new(), |(_, action)| action.label().to_owned()));
    let destructive = Signal::derive(move || asked().is_some_and(|(_, action)| action.is_destructive()));
    let typed = text(move || match asked() {
        Some((instance, action)) if action.is_destructive() => instance.confirmation().to_owned(),
        _ => String::new(),
    });
    let confirm = Callback::new(move |typed: String| {
        actions.error.set(None);
        actions.perform((!typed.is_empty()).then_some(typed));
    });
    let consequence = text(move || {
        asked().map_or(String::new(), |(instance, action)| consequence(action, instance.auto_scaling_group()))
    });
    let whereabouts = text(move || {
        asked().map_or(String::new(), |(instance, _)| {
            format!("{} · {} · {}", instance.id, instance.instance_type, instance.zone)
        })
    });
    view! {
        <ConfirmDialog
            open=actions.open
            title=title
            confirm_label=verb
            typed=typed
            danger=destructive
            busy=actions.busy
            blocked=actions.protected
            error=actions.error
            on_confirm=confirm
        >
            <p>{consequence}</p>
            <p class="quiet font-mono text-xs">{whereabouts}</p>
            {dynamic(move || match asked() {
                Some((instance, _)) => view! { <p><PlaceTag place=instance.place()/></p> }.into_any(),
                None => nothing(),
            })}
            {dynamic(move || match (asked(), about) {
                (Some((_, action)), Some(about)) => about.run(action),
                _ => nothing(),
            })}
            {dynamic(move || match asked() {
                Some((instance, InstanceAction::Stop)) => stop_choices(actions.stop, &instance),
                Some((_, InstanceAction::Terminate)) if actions.protected.get() => protected_notice(),
                _ => nothing(),
            })}
        </ConfirmDialog>
    }
}

fn protected_notice() -> AnyView {
    view! {
        <p class="notice notice-warn" role="status">
            "Termination protection is on. Lift it first, on the page of the instance."
        </p>
    }
    .into_any()
}

/// How an instance is to stop.
fn stop_choices(stop: RwSignal<StopOptions>, instance: &Instance) -> AnyView {
    let force = choice(
        "Force it",
        "When the operating system does not shut down in time, what it has not written to disk is lost."
            .to_owned(),
        true,
        Signal::derive(move || stop.get().force),
        Callback::new(move |on| stop.update(|stop| stop.force = on)),
    );
    let refusal = hibernation_refusal(instance);
    let possible = refusal.is_none();
    let hibernate = choice(
        "Hibernate",
        refusal.unwrap_or_else(|| {
            "Its memory is written to its root disk, and the next start goes on with it.".to_owned()
        }),
        possible,
        Signal::derive(move || stop.get().hibernate),
        Callback::new(move |on| stop.update(|stop| stop.hibernate = on)),
    );
    view! {
        <fieldset class="flex flex-col gap-2">
            <legend class="sr-only">"How it stops"</legend>
            {force}
            {hibernate}
        </fieldset>
    }
    .into_any()
}

/// A box with a line that says what ticking it means, or why it cannot be ticked.
fn choice(
    label: &'static str,
    words: String,
    possible: bool,
    on: Signal<bool>,
    set: Callback<bool>,
) -> AnyView {
    view! {
        <label class="flex items-start gap-2">
            <input
                type="checkbox"
                class="checkbox checkbox-sm mt-0.5"
                disabled=!possible
                aria-label=label
                aria-description=words.clone()
                prop:checked=on
                on:change=move |event| set.run(event_target_checked(&event))
            />
            <span>
                <span class="font-medium">{label}</span>
                <span class="quiet block text-xs">{words}</span>
            </span>
        </label>
    }
    .into_any()
}

/// What an action brings with it, for the person who is about to confirm it. An Auto Scaling group does not leave it at that.
pub(super) fn consequence(action: InstanceAction, group: Option<&str>) -> String {
    match (action, group) {
        (InstanceAction::Stop, Some(group)) => format!(
            "It belongs to Auto Scaling group {group}, which replaces it: the group will terminate it, and its volumes \
             marked so are deleted."
        ),
        (InstanceAction::Terminate, Some(group)) => {
            let usual = usual_consequence(action);
            format!("{usual} It belongs to Auto Scaling group {group}: the group launches another.")
        }
        (action, _) => usual_consequence(action).to_owned(),
    }
}

/// The same of an instance that belongs to no Auto Scaling group.
pub(super) const fn usual_consequence(action: InstanceAction) -> &'static str {
    match action {
        InstanceAction::Start => "",
        InstanceAction::Stop => {
            "It shuts down. Its EBS volumes are kept; what lies on instance store volumes is lost, and an automatic \
             public address changes."
        }
        InstanceAction::Reboot => "The operating system restarts in place. Addresses and volumes stay.",
        InstanceAction::Terminate => {
            "It is deleted for ever, and with it every volume that is set to be deleted on termination."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_promised_volumes_that_an_auto_scaling_group_deletes() {
        let stop = |group| consequence(InstanceAction::Stop, group);
        assert!(stop(None).contains("EBS volumes are kept"));
        assert!(
            !stop(Some("web-group")).contains("kept") && stop(Some("web-group")).contains("group web-group")
        );
        let terminate = consequence(InstanceAction::Terminate, Some("web-group"));
        assert!(terminate.starts_with("It is deleted") && terminate.ends_with("launches another."));
        assert!(!consequence(InstanceAction::Reboot, Some("web-group")).contains("group"));
    }
}
