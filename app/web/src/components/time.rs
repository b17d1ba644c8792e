//! Points in time: UTC in the first HTML, the reader's own zone once the page is hydrated, UTC always in the tooltip.

use leptos::prelude::*;
use nephoscope_model::Timestamp;

use super::{clock::use_clock, dynamic::text};
use crate::browser;

/// The length of `2026-11-20 11:44`.
const TO_THE_MINUTE: usize = 16;

/// A time to the second, or to the minute where there is little room.
///
/// ```ignore
/// view! { <Time at=record.at/> }
/// ```
#[component]
pub fn Time(
    /// When.
    at: Timestamp,
    /// Whether to leave the seconds to the tooltip.
    #[prop(optional)]
    brief: bool,
) -> impl IntoView {
    let clock = use_clock();
    let utc = at.to_utc_text();
    let shown = {
        let utc = if brief { format!("{} UTC", &utc[..TO_THE_MINUTE.min(utc.len())]) } else { utc.clone() };
        text(move || {
            if !clock.local.get() {
                return utc.clone();
            }
            let mut local = browser::local_text(at.as_millis());
            if brief {
                local.truncate(TO_THE_MINUTE);
            }
            local
        })
    };
    view! {
        <time class="time" datetime=at.to_string() title=utc>
            {shown}
        </time>
    }
}

/// How long ago, such as `12 s ago`; the exact time in the tooltip.
///
/// ```ignore
/// view! { <Ago at=record.at/> }
/// ```
#[component]
pub fn Ago(
    /// When.
    #[prop(into)]
    at: Signal<Timestamp>,
) -> impl IntoView {
    let clock = use_clock();
    let shown = text(move || match clock.now.get() {
        Some(now) => ago_text(now - at.get().as_millis()),
        None => at.get().to_utc_text(),
    });
    view! {
        <time class="time" datetime=text(move || at.get().to_string()) title=text(move || at.get().to_utc_text())>
            {shown}
        </time>
    }
}

/// A span of time that lies behind, in the largest unit that fits.
#[must_use]
pub fn ago_text(millis: i64) -> String {
    match duration_text(millis) {
        Some(text) => format!("{text} ago"),
        None => "just now".to_owned(),
    }
}

/// A duration in its largest unit; `None` below five seconds, and for what the clocks disagree about.
#[must_use]
pub fn duration_text(millis: i64) -> Option<String> {
    let seconds = millis / 1000;
    let (number, unit) = match seconds {
        ..5 => return None,
        5..60 => (seconds, "s"),
        60..3600 => (seconds / 60, "min"),
        3600..172_800 => (seconds / 3600, "h"),
        _ => (seconds / 86_400, "days"),
    };
    Some(format!("{number} {unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_unit_that_fits() {
        assert_eq!(ago_text(-3000), "just now");
        assert_eq!(ago_text(12_000), "12 s ago");
        assert_eq!(ago_text(61_000), "1 min ago");
        assert_eq!(ago_text(3_600_000 * 30), "30 h ago");
        assert_eq!(ago_text(86_400_000 * 3), "3 days ago");
    }
}
