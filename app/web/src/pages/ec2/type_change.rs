//! Making a stopped instance one of another type.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error,
    ec2::{Instance, InstanceType, InstanceTypeName, type_change_refusal},
    filter_words::{contains, words},
    identity::{Permission, Viewer},
};

use super::actions::title_of;
use crate::{
    api::{
        ec2::get_instance,
        instance::{list_instance_types, set_instance_type},
    },
    components::{
        ActionButton, ConfirmDialog, ErrorNotice, Glyph, Loading, Toasts, dynamic, nothing, text, use_toasts,
    },
    session::{denial_in, read_only_reason, use_viewer},
};

/// The dialog and what is known in it. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct TypeChange {
    instance: RwSignal<Instance>,
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
    /// The types that fit, once they were read.
    types: RwSignal<Option<Result<Vec<InstanceType>, Error>>>,
    filter: RwSignal<String>,
    chosen: RwSignal<String>,
    viewer: Signal<Option<Viewer>>,
    read_only: Option<&'static str>,
    toasts: Toasts,
}

impl TypeChange {
    /// For an instance.
    pub(super) fn new(instance: RwSignal<Instance>) -> Self {
        Self {
            instance,
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            error: RwSignal::new(None),
            types: RwSignal::new(None),
            filter: RwSignal::new(String::new()),
            chosen: RwSignal::new(String::new()),
            viewer: use_viewer(),
            read_only: read_only_reason(),
            toasts: use_toasts(),
        }
    }

    /// Why it cannot be changed now: the role first, then the state.
    fn reason(self) -> Option<String> {
        self.instance.with(|instance| {
            let denial =
                self.viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &instance.account));
            let denial = denial.or_else(|| self.read_only.map(str::to_owned));
            denial.or_else(|| type_change_refusal(instance.state))
        })
    }

    fn begin(self) {
        let instance = self.instance.get_untracked();
        self.error.set(None);
        self.filter.set(String::new());
        self.chosen.set(instance.instance_type.clone());
        self.open.set(true);
        if self.types.with_untracked(|types| matches!(types, Some(Ok(_)))) {
            return;
        }
        self.types.set(None);
        spawn_local(async move {
            let answer = list_instance_types(instance.place(), instance.architecture).await;
            let _ = self.types.try_set(Some(answer.map_err(|error| error.0)));
        });
    }

    fn perform(self) {
        let Ok(wanted) = self.chosen.get_untracked().parse::<InstanceTypeName>() else { return };
        let instance = self.instance.get_untracked();
        self.busy.set(true);
        self.error.set(None);
        spawn_local(async move {
            let (place, id) = (instance.place(), instance.id.clone());
            let outcome = set_instance_type(place.clone(), id.clone(), wanted.clone()).await;
            if self.busy.try_set(false).is_some() {
                // The page is gone; what was asked for happens all the same.
                return;
            }
            match outcome {
                Ok(()) => {
                    self.open.set(false);
                    self.toasts.success(format!("{} is a {wanted} now.", title_of(&instance)));
                    if let Ok((now, _)) = get_instance(place, id).await {
                        let _ = self.instance.try_set(now);
                    }
                }
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }
}

/// Those of which the filter's words are all found.
fn matching(types: &[InstanceType], filter: &str) -> Vec<InstanceType> {
    let words: Vec<String> = words(filter).iter().map(|word| word.to_lowercase()).collect();
    let fits = |kind: &&InstanceType| words.iter().all(|word| contains(&kind.summary(), word));
    types.iter().filter(fits).cloned().collect()
}

/// The button that opens the dialog.
#[component]
pub(super) fn TypeButton(
    /// What it opens.
    change: TypeChange,
) -> impl IntoView {
    view! {
        <ActionButton
            label="Change type"
            glyph=Glyph::Server
            class="btn-ghost btn-xs"
            reason=Signal::derive(move || change.reason())
            busy=change.busy
            on_press=Callback::new(move |()| change.begin())
        />
    }
}

/// The dialog. Once on a page.
#[component]
pub(super) fn TypeDialog(
    /// What is asked.
    change: TypeChange,
) -> impl IntoView {
    let title = text(move || format!("Change the type of {}?", change.instance.with(title_of)));
    let now = text(move || {
        let now = change.instance.with(|instance| instance.instance_type.clone());
        format!("It is a {now} now. Its volumes and private addresses stay.")
    });
    let shown = Memo::new(move |_| match change.types.get() {
        Some(Ok(types)) => matching(&types, &change.filter.get()),
        _ => Vec::new(),
    });
    // What the filter hides nobody chooses.
    let wanted = Memo::new(move |_| {
        let chosen = change.chosen.get();
        let is_shown = shown.with(|shown| shown.iter().any(|kind| kind.name.as_str() == chosen));
        let is_new = change.instance.with(|instance| instance.instance_type != chosen);
        Some(chosen).filter(|_| is_shown && is_new)
    });
    let choices = dynamic(move || match change.types.get() {
        None => view! { <Loading label="Loading instance types"/> }.into_any(),
        Some(Err(error)) => view! { <ErrorNotice error=error/> }.into_any(),
        Some(Ok(_)) => options(change, shown),
    });
    let becomes = text(move || match wanted.get() {
        Some(wanted) => format!("It becomes a {wanted}."),
        None => "Choose the type that it becomes.".to_owned(),
    });
    view! {
        <ConfirmDialog
            open=change.open
            title=title
            confirm_label="Change type"
            blocked=Signal::derive(move || wanted.with(Option::is_none))
            busy=change.busy
            error=change.error
            on_confirm=Callback::new(move |_| change.perform())
        >
            <p>{now}</p>
            <input
                class="input input-sm w-full"
                type="search"
                aria-label="Filter instance types"
                placeholder="Filter, such as m7 4 vCPU"
                autocomplete="off"
                spellcheck="false"
                prop:value=change.filter
                on:input=move |event| change.filter.set(event_target_value(&event))
            />
            {choices}
            <p role="status">{becomes}</p>
        </ConfirmDialog>
    }
}

fn options(change: TypeChange, shown: Memo<Vec<InstanceType>>) -> AnyView {
    let option = move |kind: InstanceType| {
        let mut words = kind.summary();
        if !kind.current_generation {
            words.push_str(" · previous generation");
        }
        let name = kind.name.to_string();
        let selected = change.chosen.with_untracked(|chosen| *chosen == name);
        view! {
            <option value=name selected=selected>
                {words}
            </option>
        }
        .into_any()
    };
    let none = dynamic(move || {
        if shown.with(Vec::is_empty) {
            return view! { <p class="quiet">"No type fits this filter."</p> }.into_any();
        }
        nothing()
    });
    // Each by its name: the one that is chosen must not become another when the filter changes.
    view! {
        {none}
        <select
            class="select select-sm h-auto w-full"
            size="8"
            aria-label="Instance type"
            on:change=move |event| change.chosen.set(event_target_value(&event))
        >
            <For each=move || shown.get() key=|kind| kind.name.clone() children=option/>
        </select>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_filter_must_be_found() {
        let types: Vec<InstanceType> =
            [("t3.medium", 2, 4_096), ("t3.large", 2, 8_192), ("m7i.xlarge", 4, 16_384)]
                .map(|(name, vcpus, memory_mib)| InstanceType {
                    name: name.parse().expect("a type"),
                    vcpus,
                    memory_mib,
                    architectures: vec!["x86_64".to_owned()],
                    current_generation: true,
                })
                .into();
        let names = |filter: &str| {
            matching(&types, filter).into_iter().map(|kind| kind.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["t3.medium", "t3.large", "m7i.xlarge"]);
        assert_eq!(names("T3 \"8 gib\""), ["t3.large"]);
        assert_eq!(names("\"4 vcpu\""), ["m7i.xlarge"]);
        assert!(names("arm").is_empty());
    }
}
