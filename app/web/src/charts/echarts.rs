//! ECharts as Rust sees it: loaded when first needed, and never left running behind a page that is gone. It is called through
//! `Reflect`, because generated bindings would need `unsafe` blocks, which this crate forbids.

use std::cell::RefCell;

use js_sys::{Array, Function, JSON, Object, Promise, Reflect, futures::JsFuture};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlElement, HtmlScriptElement, ResizeObserver};

/// Where our server serves ECharts.
const SCRIPT: &str = "/vendor/echarts.min.js";

thread_local! {
    /// The script on its way, or there: asked for once, however many charts a page has.
    static LOADING: RefCell<Option<Promise>> = const { RefCell::new(None) };
}

/// A chart on the page. Dropping it frees it.
pub(super) struct EChart {
    chart: JsValue,
    observer: Option<ResizeObserver>,
    _on_resize: Closure<dyn FnMut()>,
}

impl EChart {
    /// Puts an empty chart into an element.
    ///
    /// # Errors
    /// When the script cannot be loaded or does not work.
    pub(super) async fn create(element: &HtmlElement) -> Result<Self, JsValue> {
        let library = load().await?;
        let chart = call(&library, "init", &[element.into()])?;
        let resized = chart.clone();
        let on_resize = Closure::<dyn FnMut()>::new(move || {
            let _ = call(&resized, "resize", &[]);
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Ok(Self { chart, observer, _on_resize: on_resize })
    }

    /// Shows something else: nothing of what was shown before stays.
    pub(super) fn set_options(&self, options: &str) {
        if let Ok(options) = JSON::parse(options) {
            let how = Object::new();
            let _ = Reflect::set(&how, &"notMerge".into(), &true.into());
            let _ = call(&self.chart, "setOption", &[options, how.into()]);
        }
    }
}

impl Drop for EChart {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
        let _ = call(&self.chart, "dispose", &[]);
    }
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    function.apply(object, &arguments.iter().collect::<Array>())
}

fn library() -> Option<JsValue> {
    Reflect::get(&window(), &"echarts".into()).ok().filter(JsValue::is_object)
}

async fn load() -> Result<JsValue, JsValue> {
    if let Some(library) = library() {
        return Ok(library);
    }
    let loading = LOADING.with_borrow_mut(|loading| loading.get_or_insert_with(begin_loading).clone());
    let outcome = JsFuture::from(loading).await;
    if outcome.is_err() {
        // The next chart may try again.
        LOADING.with_borrow_mut(Option::take);
    }
    outcome?;
    library().ok_or_else(|| JsValue::from_str("the script did not define echarts"))
}

fn begin_loading() -> Promise {
    Promise::new(&mut |resolve, reject| {
        let added = document().create_element("script").and_then(|element| {
            let script: HtmlScriptElement = element.dyn_into()?;
            script.set_src(SCRIPT);
            script.set_async(true);
            script.set_onload(Some(&resolve));
            script.set_onerror(Some(&reject));
            document().head().ok_or(JsValue::NULL)?.append_child(&script)
        });
        if let Err(error) = added {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    })
}

/// Follows whether the system asks for dark pages. Dropping it stops that.
pub(super) struct SystemTheme {
    query: web_sys::MediaQueryList,
    on_change: Closure<dyn FnMut()>,
}

impl SystemTheme {
    /// Calls `tell` now and at every change.
    pub(super) fn follow(tell: impl Fn(bool) + 'static) -> Option<Self> {
        let query = window().match_media("(prefers-color-scheme: dark)").ok()??;
        tell(query.matches());
        let watched = query.clone();
        let on_change = Closure::<dyn FnMut()>::new(move || tell(watched.matches()));
        query.add_event_listener_with_callback("change", on_change.as_ref().unchecked_ref()).ok()?;
        Some(Self { query, on_change })
    }
}

impl Drop for SystemTheme {
    fn drop(&mut self) {
        let _ =
            self.query.remove_event_listener_with_callback("change", self.on_change.as_ref().unchecked_ref());
    }
}
