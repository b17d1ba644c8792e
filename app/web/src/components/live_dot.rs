//! Whether what is shown follows by itself.

use leptos::prelude::*;

use super::dynamic::text;
use crate::live::LiveStatus;

/// A dot and a word; changes are spoken. Hover says why, where there is something to say.
///
/// ```ignore
/// view! { <LiveDot status=live.status_of(trouble) notice=live.notice_of(trouble)/> }
/// ```
#[component]
pub fn LiveDot(
    /// How it is doing.
    #[prop(into)]
    status: Signal<LiveStatus>,
    /// Why.
    #[prop(optional, into)]
    notice: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <span
            class=text(move || format!("live-dot {}", class_of(status.get())))
            role="status"
            title=Signal::derive(move || notice.get())
        >
            {text(move || status.get().label().to_owned())}
        </span>
    }
}

const fn class_of(status: LiveStatus) -> &'static str {
    match status {
        LiveStatus::Idle => "live-off",
        LiveStatus::Connecting => "live-connecting",
        LiveStatus::Live => "live-on",
        LiveStatus::Reconnecting | LiveStatus::Offline => "live-interrupted",
        LiveStatus::Closed => "live-ended",
    }
}
