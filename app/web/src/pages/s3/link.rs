//! Lending an object out: a link for a while, which is shown once and copied.

use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::{Error, s3::ObjectLink};

use crate::{
    api::s3::{ObjectView, presign_object},
    components::{ActionButton, CopyButton, ErrorNotice, Glyph, Panel, Time, dynamic, nothing},
};

/// How long links live that can be chosen, in seconds.
const LIFETIMES: [(u32, &str); 7] = [
    (60, "1 minute"),
    (900, "15 minutes"),
    (3_600, "1 hour"),
    (43_200, "12 hours"),
    (86_400, "1 day"),
    (259_200, "3 days"),
    (604_800, "7 days"),
];

/// Making a link, and the link.
pub(super) fn link_panel(view: &ObjectView, denial: Option<String>) -> AnyView {
    let what = StoredValue::new((view.bucket.clone(), view.key.clone(), view.version.clone()));
    let seconds = RwSignal::new(3_600_u32);
    let busy = RwSignal::new(false);
    let made = RwSignal::new(None::<Result<ObjectLink, Error>>);
    let make = Callback::new(move |()| {
        let (bucket, key, version) = what.get_value();
        busy.set(true);
        spawn_local(async move {
            let link = presign_object(bucket, key, version, seconds.get_untracked()).await;
            if busy.try_set(false).is_none() {
                made.set(Some(link.map_err(|error| error.0)));
            }
        });
    });
    let is_odd = view.key.split('/').any(|part| matches!(part, "." | ".."));
    let odd = is_odd.then(|| {
        view! {
            <p class="notice notice-warn mx-4">
                "A part of this key is \".\" or \"..\", which browsers take for a way through folders. The link works with programs that leave it as it is, such as "
                <code>"curl --path-as-is"</code> "."
            </p>
        }
        .into_any()
    });
    let options: Vec<AnyView> = LIFETIMES
        .into_iter()
        .map(|(value, label)| {
            view! { <option value=value.to_string() selected=value == 3_600>{label}</option> }.into_any()
        })
        .collect();
    let answer = dynamic(move || match made.get() {
        None => nothing(),
        Some(Ok(link)) => link_view(link),
        Some(Err(error)) => view! { <ErrorNotice error=error/> }.into_any(),
    });
    view! {
        <Panel title="Link for others">
            <div class="toolbar items-end! needs-js">
                <label class="field">
                    <span>"It ends after"</span>
                    <select
                        class="select select-sm"
                        autocomplete="off"
                        on:change=move |event| {
                            if let Ok(chosen) = event_target_value(&event).parse() {
                                seconds.set(chosen);
                            }
                        }
                    >
                        {options}
                    </select>
                </label>
                <ActionButton
                    label="Make a link"
                    glyph=Glyph::Link
                    reason=Signal::stored(denial)
                    busy=busy
                    on_press=make
                />
            </div>
            <p class="px-4 py-2 quiet">
                "Whoever has the link can read the object, without logging in. AWS takes it no longer than the credentials that signed it: where an account is entered by a role, they end after an hour or less. That a link was made is recorded."
            </p>
            {odd}
            {answer}
        </Panel>
    }
    .into_any()
}

fn link_view(link: ObjectLink) -> AnyView {
    let early = link.ends_with_credentials.then(|| {
        view! { <p>"That is earlier than you chose: the credentials that signed it end then."</p> }.into_any()
    });
    view! {
        <div class="panel-body" role="status">
            <label class="field">
                <span>"The link"</span>
                <input class="input input-sm w-full mono" readonly value=link.url.clone()/>
            </label>
            <CopyButton text=Signal::stored(link.url) label=Signal::stored("Copy the link".to_owned()) labelled=true/>
            <p>"It ends at " <Time at=link.expires_at/> "."</p>
            {early}
        </div>
    }
    .into_any()
}
