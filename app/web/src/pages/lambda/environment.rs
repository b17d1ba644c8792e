//! A function's environment variables: names at once, values when they are asked for, which is recorded.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place,
    identity::{Permission, Viewer},
    lambda::{FunctionDetails, FunctionName, Variable},
};

use crate::{
    api::lambda::read_environment,
    components::{ActionButton, CopyButton, EmptyState, ErrorNotice, Glyph, Panel, dynamic, nothing, text},
    session::{denial_in, read_only_reason, use_viewer},
};

/// What stands where a value is not shown; its length says nothing.
const HIDDEN: &str = "••••••••";

/// What is known of the values. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Environment {
    which: StoredValue<(Place, FunctionName)>,
    values: RwSignal<Option<Vec<Variable>>>,
    error: RwSignal<Option<Error>>,
    busy: RwSignal<bool>,
    viewer: Signal<Option<Viewer>>,
    read_only: Option<&'static str>,
}

impl Environment {
    pub(super) fn new(place: Place, name: FunctionName) -> Self {
        Self {
            which: StoredValue::new((place, name)),
            values: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
            viewer: use_viewer(),
            read_only: read_only_reason(),
        }
    }

    /// Why the values cannot be shown.
    fn reason(self) -> Option<String> {
        let account = self.which.with_value(|(place, _)| place.account.clone());
        self.viewer
            .with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &account))
            .or_else(|| self.read_only.map(str::to_owned))
    }

    fn toggle(self) {
        if self.values.with_untracked(Option::is_some) {
            self.values.set(None);
            return;
        }
        self.busy.set(true);
        self.error.set(None);
        let (place, name) = self.which.get_value();
        spawn_local(async move {
            let outcome = read_environment(place, name).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match outcome {
                Ok(values) => self.values.set(Some(values)),
                Err(error) => self.error.set(Some(error.0)),
            }
        });
    }

    /// The panel.
    pub(super) fn view(self, details: &FunctionDetails) -> AnyView {
        let names = details.environment.clone();
        let unreadable = details.environment_error.clone().map(|reason| {
            view! { <p class="notice notice-warn">{format!("AWS could not read the environment: {reason}")}</p> }
        });
        if names.is_empty() {
            // Of what could not be read, nobody knows that it is empty.
            let title = match unreadable {
                Some(_) => "The environment variables are not known",
                None => "No environment variables",
            };
            return view! {
                {unreadable}
                <Panel title="Environment variables">
                    <EmptyState title=title glyph=Glyph::Lambda/>
                </Panel>
            }
            .into_any();
        }
        let count = Some(names.len().to_string());
        let label = text(move || {
            let shown = self.values.with(Option::is_some);
            if shown { "Hide values" } else { "Show values" }.to_owned()
        });
        let reason = Signal::derive(move || self.reason());
        let actions = move || {
            view! {
                <ActionButton
                    label=label
                    glyph=Glyph::Eye
                    reason=reason
                    busy=self.busy
                    on_press=Callback::new(move |()| self.toggle())
                />
            }
        };
        let rows = dynamic(move || {
            let values = self.values.get();
            let rows = names.iter().map(|name| row(name, values.as_deref())).collect_view();
            rows.into_any()
        });
        view! {
            {unreadable}
            <Panel title="Environment variables" count=MaybeProp::from(count) actions=actions>
                <p class="quiet px-4 py-2">"Values may be secrets. Showing them is recorded."</p>
                {dynamic(move || match self.error.get() {
                    Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
                    None => nothing(),
                })}
                <div class="table-scroll" tabindex="0" role="region" aria-label="Environment variables">
                    <table class="data-table">
                        <thead>
                            <tr>
                                <th scope="col">"Name"</th>
                                <th scope="col">"Value"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </Panel>
        }
        .into_any()
    }
}

fn row(name: &str, values: Option<&[Variable]>) -> AnyView {
    let value = match values {
        None => view! { <span class="quiet" aria-label="hidden">{HIDDEN}</span> }.into_any(),
        Some(values) => match values.iter().find(|variable| variable.name == name) {
            Some(variable) => {
                let value = variable.value.clone();
                view! {
                    <span class="mono break-all">{value.clone()}</span>
                    <CopyButton text=value label=format!("Copy {name}")/>
                }
                .into_any()
            }
            None => view! { <span class="quiet">"not set any more"</span> }.into_any(),
        },
    };
    view! {
        <tr>
            <td class="wrap mono">{name.to_owned()}</td>
            <td class="wrap">{value}</td>
        </tr>
    }
    .into_any()
}
