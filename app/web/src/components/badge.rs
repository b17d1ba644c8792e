//! Small coloured words. The word carries the meaning; the colour only helps the eye.

use leptos::prelude::*;
use nephoscope_model::{audit::Outcome, ec2::InstanceState};

/// What a colour means here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to notice.
    #[default]
    Neutral,
    /// Worth knowing.
    Info,
    /// As it should be.
    Good,
    /// Look at it.
    Warn,
    /// Wrong, or gone.
    Bad,
    /// Under way.
    Busy,
}

impl Tone {
    /// The CSS class.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Info => "tone-info",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
            Self::Busy => "tone-busy",
        }
    }
}

impl From<InstanceState> for Tone {
    fn from(state: InstanceState) -> Self {
        match state {
            InstanceState::Running => Self::Good,
            InstanceState::Pending | InstanceState::Stopping | InstanceState::ShuttingDown => Self::Busy,
            InstanceState::Stopped | InstanceState::Terminated | InstanceState::Unknown => Self::Neutral,
        }
    }
}

impl From<Outcome> for Tone {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Started => Self::Busy,
            Outcome::Succeeded => Self::Good,
            Outcome::Failed => Self::Bad,
            Outcome::Refused => Self::Warn,
        }
    }
}

/// A word with a coloured dot.
///
/// ```ignore
/// view! { <Badge tone=Tone::Good>"enabled"</Badge> }
/// ```
#[component]
pub fn Badge(
    /// What the colour means.
    #[prop(optional)]
    tone: Tone,
    /// The word.
    children: Children,
) -> impl IntoView {
    view! { <span class=format!("tag {}", tone.class())>{children()}</span> }
}

/// The state of an instance.
#[must_use]
pub fn state_badge(state: InstanceState) -> AnyView {
    view! { <Badge tone=Tone::from(state)>{state.as_str()}</Badge> }.into_any()
}
