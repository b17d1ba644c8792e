//! What an invocation wrote to CloudWatch: looked for after a test, until it is all there.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error, Place, Scope,
    lambda::{FunctionName, InvocationLog, RequestId},
};

use super::lines::{lines_table, stream_href};
use crate::{
    api::lambda::read_invocation_log,
    components::{ActionButton, ErrorNotice, Glyph, Icon, Panel, dynamic, text},
    paths,
};

/// How often it is looked for; CloudWatch has most lines within ten seconds.
const LOOKS: u32 = 6;
/// The wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// The lines of the newest invocation. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Lines {
    which: StoredValue<(Place, FunctionName)>,
    group: StoredValue<String>,
    /// The invocation that is looked for.
    request: RwSignal<Option<RequestId>>,
    log: RwSignal<Option<InvocationLog>>,
    error: RwSignal<Option<Error>>,
    busy: RwSignal<bool>,
}

impl Lines {
    pub(super) fn new(place: Place, name: FunctionName, group: String) -> Self {
        Self {
            which: StoredValue::new((place, name)),
            group: StoredValue::new(group),
            request: RwSignal::new(None),
            log: RwSignal::new(None),
            error: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// Forgets the one before, and looks for this one.
    pub(super) fn follow(self, request: Option<&str>) {
        let request: Option<RequestId> = request.and_then(|id| id.parse().ok());
        self.log.set(None);
        self.error.set(None);
        self.request.set(request.clone());
        if let Some(request) = request {
            self.look(request, LOOKS);
        }
    }

    fn look(self, request: RequestId, looks: u32) {
        self.busy.set(true);
        let (place, name) = self.which.get_value();
        spawn_local(async move {
            let outcome = read_invocation_log(place, name, request.clone()).await;
            // Another one may be looked for by now, or the page be gone.
            let is_wanted = self.request.try_with_untracked(|wanted| wanted.as_ref() == Some(&request));
            if is_wanted != Some(true) {
                return;
            }
            let again = match outcome {
                Ok(log) => {
                    let again = !log.complete && looks > 1;
                    self.log.set(Some(log));
                    again
                }
                Err(error) => {
                    self.error.set(Some(error.0));
                    false
                }
            };
            if again {
                set_timeout(move || self.look_again(request, looks - 1), PAUSE);
            } else {
                self.busy.set(false);
            }
        });
    }

    fn look_again(self, request: RequestId, looks: u32) {
        if self.request.try_with_untracked(|wanted| wanted.as_ref() == Some(&request)) == Some(true) {
            self.look(request, looks);
        }
    }

    /// Whether everything that the invocation wrote is shown.
    pub(super) fn is_whole(self) -> bool {
        self.log.with(|log| log.as_ref().is_some_and(|log| log.complete))
    }

    /// The panel.
    pub(super) fn view(self, scope: &Scope) -> AnyView {
        let scope = scope.clone();
        let all = {
            let scope = scope.clone();
            text(move || {
                let place = self.which.with_value(|(place, _)| place.clone());
                let stream = self.log.with(|log| log.as_ref().and_then(|log| log.stream.clone()));
                self.group.with_value(|group| match stream {
                    Some(stream) => stream_href(&place, group, &stream, &scope),
                    None => paths::log_group(&place, group, &scope),
                })
            })
        };
        let again = Callback::new(move |()| {
            if let Some(request) = self.request.get_untracked() {
                self.look(request, 1);
            }
        });
        let actions = move || {
            view! {
                <ActionButton
                    label="Look again"
                    glyph=Glyph::Refresh
                    class="btn-ghost btn-xs"
                    busy=self.busy
                    on_press=again
                />
                {dynamic(move || {
                    view! {
                        <a class="btn btn-ghost btn-xs" href=all.get()>
                            <Icon glyph=Glyph::Logs/>
                            "Open in logs"
                        </a>
                    }
                    .into_any()
                })}
            }
        };
        view! {
            <Panel title="CloudWatch lines" actions=actions>
                {dynamic(move || self.body())}
            </Panel>
        }
        .into_any()
    }

    fn body(self) -> AnyView {
        if let Some(error) = self.error.get() {
            return view! { <ErrorNotice error=error/> }.into_any();
        }
        self.log.with(|log| match log {
            Some(log) if !log.rows.is_empty() => lines_table("CloudWatch lines", log.rows.iter(), |_| None),
            _ if self.busy.get() => {
                view! { <p class="panel-body quiet">"Waiting for CloudWatch…"</p> }.into_any()
            }
            _ => view! {
                <p class="panel-body quiet">"CloudWatch has no lines of it yet. It may take a little longer."</p>
            }
            .into_any(),
        })
    }
}
