//! The browser's half of the connection: sockets, timers and events, without a decision of its own.

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use leptos::{ev, leptos_dom::helpers::TimeoutHandle, prelude::*};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{CloseEvent, Event, MessageEvent, WebSocket};

use super::{
    Live, LiveStatus, LiveUpdate,
    protocol::{Command, Input, Machine, Topic},
};

use crate::hydration::when_hydrated;

type Handler = Rc<dyn Fn(LiveUpdate)>;

/// The connection, shared by everything that listens to it.
#[derive(Clone)]
pub(super) struct Shared(Rc<RefCell<Client>>);

struct Client {
    machine: Machine,
    handlers: HashMap<u32, Handler>,
    next_id: u32,
    socket: Option<Socket>,
    timer: Option<TimeoutHandle>,
    status: RwSignal<LiveStatus>,
    notice: RwSignal<Option<String>>,
}

/// A socket and its listeners; dropping it closes it silently.
struct Socket {
    socket: WebSocket,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(CloseEvent)>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}

impl Shared {
    pub(super) fn new(status: RwSignal<LiveStatus>, notice: RwSignal<Option<String>>) -> Self {
        Self(Rc::new(RefCell::new(Client {
            machine: Machine::default(),
            handlers: HashMap::new(),
            next_id: 1,
            socket: None,
            timer: None,
            status,
            notice,
        })))
    }

    pub(super) fn subscribe(&self, topic: Topic, on_update: impl Fn(LiveUpdate) + 'static) -> u32 {
        let id = {
            let mut client = self.0.borrow_mut();
            let id = client.next_id;
            client.next_id += 1;
            client.handlers.insert(id, Rc::new(on_update));
            id
        };
        // What comes live differs from what the server rendered.
        let this = self.clone();
        when_hydrated(move || {
            if this.0.borrow().handlers.contains_key(&id) {
                this.apply(Input::Subscribe(id, topic));
            }
        });
        id
    }

    pub(super) fn unsubscribe(&self, id: u32) {
        if self.0.borrow_mut().handlers.remove(&id).is_some() {
            self.apply(Input::Unsubscribe(id));
        }
    }

    fn apply(&self, input: Input) {
        let (commands, status, notice, was) = {
            let mut client = self.0.borrow_mut();
            let commands = client.machine.step(js_sys::Date::now(), js_sys::Math::random(), input);
            let notice = client.machine.notice().map(str::to_owned);
            (commands, client.machine.status(), notice, (client.status, client.notice))
        };
        if was.0.try_get_untracked().is_some_and(|known| known != status) {
            was.0.set(status);
        }
        if was.1.try_get_untracked().is_some_and(|known| known != notice) {
            was.1.set(notice);
        }
        for command in commands {
            self.carry_out(command);
        }
    }

    fn carry_out(&self, command: Command) {
        match command {
            Command::Open => {
                self.forget_timer();
                let socket = self.open();
                let failed = socket.is_none();
                // The one before must be gone before the next is there, and outside the borrow.
                let before = std::mem::replace(&mut self.0.borrow_mut().socket, socket);
                drop(before);
                if failed {
                    self.apply(Input::Lost);
                }
            }
            Command::Close => {
                self.forget_timer();
                let before = self.0.borrow_mut().socket.take();
                drop(before);
            }
            Command::Send(text) => {
                if let Some(socket) = &self.0.borrow().socket {
                    // A socket that cannot send is about to say that it closed.
                    let _ = socket.socket.send_with_str(&text);
                }
            }
            Command::RetryIn(millis) => {
                let this = self.clone();
                let timer = set_timeout_with_handle(
                    move || this.apply(Input::RetryDue),
                    Duration::from_millis(u64::from(millis)),
                );
                self.forget_timer();
                self.0.borrow_mut().timer = timer.ok();
            }
            Command::Deliver(id, update) => {
                let handler = self.0.borrow().handlers.get(&id).cloned();
                if let Some(handler) = handler {
                    handler(update);
                }
            }
        }
    }

    fn forget_timer(&self) {
        if let Some(timer) = self.0.borrow_mut().timer.take() {
            timer.clear();
        }
    }

    fn open(&self) -> Option<Socket> {
        let location = window().location();
        let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
        let socket = WebSocket::new(&format!("{scheme}://{}/api/live", location.host().ok()?)).ok()?;

        let this = self.clone();
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(text) = event.data().as_string() {
                this.apply(Input::Frame(text));
            }
        });
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));

        let this = self.clone();
        // A socket that could not be opened closes as well, so its error event says nothing new.
        let on_close = Closure::new(move |_: CloseEvent| this.apply(Input::Lost));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));

        Some(Socket { socket, _on_message: on_message, _on_close: on_close })
    }
}

/// Tells the connection when the network goes and comes, and when the page is looked at again.
pub(super) fn listen_to_browser(live: Live) {
    let tell = move |input: Input| {
        let _ = live.client.try_with_value(|client| client.apply(input));
    };
    Effect::new(move |_| {
        let handles = [
            window_event_listener(ev::online, move |_: Event| tell(Input::WentOnline)),
            window_event_listener(ev::offline, move |_: Event| tell(Input::WentOffline)),
            window_event_listener(ev::visibilitychange, move |_: Event| {
                if !document().hidden() {
                    tell(Input::Woke);
                }
            }),
        ];
        on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
    });
}
