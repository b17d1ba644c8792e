//! Saying that nothing can be changed.

use leptos::prelude::*;

use crate::{
    components::{
        dynamic::nothing,
        icons::{Glyph, Icon},
    },
    session::read_only_reason,
};

/// A notice while the whole server is switched to change nothing; otherwise nothing.
#[must_use]
pub(crate) fn read_only_notice() -> AnyView {
    let Some(reason) = read_only_reason() else { return nothing() };
    view! {
        <div class="notice notice-warn" role="status">
            <Icon glyph=Glyph::Shield/>
            <p>{reason}</p>
        </div>
    }
    .into_any()
}
