//! The few things that only a browser can do, under one name each. On the server every one of them is there and does
//! nothing, so that components need no `cfg`. Call them from effects and event handlers, never while rendering.

#[cfg(feature = "hydrate")]
mod real {
    use js_sys::{Array, Date, Function, Object, Promise, Reflect, futures::JsFuture};
    use leptos::{
        prelude::{document, window},
        web_sys::{FormData, HtmlElement, HtmlFormElement},
    };
    use wasm_bindgen::{JsCast, JsValue};

    /// Milliseconds since the epoch by the browser's clock.
    #[must_use]
    pub fn now_millis() -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "a clock's milliseconds are far below 2^53")]
        let now = Date::now() as i64;
        now
    }

    /// A number from 0 to 1.
    #[must_use]
    pub fn random() -> f64 {
        js_sys::Math::random()
    }

    /// `2026-11-20 12:44:08` in the browser's time zone.
    #[must_use]
    pub fn local_text(millis: i64) -> String {
        #[expect(clippy::cast_precision_loss, reason = "times that can be shown are below 2^53 ms")]
        let date = Date::new(&JsValue::from_f64(millis as f64));
        format!(
            "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
            date.get_full_year(),
            date.get_month() + 1,
            date.get_date(),
            date.get_hours(),
            date.get_minutes(),
            date.get_seconds()
        )
    }

    /// The millisecond that a local `2026-11-20T12:44` (a `datetime-local` field) means.
    #[must_use]
    pub fn local_millis(text: &str) -> Option<i64> {
        let millis = Date::new(&JsValue::from_str(text)).get_time();
        #[expect(clippy::cast_possible_truncation, reason = "checked to be finite; dates are below 2^53 ms")]
        millis.is_finite().then_some(millis as i64)
    }

    /// Sets a cookie for a year, for this site and its own pages only.
    pub fn set_cookie(name: &str, value: &str) {
        let document: JsValue = document().into();
        let secure = if window().location().protocol().as_deref() == Ok("https:") { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax{secure}");
        let _ = Reflect::set(&document, &"cookie".into(), &cookie.into());
    }

    /// Sets or removes an attribute of `<html>`.
    pub fn set_root_attribute(name: &str, value: Option<&str>) {
        if let Some(root) = document().document_element() {
            let _ = match value {
                Some(value) => root.set_attribute(name, value),
                None => root.remove_attribute(name),
            };
        }
    }

    /// Gives the focus to the first element that a selector finds.
    pub fn focus(selector: &str) {
        let found = document().query_selector(selector).ok().flatten();
        if let Some(element) = found.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    }

    /// Presses the button that this property of the window holds, if it is still there.
    pub fn press_again(property: &str) {
        let Ok(button) = Reflect::get(&window(), &property.into()) else { return };
        if let Ok(button) = button.dyn_into::<HtmlElement>()
            && button.is_connected()
        {
            button.click();
        }
    }

    /// Puts a text into the clipboard. Says whether it worked: browsers refuse on plain HTTP to a foreign host.
    pub async fn copy_text(text: String) -> bool {
        let navigator: JsValue = window().navigator().into();
        let clipboard = Reflect::get(&navigator, &"clipboard".into()).unwrap_or(JsValue::UNDEFINED);
        if clipboard.is_undefined() {
            return false;
        }
        JsFuture::from(window().navigator().clipboard().write_text(&text)).await.is_ok()
    }

    /// `POST` without a body, with the browser's cookies. The status and the text of the answer; `None` when there was none.
    pub async fn post(path: &str) -> Option<(u16, String)> {
        send(path, &Object::new()).await
    }

    /// `POST` of a form with its files, with the browser's cookies.
    pub async fn post_form(path: &str, form: &HtmlFormElement) -> Option<(u16, String)> {
        let init = Object::new();
        let data = FormData::new_with_form(form).ok()?;
        let _ = Reflect::set(&init, &"body".into(), &data);
        send(path, &init).await
    }

    async fn send(path: &str, init: &Object) -> Option<(u16, String)> {
        let _ = Reflect::set(init, &"method".into(), &"POST".into());
        let headers = Object::new();
        let _ = Reflect::set(&headers, &"accept".into(), &"application/json".into());
        let _ = Reflect::set(init, &"headers".into(), &headers);
        let fetch = Reflect::get(&window(), &"fetch".into()).ok()?.dyn_into::<Function>().ok()?;
        let answer = fetch.call2(&window(), &path.into(), init).ok()?.dyn_into::<Promise>().ok()?;
        let answer = JsFuture::from(answer).await.ok()?;
        let status = Reflect::get(&answer, &"status".into()).ok()?.as_f64()?;
        let text = Reflect::get(&answer, &"text".into()).ok()?.dyn_into::<Function>().ok()?;
        let text = text.call0(&answer).ok()?.dyn_into::<Promise>().ok()?;
        let text = JsFuture::from(text).await.ok()?.as_string().unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an HTTP status has three digits"
        )]
        let status = status as u16;
        Some((status, text))
    }

    /// What tabs of this browser tell each other.
    #[must_use]
    pub fn shared_get(key: &str) -> Option<String> {
        window().local_storage().ok()??.get_item(key).ok()?
    }

    /// Tells the other tabs.
    pub fn shared_set(key: &str, value: &str) {
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(key, value);
        }
    }

    /// Leaves for another document.
    pub fn go(href: &str) {
        let _ = window().location().set_href(href);
    }

    /// The path and query of this page.
    #[must_use]
    pub fn here() -> String {
        let location = window().location();
        location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
    }

    /// Whether the page is in front of somebody.
    #[must_use]
    pub fn is_visible() -> bool {
        !document().hidden()
    }

    /// What was chosen in a form since it came from the server, as [`form_values`]; `None` when nothing was. The form then shows again what
    /// it came with.
    #[must_use]
    pub fn take_edits(form: &HtmlFormElement) -> Option<Vec<(String, String)>> {
        let edited = form_values(form);
        form.reset();
        (form_values(form) != edited).then_some(edited)
    }

    /// All values of one name in a form, in order.
    #[must_use]
    pub fn form_all(form: &HtmlFormElement, name: &str) -> Vec<String> {
        let Ok(data) = FormData::new_with_form(form) else { return Vec::new() };
        data.get_all(name).iter().filter_map(|value| value.as_string()).collect()
    }

    /// The named values of a form, in order; empty ones are left out and repeated names become one comma-separated value.
    #[must_use]
    pub fn form_values(form: &HtmlFormElement) -> Vec<(String, String)> {
        let mut values: Vec<(String, String)> = Vec::new();
        let Ok(data) = FormData::new_with_form(form) else { return values };
        let Ok(Some(entries)) = js_sys::try_iter(&data) else { return values };
        for entry in entries.flatten() {
            let entry: Array = entry.unchecked_into();
            let (Some(name), Some(value)) = (entry.get(0).as_string(), entry.get(1).as_string()) else {
                continue;
            };
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            match values.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => {
                    known.push(',');
                    known.push_str(value);
                }
                None => values.push((name, value.to_owned())),
            }
        }
        values
    }
}

#[cfg(feature = "hydrate")]
pub use real::*;

#[cfg(not(feature = "hydrate"))]
mod absent {
    #![expect(missing_docs, reason = "the browser's half says what each of them does")]
    #![expect(clippy::unused_async, reason = "the browser's half waits")]

    #[must_use]
    pub fn now_millis() -> i64 {
        0
    }
    #[must_use]
    pub fn random() -> f64 {
        0.5
    }
    #[must_use]
    pub fn local_text(_millis: i64) -> String {
        String::new()
    }
    #[must_use]
    pub fn local_millis(_text: &str) -> Option<i64> {
        None
    }
    pub fn set_cookie(_name: &str, _value: &str) {}
    pub fn set_root_attribute(_name: &str, _value: Option<&str>) {}
    pub fn focus(_selector: &str) {}
    pub async fn copy_text(_text: String) -> bool {
        false
    }
    pub async fn post(_path: &str) -> Option<(u16, String)> {
        None
    }
    pub async fn post_form(_path: &str, _form: &leptos::web_sys::HtmlFormElement) -> Option<(u16, String)> {
        None
    }
    #[must_use]
    pub fn shared_get(_key: &str) -> Option<String> {
        None
    }
    pub fn shared_set(_key: &str, _value: &str) {}
    pub fn go(_href: &str) {}
    #[must_use]
    pub fn here() -> String {
        String::new()
    }
    #[must_use]
    pub fn is_visible() -> bool {
        true
    }
    #[must_use]
    pub fn take_edits(_form: &leptos::web_sys::HtmlFormElement) -> Option<Vec<(String, String)>> {
        None
    }
    #[must_use]
    pub fn form_all(_form: &leptos::web_sys::HtmlFormElement, _name: &str) -> Vec<String> {
        Vec::new()
    }
    #[must_use]
    pub fn form_values(_form: &leptos::web_sys::HtmlFormElement) -> Vec<(String, String)> {
        Vec::new()
    }
}

#[cfg(not(feature = "hydrate"))]
pub use absent::*;
