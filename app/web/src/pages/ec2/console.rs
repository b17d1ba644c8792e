//! The console of an instance: what it wrote and what its screen shows, when somebody asks. Both are chosen by what runs there, and shown
//! as text and as a picture only.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{
    Error,
    ec2::{ConsoleOutput, Instance},
    identity::Permission,
};

use super::actions::title_of;
use crate::{
    api::instance::{read_console, take_screenshot},
    components::{ActionButton, ErrorNotice, Glyph, Panel, Time, dynamic, nothing},
    session::{denial_in, read_only_reason, use_viewer},
};

/// What was asked for last.
#[derive(Clone)]
enum Shown {
    Nothing,
    Output(ConsoleOutput),
    /// A JPEG in base64.
    Screen(String),
    Failed(Error),
}

/// What is known of the console. Cheap to copy.
#[derive(Clone, Copy)]
struct Console {
    instance: RwSignal<Instance>,
    shown: RwSignal<Shown>,
    busy: RwSignal<bool>,
}

impl Console {
    fn ask(self, question: impl AsyncFnOnce(Instance) -> Shown + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        let instance = self.instance.get_untracked();
        spawn_local(async move {
            let shown = question(instance).await;
            if self.busy.try_set(false).is_none() {
                self.shown.set(shown);
            }
        });
    }

    fn ask_for_output(self, latest: bool) {
        self.ask(async move |instance: Instance| {
            match read_console(instance.place(), instance.id, latest).await {
                Ok(output) => Shown::Output(output),
                Err(error) => Shown::Failed(error.0),
            }
        });
    }

    fn ask_for_screen(self) {
        self.ask(async |instance: Instance| match take_screenshot(instance.place(), instance.id).await {
            Ok(jpeg) => Shown::Screen(jpeg),
            Err(error) => Shown::Failed(error.0),
        });
    }

    fn view(self) -> AnyView {
        match self.shown.get() {
            Shown::Nothing => nothing(),
            Shown::Output(output) => output_view(output),
            Shown::Screen(jpeg) => {
                let title = self.instance.with_untracked(title_of);
                view! {
                    <img
                        class="max-w-full p-4"
                        alt=format!("The screen of {title}")
                        src=format!("data:image/jpeg;base64,{jpeg}")
                    />
                }
                .into_any()
            }
            Shown::Failed(error) => view! { <ErrorNotice error=error/> }.into_any(),
        }
    }
}

fn output_view(output: ConsoleOutput) -> AnyView {
    if output.text.is_empty() {
        return view! { <p class="quiet p-4">"AWS has no console output of it. It may take some minutes after a start."</p> }
            .into_any();
    }
    let at = match output.at {
        Some(at) => view! { <p class="quiet px-4 pt-2 text-xs">"As of " <Time at=at/></p> }.into_any(),
        None => nothing(),
    };
    view! {
        {at}
        <pre
            class="max-h-128 overflow-auto whitespace-pre-wrap break-all p-4 font-mono text-xs"
            tabindex="0"
            role="region"
            aria-label="Console output"
        >
            {output.text}
        </pre>
    }
    .into_any()
}

/// The buttons that ask, and what came of it.
#[component]
pub(super) fn ConsolePanel(
    /// The instance.
    instance: RwSignal<Instance>,
) -> impl IntoView {
    let console = Console { instance, shown: RwSignal::new(Shown::Nothing), busy: RwSignal::new(false) };
    let (viewer, read_only) = (use_viewer(), read_only_reason());
    let reason = Signal::derive(move || {
        let denial = instance.with(|instance| {
            viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, &instance.account))
        });
        denial.or_else(|| read_only.map(str::to_owned))
    });
    let button = move |label: &'static str, glyph: Glyph, press: Callback<()>| {
        view! {
            <ActionButton
                label=label
                glyph=glyph
                class="btn-ghost btn-xs"
                reason=reason
                busy=console.busy
                on_press=press
            />
        }
        .into_any()
    };
    let actions = move || {
        vec![
            button("Show output", Glyph::Eye, Callback::new(move |()| console.ask_for_output(false))),
            button("Show latest output", Glyph::Eye, Callback::new(move |()| console.ask_for_output(true))),
            button("Take screenshot", Glyph::Server, Callback::new(move |()| console.ask_for_screen())),
        ]
    };
    view! {
        <Panel title="Console" actions=actions>
            <p class="quiet px-4 py-2">
                "What it wrote to its console after its last start or stop, the latest of it (on Nitro only), and what its screen shows. All may hold secrets: looking is recorded."
            </p>
            {dynamic(move || console.view())}
        </Panel>
    }
}
