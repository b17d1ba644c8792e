//! A file among the uploads.

use leptos::prelude::*;
use nephoscope_model::s3::{Item, ItemState};

use super::engine;
use crate::{
    charts::unit::bytes,
    components::{ActionButton, Badge, Glyph, badge::Tone},
};

/// What needs somebody stands first, then what is under way; what is through stands last.
pub(super) fn rank(state: ItemState) -> u8 {
    match state {
        ItemState::Exists => 0,
        ItemState::Failed => 1,
        ItemState::Sending => 2,
        ItemState::Waiting => 3,
        ItemState::Done => 4,
        ItemState::Skipped | ItemState::Cancelled => 5,
    }
}

/// What it is called, and how it looks.
fn state_words(state: ItemState) -> (Tone, &'static str) {
    match state {
        ItemState::Waiting => (Tone::Neutral, "Waiting"),
        ItemState::Sending => (Tone::Info, "Uploading"),
        ItemState::Exists => (Tone::Warn, "Exists already"),
        ItemState::Done => (Tone::Good, "Uploaded"),
        ItemState::Failed => (Tone::Bad, "Failed"),
        ItemState::Cancelled => (Tone::Neutral, "Cancelled"),
        ItemState::Skipped => (Tone::Neutral, "Skipped, as it exists"),
    }
}

/// The file, how far it is, and what can be done with it.
pub(super) fn row(item: &Item) -> AnyView {
    let (id, size) = (item.id, item.size);
    let (tone, state) = state_words(item.state);
    let name = format!("{}/{}", item.bucket, item.key);
    let bar = (item.state == ItemState::Sending).then(|| {
        let sent = Signal::derive(move || {
            engine::track_bytes();
            engine::look(|queue| queue.get(id).map_or(0, Item::sent)).to_string()
        });
        let max = size.max(1).to_string();
        view! { <progress class="progress w-full" aria-label=name.clone() value=sent max=max></progress> }
            .into_any()
    });
    let words = about(item);
    view! {
        <li class="py-2 flex flex-wrap items-center gap-2" data-state=state>
            <div class="grow basis-60 min-w-0">
                <p class="wrap-anywhere font-medium">{name.clone()}</p>
                {bar}
                <p class="text-xs quiet wrap-anywhere">{words}</p>
            </div>
            <Badge tone=tone>{state}</Badge>
            {button(item)}
        </li>
    }
    .into_any()
}

/// Its size, and what is to be said of it.
fn about(item: &Item) -> String {
    let size = bytes(i64::try_from(item.size).unwrap_or(i64::MAX));
    let words = match item.state {
        ItemState::Done if !item.words.is_empty() => format!("verified: {}", item.words),
        _ => item.words.clone(),
    };
    if words.is_empty() { size } else { format!("{size} · {words}") }
}

fn button(item: &Item) -> Option<AnyView> {
    let (id, key) = (item.id, &item.key);
    let (label, glyph, again) = match item.state {
        ItemState::Failed | ItemState::Cancelled => ("Retry", Glyph::Refresh, true),
        ItemState::Waiting | ItemState::Sending | ItemState::Exists => ("Cancel", Glyph::Close, false),
        ItemState::Done | ItemState::Skipped => return None,
    };
    let press = Callback::new(move |()| {
        engine::change(|queue| if again { queue.retry(id) } else { queue.cancel(id) });
    });
    let button = view! {
        <ActionButton label=label glyph=glyph title=format!("{label} {key}") on_press=press/>
    };
    Some(button.into_any())
}

#[cfg(test)]
mod tests {
    use nephoscope_model::s3::{NewItem, Queue};

    use super::*;

    #[test]
    fn a_file_that_is_there_tells_its_checksum_and_one_that_failed_why() {
        let new = NewItem {
            place: crate::paths::parse_place("111111111111/us-east-1").expect("a place"),
            bucket: "things".parse().expect("a name"),
            key: "a".to_owned(),
            size: 2_048,
            known: None,
        };
        let mut queue = Queue::default();
        queue.refuse(new, "No such key.".to_owned());
        let failed = queue.items().next().expect("it is there").clone();
        assert!(about(&failed).ends_with(" · No such key."), "{}", about(&failed));
        let mut done = failed.clone();
        (done.state, done.words) = (ItemState::Done, "CRC32 x".to_owned());
        assert!(about(&done).ends_with(" · verified: CRC32 x"));
        let mut waiting = failed;
        (waiting.state, waiting.words) = (ItemState::Waiting, String::new());
        assert!(!about(&waiting).contains('·'));
        assert!(
            rank(ItemState::Failed) < rank(ItemState::Sending)
                && rank(ItemState::Sending) < rank(ItemState::Done)
        );
    }
}
