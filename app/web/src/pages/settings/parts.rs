//! What the settings pages share.

use leptos::prelude::*;
use nephoscope_model::identity::{Role, User};

use crate::{
    components::{Badge, Glyph, Icon, Tone, dynamic, nothing},
    params::use_params,
};

/// Says that what a form asked for was done: the server comes back with `done=`. `words` knows which are there.
pub(super) fn done_notice(words: fn(&str) -> Option<&'static str>) -> AnyView {
    let params = use_params();
    let done = Memo::new(move |_| params.with(|params| words(&params.get("done"))));
    dynamic(move || match done.get() {
        Some(words) => view! {
            <div class="notice" role="status">
                <Icon glyph=Glyph::Check/>
                <p>{words}</p>
            </div>
        }
        .into_any(),
        None => nothing(),
    })
    .into_any()
}

/// A choice of roles.
pub(super) fn role_select(label: &'static str, roles: &[Role], chosen: Option<Role>) -> AnyView {
    let options = roles
        .iter()
        .map(|role| {
            view! {
                <option value=role.as_str() selected=chosen == Some(*role)>
                    {role.as_str()}
                </option>
            }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>{label}</span>
            <select class="select select-sm" name="role">
                {options}
            </select>
        </label>
    }
    .into_any()
}

/// Whether a person may log in.
pub(super) fn state_badge(user: &User) -> AnyView {
    let (tone, words) = match (user.disabled, user.has_password) {
        (true, _) => (Tone::Bad, "disabled"),
        (false, true) => (Tone::Good, "active"),
        (false, false) => (Tone::Busy, "invited"),
    };
    view! { <Badge tone=tone>{words}</Badge> }.into_any()
}
