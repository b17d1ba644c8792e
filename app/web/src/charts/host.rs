//! The one component that owns an ECharts chart: it makes it, feeds it, fits it and frees it.

use leptos::{html::Div, prelude::*};

use super::options::Palette;
use crate::{components::theme::Theme, session::use_session};

/// A chart of ECharts. Until it is there (and for good, without JavaScript) the children stand in its place.
#[component]
pub fn ChartHost(
    /// The options as JSON, in the colours given.
    #[prop(into)]
    options: Callback<&'static Palette, String>,
    /// What the chart says, for those who cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// What is shown until the chart is there.
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<Div>::new();
    let ready = RwSignal::new(false);
    let failed = RwSignal::new(false);
    run_chart(node, options, use_palette(), ready, failed);
    view! {
        <div class="relative h-64 w-full sm:h-72" role="img" aria-label=label>
            <div class="absolute inset-0 px-2 pb-6 pt-4" class:invisible=ready>
                {children()}
            </div>
            <div class="absolute inset-0" node_ref=node></div>
        </div>
        <p class="quiet mt-1 text-xs" role="status" hidden=Signal::derive(move || !failed.get())>
            "The interactive chart could not be loaded. The numbers are in the table below."
        </p>
    }
}

#[cfg(feature = "hydrate")]
fn run_chart(
    node: NodeRef<Div>,
    options: Callback<&'static Palette, String>,
    palette: Signal<&'static Palette>,
    ready: RwSignal<bool>,
    failed: RwSignal<bool>,
) {
    use super::echarts::EChart;

    // The chart is dropped, and with that disposed of, together with its owner.
    let chart = StoredValue::new_local(None::<EChart>);
    Effect::new(move |begun: Option<bool>| {
        let Some(element) = node.get() else { return begun.unwrap_or(false) };
        if begun == Some(true) {
            return true;
        }
        leptos::task::spawn_local(async move {
            match EChart::create(&element).await {
                // When the page is gone by now, the value comes back and is dropped.
                Ok(made) => {
                    let _ = chart.try_set_value(Some(made));
                    let _ = ready.try_set(true);
                }
                Err(_) => {
                    let _ = failed.try_set(true);
                }
            }
        });
        true
    });
    Effect::new(move |_| {
        if ready.get() {
            let json = options.run(palette.get());
            chart.with_value(|chart| {
                if let Some(chart) = chart {
                    chart.set_options(&json);
                }
            });
        }
    });
}

#[cfg(not(feature = "hydrate"))]
fn run_chart(
    _node: NodeRef<Div>,
    _options: Callback<&'static Palette, String>,
    _palette: Signal<&'static Palette>,
    _ready: RwSignal<bool>,
    _failed: RwSignal<bool>,
) {
}

/// The colours that suit the page now.
fn use_palette() -> Signal<&'static Palette> {
    let theme = use_session().theme;
    let system_is_dark = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    {
        let system = StoredValue::new_local(None);
        Effect::new(move |_| {
            system.set_value(super::echarts::SystemTheme::follow(move |dark| {
                let _ = system_is_dark.try_set(dark);
            }));
        });
    }
    Signal::derive(move || match theme.get() {
        Theme::Light => &Palette::LIGHT,
        Theme::Dark => &Palette::DARK,
        Theme::System if system_is_dark.get() => &Palette::DARK,
        Theme::System => &Palette::LIGHT,
    })
}
