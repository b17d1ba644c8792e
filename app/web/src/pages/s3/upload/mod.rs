//! Uploading many files and folders, by dropping or choosing them; with progress, and a word on what came of each.

#[cfg(not(feature = "hydrate"))]
#[path = "absent.rs"]
mod engine;
#[cfg(feature = "hydrate")]
mod engine;
#[cfg(feature = "hydrate")]
mod files;
mod row;
#[cfg(feature = "hydrate")]
mod send;

use leptos::{attr::custom::custom_attribute, prelude::*};
use nephoscope_model::s3::{Bucket, Decision, Queue, Tally};

use self::row::row;
use super::{denial, folder::Folder};
use crate::{
    browser,
    charts::unit::bytes,
    components::{ActionButton, Glyph, Icon, dynamic, nothing, text},
    hydration::{use_hydrated, when_hydrated},
};

/// As many files are shown at once: those that need somebody first.
const MOST_SHOWN: usize = 200;

/// Where many files are chosen, or dropped.
pub(super) fn choose(folder: Folder) -> AnyView {
    let bucket = folder.bucket();
    let denial = denial(&bucket.account);
    let hydrated = use_hydrated();
    let is_denied = denial.is_some();
    if !is_denied {
        take_aim(bucket, folder.prefix());
    }
    let hint =
        denial.clone().unwrap_or_else(|| "Or drop files and folders anywhere on this page.".to_owned());
    let off = Signal::derive(move || is_denied || !hydrated.get());
    let input = |label: &'static str, glyph: Glyph, folders: bool| {
        let folders = folders.then_some("");
        view! {
            <label class="btn btn-sm file-button" class:is-off=is_denied title=denial.clone()>
                <Icon glyph=glyph/>
                {label}
                <input
                    class="sr-only"
                    type="file"
                    multiple
                    data-upload=""
                    disabled=off
                    aria-description=denial.clone()
                    autocomplete="off"
                    {..custom_attribute("webkitdirectory", folders)}
                />
            </label>
        }
        .into_any()
    };
    let whither = text(move || format!("Drop to upload to {}/{}", folder.bucket().name, folder.prefix()));
    view! {
        <section class="panel needs-js" aria-label="Upload">
            <div class="drop-veil" aria-hidden="true">
                <p>{whither}</p>
            </div>
            <div class="toolbar items-center!">
                {input("Upload files", Glyph::Upload, false)}
                {input("Upload a folder", Glyph::Folder, true)}
                <p class="quiet">{hint}</p>
            </div>
        </section>
    }
    .into_any()
}

/// While this is on the page, files go here.
fn take_aim(bucket: Bucket, prefix: String) {
    let token = StoredValue::new(None);
    when_hydrated(move || {
        // The page may be gone before it was hydrated.
        if token.try_get_value().is_some() {
            token.set_value(Some(engine::aim(bucket, prefix)));
        }
    });
    on_cleanup(move || {
        if let Some(Some(token)) = token.try_get_value() {
            engine::rest(token);
        }
    });
}

/// What is being uploaded; nothing while nothing is. `reload` shows what there is now, when something arrived in the `bucket` that is looked
/// at.
pub(super) fn uploads_panel(bucket: Memo<String>, reload: Callback<()>) -> AnyView {
    let tally = Memo::new(move |_| {
        engine::track_states();
        engine::look(Queue::tally)
    });
    when_hydrated(engine::listen);
    let any = Memo::new(move |_| tally.with(|tally| tally.files > 0));
    let here = Memo::new(move |_| {
        engine::track_states();
        let bucket = bucket.get();
        let tally = engine::look(|queue| queue.tally_in(&bucket));
        (bucket, tally.done, tally.active)
    });
    // Once all are through, or each time some are and others need somebody.
    Effect::new(move |before: Option<(String, usize)>| {
        let (bucket, done, active) = here.get();
        let known = before.filter(|(of, _)| *of == bucket).map_or(done, |(_, known)| known);
        if active > 0 || done <= known {
            return (bucket, known.min(done));
        }
        reload.run(());
        (bucket, done)
    });
    let panel = dynamic(move || if any.get() { panel(tally) } else { nothing() });
    view! { {panel} }.into_any()
}

fn panel(tally: Memo<Tally>) -> AnyView {
    let rows = dynamic(move || {
        engine::track_states();
        engine::look(|queue| {
            let mut items: Vec<_> = queue.items().collect();
            items.sort_by_key(|item| row::rank(item.state));
            items.into_iter().take(MOST_SHOWN).map(row).collect::<Vec<_>>().into_any()
        })
    });
    let more = text(move || match tally.with(|tally| tally.files).saturating_sub(MOST_SHOWN) {
        0 => String::new(),
        more => format!("… and {more} more."),
    });
    let percent = Signal::derive(move || {
        engine::track_bytes();
        percent_of(engine::look(Queue::tally)).to_string()
    });
    let speed = text(move || {
        engine::track_bytes();
        let (tally, speed) = engine::look(|queue| (queue.tally(), queue.speed(browser::now_millis())));
        speed_words(tally, speed)
    });
    let is_over = Signal::derive(move || tally.with(|tally| tally.active + tally.exist == 0));
    let buttons = dynamic(move || {
        if is_over.get() {
            view! {
                <ActionButton
                    label="Clear"
                    title="Take away the files that are through"
                    glyph=Glyph::Close
                    on_press=Callback::new(|()| engine::change(Queue::clear))
                />
            }
            .into_any()
        } else {
            view! {
                <ActionButton
                    label="Cancel all"
                    glyph=Glyph::Stop
                    on_press=Callback::new(|()| engine::change(Queue::cancel_all))
                />
            }
            .into_any()
        }
    });
    view! {
        <section class="panel sticky bottom-2 z-10 shadow-lg" aria-label="Uploads">
            <header class="panel-head">
                <h2>"Uploads"</h2>
                <div class="panel-actions">{buttons}</div>
            </header>
            <div class="panel-body">
                <p role="status">{text(move || tally.with(words))}</p>
                <progress class="progress w-full" aria-label="All files" value=percent max="100"></progress>
                <p class="quiet tabular-nums">{speed}</p>
                {dynamic(move || question(tally.with(|tally| tally.exist)))}
                <ul class="max-h-64 overflow-auto" tabindex="0" aria-label="Files">
                    {rows}
                </ul>
                <p class="quiet">{more}</p>
            </div>
        </section>
    }
    .into_any()
}

/// What exists already is asked about once, for all.
fn question(exist: usize) -> AnyView {
    if exist == 0 {
        return nothing();
    }
    let words = match exist {
        1 => "1 object of the same key exists already.".to_owned(),
        many => format!("{many} objects of the same keys exist already."),
    };
    let button = |label: &'static str, decision: Decision| {
        let decide = Callback::new(move |()| engine::change(|queue| queue.decide(decision)));
        view! { <ActionButton label=label on_press=decide/> }.into_any()
    };
    view! {
        <div class="notice notice-warn" role="alert">
            <div class="notice-body">
                <p>{words}</p>
                <div class="notice-actions">
                    {button("Overwrite all", Decision::Overwrite)}
                    {button("Skip all", Decision::Skip)}
                </div>
            </div>
        </div>
    }
    .into_any()
}

fn words(tally: &Tally) -> String {
    let mut words = format!("{} of {} uploaded", tally.done, tally.files);
    if tally.failed > 0 {
        words += &format!(", {} failed", tally.failed);
    }
    if tally.active > 0 { words + "." } else { words + ", nothing is under way." }
}

fn percent_of(tally: Tally) -> u64 {
    // Empty files are through or not.
    (tally.sent * 100).checked_div(tally.size).unwrap_or(if tally.active == 0 { 100 } else { 0 })
}

fn speed_words(tally: Tally, speed: u64) -> String {
    let bytes = |number: u64| bytes(i64::try_from(number).unwrap_or(i64::MAX));
    let sent = format!("{} % · {} of {}", percent_of(tally), bytes(tally.sent), bytes(tally.size));
    if tally.active > 0 { format!("{sent} · {}/s", bytes(speed)) } else { sent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_how_far_all_are() {
        let tally = Tally { files: 5, done: 2, active: 3, sent: 50, size: 200, ..Tally::default() };
        assert_eq!((words(&tally), percent_of(tally)), ("2 of 5 uploaded.".to_owned(), 25));
        assert_eq!(speed_words(tally, 10), "25 % · 50 B of 200 B · 10 B/s");
        let over = Tally { files: 3, done: 2, failed: 1, ..Tally::default() };
        assert_eq!(words(&over), "2 of 3 uploaded, 1 failed, nothing is under way.");
        assert_eq!(percent_of(over), 100);
        assert_eq!(percent_of(Tally { active: 1, ..over }), 0);
    }
}
