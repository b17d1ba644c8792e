//! The uploads of this tab. They go on while somebody looks at other pages, so that they belong to none: this lives as long as the document.

use std::cell::{Cell, RefCell};

use js_sys::{Function, Promise, futures::JsFuture};
use leptos::{prelude::*, task::spawn_local};
use nephoscope_model::s3::{
    AT_ONCE, Bucket, Fingerprint, ItemState, NewItem, Next, Queue, Unfinished, Work, key_of_path,
};
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{DragEvent, Event, File, HtmlInputElement, XmlHttpRequest};

use super::{files, send};
use crate::browser;

/// Where this browser keeps which uploads it did not finish.
const KEPT: &str = "nephoscope.uploads";
/// How often progress is shown at most, in milliseconds.
const SHOWN_EVERY: i64 = 200;

/// A file of the queue, in the browser's hands.
#[derive(Clone)]
pub(super) struct Source {
    id: u32,
    pub(super) file: File,
    pub(super) print: Fingerprint,
}

/// Where files go that are dropped or chosen now.
#[derive(Clone)]
struct Aim {
    token: u32,
    bucket: Bucket,
    prefix: String,
}

#[derive(Default)]
struct Engine {
    queue: RefCell<Queue>,
    sources: RefCell<Vec<Source>>,
    /// Requests that may be broken off.
    flying: RefCell<Vec<(u32, XmlHttpRequest)>>,
    aim: RefCell<Option<Aim>>,
    aims: Cell<u32>,
    lanes: Cell<usize>,
    /// What ends the pauses that lanes make.
    sleepers: RefCell<Vec<Function>>,
    listens: Cell<bool>,
    shown: Cell<i64>,
}

thread_local! {
    static ENGINE: Engine = Engine::default();
    /// Changes when a file gets another state, and when bytes have moved.
    static SIGNALS: (ArcRwSignal<u32>, ArcRwSignal<u32>) = (ArcRwSignal::new(0), ArcRwSignal::new(0));
}

/// Follows which files there are, and their states.
pub(super) fn track_states() {
    SIGNALS.with(|(states, _)| states.track());
}

/// Follows how many bytes have moved.
pub(super) fn track_bytes() {
    SIGNALS.with(|(_, bytes)| bytes.track());
}

/// Looks at the queue.
pub(super) fn look<T>(at: impl FnOnce(&Queue) -> T) -> T {
    ENGINE.with(|engine| at(&engine.queue.borrow()))
}

/// Changes the queue, and goes on with what there is to do.
pub(super) fn change(how: impl FnOnce(&mut Queue)) {
    let given_up: Vec<XmlHttpRequest> = ENGINE.with(|engine| {
        how(&mut engine.queue.borrow_mut());
        let queue = engine.queue.borrow();
        engine.sources.borrow_mut().retain(|source| queue.get(source.id).is_some());
        let is_given_up = |id: u32| queue.get(id).is_none_or(|item| item.state == ItemState::Cancelled);
        let flying = engine.flying.borrow();
        flying.iter().filter(|(id, _)| is_given_up(*id)).map(|(_, request)| request.clone()).collect()
    });
    // It calls back what is told of progress.
    for request in given_up {
        let _ = request.abort();
    }
    go_on();
}

fn show() {
    SIGNALS.with(|(states, bytes)| {
        states.update(|count| *count = count.wrapping_add(1));
        bytes.update(|count| *count = count.wrapping_add(1));
    });
}

/// From now on, files go below this prefix. Gives what ends that.
pub(super) fn aim(bucket: Bucket, prefix: String) -> u32 {
    listen();
    ENGINE.with(|engine| {
        let token = engine.aims.get() + 1;
        engine.aims.set(token);
        *engine.aim.borrow_mut() = Some(Aim { token, bucket, prefix });
        token
    })
}

/// Files go nowhere any more, unless something else was aimed at meanwhile.
pub(super) fn rest(token: u32) {
    ENGINE.with(|engine| {
        let mut aim = engine.aim.borrow_mut();
        if aim.as_ref().is_some_and(|aim| aim.token == token) {
            *aim = None;
        }
    });
}

fn aimed() -> Option<Aim> {
    ENGINE.with(|engine| engine.aim.borrow().clone())
}

/// One listener for all, once: each would be code of its own.
pub(super) fn listen() {
    if ENGINE.with(|engine| engine.listens.replace(true)) {
        return;
    }
    let handler = Closure::<dyn FnMut(Event)>::new(hear);
    for name in ["change", "dragover", "dragleave", "drop", "online", "beforeunload"] {
        let _ = window().add_event_listener_with_callback(name, handler.as_ref().unchecked_ref());
    }
    handler.forget();
}

fn hear(event: Event) {
    let name = event.type_();
    match name.as_str() {
        "online" => change(Queue::wake),
        "beforeunload" if look(Queue::is_active) => event.prevent_default(),
        "change" => {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            if let (Some(aim), Some(input)) = (aimed(), input.filter(|it| it.has_attribute("data-upload"))) {
                add(&aim, files::chosen(&input));
                // The same may be chosen again.
                input.set_value("");
            }
        }
        _ => {
            if let Some(event) = event.dyn_ref::<DragEvent>() {
                drag(aimed(), name == "drop", event);
            }
        }
    }
}

/// Without an aim they go nowhere, least of all into the window in the place of the page.
fn drag(aim: Option<Aim>, is_drop: bool, event: &DragEvent) {
    let leaves = event.type_() == "dragleave";
    if leaves || is_drop {
        browser::set_root_attribute("data-drop", None);
    }
    let Some(data) = event.data_transfer().filter(files::has_files).filter(|_| !leaves) else { return };
    // A field for a file takes it by itself.
    let target = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if aim.is_none() && target.is_some_and(|it| it.type_() == "file") {
        return;
    }
    event.prevent_default();
    let Some(aim) = aim else {
        data.set_drop_effect("none");
        return;
    };
    if !is_drop {
        browser::set_root_attribute("data-drop", Some(""));
        return;
    }
    // The browser forgets them when the event is over.
    let dropped = files::dropped(&data);
    spawn_local(async move { add(&aim, files::walk(dropped).await) });
}

/// Adds files with their paths.
fn add(aim: &Aim, files: Vec<(String, File)>) {
    let kept = Unfinished::parse(&browser::shared_get(KEPT).unwrap_or_default());
    change(|queue| {
        for (path, file) in files {
            let (place, bucket) = (aim.bucket.place(), aim.bucket.name.clone());
            let key = key_of_path(&aim.prefix, &path);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "sizes and times are below 2^53"
            )]
            let (size, modified) = (file.size() as u64, file.last_modified() as i64);
            let why = key.as_ref().err().map(|error| error.message.clone());
            let key = key.unwrap_or(path);
            let print = Fingerprint::new(&place, &bucket, &key, size, modified);
            let known = kept.find(&print).map(str::to_owned);
            let new = NewItem { place, bucket, key, size, known };
            match why {
                Some(why) => queue.refuse(new, why),
                None => {
                    if let Some(id) = queue.add(new) {
                        let source = Source { id, file, print };
                        ENGINE.with(|engine| engine.sources.borrow_mut().push(source));
                    }
                }
            }
        }
    });
}

/// Keeps or forgets that a file has an unfinished upload.
pub(super) fn remember(print: &Fingerprint, upload: Option<&str>) {
    let mut kept = Unfinished::parse(&browser::shared_get(KEPT).unwrap_or_default());
    match upload {
        Some(id) => kept.keep(print.clone(), id, browser::now_millis()),
        None => kept.forget(print),
    }
    browser::shared_set(KEPT, &kept.text());
}

/// A request that may be broken off is under way, or ends.
pub(super) fn flies(item: u32, request: &XmlHttpRequest, flies: bool) {
    ENGINE.with(|engine| {
        let mut flying = engine.flying.borrow_mut();
        if flies {
            flying.push((item, request.clone()));
        } else {
            flying.retain(|(_, known)| known != request);
        }
    });
}

/// So many bytes of a step have gone out.
pub(super) fn moved(work: &Work, bytes: u64) {
    let now = browser::now_millis();
    ENGINE.with(|engine| {
        engine.queue.borrow_mut().progress(work, bytes, now);
        if now - engine.shown.get() < SHOWN_EVERY {
            return;
        }
        engine.shown.set(now);
        SIGNALS.with(|(_, bytes)| bytes.update(|count| *count = count.wrapping_add(1)));
    });
}

/// Ends all pauses, and has as many lanes as there may be look for something to do.
fn go_on() {
    show();
    let sleepers = ENGINE.with(|engine| engine.sleepers.take());
    for wake in sleepers {
        let _ = wake.call0(&wasm_bindgen::JsValue::UNDEFINED);
    }
    while ENGINE.with(|engine| engine.lanes.get()) < AT_ONCE {
        ENGINE.with(|engine| engine.lanes.set(engine.lanes.get() + 1));
        spawn_local(lane());
    }
}

/// Does one step after another, until there is none.
async fn lane() {
    loop {
        let now = browser::now_millis();
        match ENGINE.with(|engine| engine.queue.borrow_mut().next(now)) {
            Next::Work(work) => {
                show();
                let source = ENGINE.with(|engine| {
                    engine.sources.borrow().iter().find(|source| source.id == work.item).cloned()
                });
                let item = look(|queue| queue.get(work.item).cloned());
                let outcome = send::perform(&work, item, source).await;
                let now = browser::now_millis();
                change(|queue| queue.report(&work, outcome, now));
            }
            Next::Wait(millis) => pause(millis).await,
            Next::Nothing => break,
        }
    }
    ENGINE.with(|engine| engine.lanes.set(engine.lanes.get() - 1));
}

async fn pause(millis: i64) {
    let millis = i32::try_from(millis).unwrap_or(i32::MAX);
    let ended = Promise::new(&mut |resolve: Function, _| {
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
        ENGINE.with(|engine| engine.sleepers.borrow_mut().push(resolve));
    });
    let _ = JsFuture::from(ended).await;
}
