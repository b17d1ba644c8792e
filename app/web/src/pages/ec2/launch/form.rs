//! The form, its check, and the launch.

use leptos::{
    prelude::*,
    task::spawn_local,
    wasm_bindgen::JsCast,
    web_sys::{Element, Event, HtmlFormElement, SubmitEvent},
};
use nephoscope_model::{
    Place,
    ec2::{
        Image, Instance, InstanceType, LaunchCheck, LaunchChoices, LaunchRequest, ListPrice, MOST_LAUNCHED,
        PriceKey,
    },
};

use super::{
    understand::understand,
    words::{counted, price_words, type_words, words},
};
use crate::{
    api::{
        ec2::get_price,
        instance::list_instance_types,
        launch::{check_launch, launch_instances},
    },
    browser,
    components::{
        ConfirmDialog, Deed, PlaceTag, choice, dynamic, flag, nothing, reason_in, text, use_toasts,
    },
    hydration::when_hydrated,
    paths,
    scope::use_scope,
};

/// What is known and asked here. Cheap to copy.
#[derive(Clone, Copy)]
struct Desk {
    place: StoredValue<Place>,
    /// What is about to be launched, and what AWS said to it.
    wanted: RwSignal<Option<(LaunchRequest, LaunchCheck)>>,
    open: RwSignal<bool>,
    check: Deed,
    launch: Deed,
    launched: RwSignal<Vec<Instance>>,
    types: RwSignal<Vec<InstanceType>>,
    /// The type that is written in the form, and the image that is chosen there.
    written: RwSignal<(String, String)>,
    /// What one of them costs.
    price: RwSignal<Option<ListPrice>>,
}

impl Desk {
    /// Asks whether it would be launched, and then whether it shall be.
    fn review(self, form: &HtmlFormElement) {
        self.launched.set(Vec::new());
        let request = match understand(|name| browser::form_all(form, name)) {
            Ok(request) => request,
            Err(error) => return self.check.error.set(Some(error)),
        };
        let asked = request.clone();
        self.check.ask(check_launch(self.place.get_value(), request), move |check| {
            self.launch.error.set(None);
            self.wanted.set(Some((asked, check)));
            self.open.set(true);
        });
    }

    /// What is known of the type that is written: its size, and what it costs with the chosen image.
    fn type_words(self) -> String {
        let (name, _) = self.written.get();
        let kind = self.types.with(|types| types.iter().find(|kind| kind.name.as_str() == name).cloned());
        kind.map(|kind| type_words(&kind, self.price.get().as_ref())).unwrap_or_default()
    }

    /// Asks for the price of the type that is written, whenever it is another and it is known what the image is billed as.
    fn follow_price(self, images: Vec<Image>) {
        let region = self.place.with_value(|place| place.region.clone());
        let key = Memo::new(move |_| {
            let (name, image) = self.written.get();
            let is_known = self.types.with(|types| types.iter().any(|kind| kind.name.as_str() == name));
            let image = images.iter().find(|known| known.id.as_str() == image).filter(|_| is_known)?;
            Some(PriceKey { region: region.clone(), instance_type: name, platform: image.platform.clone()? })
        });
        Effect::new(move |_| {
            self.price.set(None);
            let Some(key) = key.get() else { return };
            spawn_local(async move {
                // What it costs is said again, and certainly, when it is checked.
                let Ok(price) = get_price(self.place.get_value(), key.clone()).await else { return };
                if key_is(&self.written, &key) {
                    let _ = self.price.try_set(Some(price));
                }
            });
        });
    }

    fn launch(self) {
        let Some((request, _)) = self.wanted.get_untracked() else { return };
        let toasts = use_toasts();
        self.launch.ask(launch_instances(self.place.get_value(), request), move |launched: Vec<Instance>| {
            self.open.set(false);
            toasts.success(format!("{} launched.", counted(launched.len())));
            self.launched.set(launched);
        });
    }
}

/// Whether this is still what is written.
fn key_is(written: &RwSignal<(String, String)>, key: &PriceKey) -> bool {
    written.try_with_untracked(|(name, _)| *name == key.instance_type) == Some(true)
}

/// The form of a place.
pub(super) fn launch_form(place: Place, choices: LaunchChoices) -> AnyView {
    let reason = reason_in(place.account.clone());
    let desk = Desk {
        place: StoredValue::new(place),
        wanted: RwSignal::new(None),
        open: RwSignal::new(false),
        check: Deed::new(),
        launch: Deed::new(),
        launched: RwSignal::new(Vec::new()),
        types: RwSignal::new(Vec::new()),
        written: RwSignal::new(Default::default()),
        price: RwSignal::new(None),
    };
    desk.follow_price(choices.images.clone());
    when_hydrated(move || {
        spawn_local(async move {
            // Without suggestions a type can be typed all the same.
            if let Ok(types) = list_instance_types(desk.place.get_value(), None).await {
                let _ = desk.types.try_set(types);
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = form {
            desk.review(&form);
        }
    };
    let follow = move |event: Event| {
        let field = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let form = field.and_then(|field| field.closest("form").ok().flatten());
        let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = form {
            let field = |name| browser::form_all(&form, name).pop().unwrap_or_default().trim().to_owned();
            let image = Some(field("imageId")).filter(|id| !id.is_empty()).unwrap_or_else(|| field("image"));
            desk.written.set((field("type"), image));
        }
    };
    let off = Signal::derive(move || desk.check.busy.get() || reason.get().is_some());
    view! {
        <form class="panel-body source-form" autocomplete="off" aria-label="Launch instances" on:submit=submit on:input=follow>
            {fields(choices, desk)}
            {desk.check.notice()}
            {dynamic(move || match reason.get() {
                Some(reason) => view! { <p class="quiet">{reason}</p> }.into_any(),
                None => nothing(),
            })}
            <p class="form-actions needs-js">
                <button type="submit" class="btn btn-sm btn-primary" disabled=off aria-busy=flag(desk.check.busy.into())>
                    "Check and review"
                </button>
            </p>
            <noscript>
                <p class="quiet">"Launching needs JavaScript: AWS is asked first, and you then."</p>
            </noscript>
        </form>
        {dynamic(move || launched_view(&desk.launched.get()))}
        {dialog(desk)}
    }
    .into_any()
}

fn dialog(desk: Desk) -> AnyView {
    let said = text(move || {
        desk.wanted
            .with(|wanted| wanted.as_ref().map(|(request, check)| words(request, check)).unwrap_or_default())
    });
    let price = text(move || {
        desk.wanted.with(|wanted| wanted.as_ref().map(|(_, check)| price_words(check)).unwrap_or_default())
    });
    view! {
        <ConfirmDialog
            open=desk.open
            title="Launch?"
            confirm_label="Launch"
            busy=desk.launch.busy
            error=desk.launch.error
            on_confirm=Callback::new(move |_| desk.launch())
        >
            <p>{said}</p>
            <p><PlaceTag place=desk.place.get_value()/></p>
            <p>{price}</p>
        </ConfirmDialog>
    }
    .into_any()
}

fn launched_view(launched: &[Instance]) -> AnyView {
    if launched.is_empty() {
        return nothing();
    }
    let scope = use_scope().get_untracked();
    let links: Vec<AnyView> = launched
        .iter()
        .map(|instance| {
            let href = paths::instance(&instance.place(), &instance.id, &scope);
            let id = instance.id.to_string();
            view! {
                <li>
                    <a href=href>{id}</a>
                </li>
            }
            .into_any()
        })
        .collect();
    view! {
        <div class="panel-body" role="status">
            <p>"On their way to running:"</p>
            <ul>{links}</ul>
        </div>
    }
    .into_any()
}

fn fields(choices: LaunchChoices, desk: Desk) -> AnyView {
    let LaunchChoices { templates, images, key_pairs, subnets, security_groups, .. } = choices;
    let none = |label: &str| (String::new(), label.to_owned());
    let with_none = |label: &str, options: Vec<(String, String)>| {
        std::iter::once(none(label)).chain(options).collect::<Vec<_>>()
    };
    let templates = templates.into_iter().map(|it| {
        let label = format!("{} (default {}, latest {})", it.name, it.default_version, it.latest_version);
        (it.id.to_string(), label)
    });
    let versions = vec![none("default"), ("$Latest".to_owned(), "latest".to_owned())];
    let images = images.into_iter().map(|it| {
        let about: Vec<String> = [it.architecture, it.platform].into_iter().flatten().collect();
        (it.id.to_string(), format!("{} · {}", it.name, about.join(" · ")))
    });
    let subnets = subnets.into_iter().map(|it| {
        let name = if it.name.is_empty() { it.id.to_string() } else { it.name };
        (it.id.to_string(), format!("{name} · {} · {} · {} free", it.zone, it.cidr, it.free_addresses))
    });
    let key_pairs = key_pairs.into_iter().map(|name| (name.clone(), name)).collect();
    let groups: Vec<AnyView> = security_groups
        .into_iter()
        .map(|group| {
            let id = group.id.to_string();
            let label = format!("{} · {}", group.name, group.vpc_id.unwrap_or_default());
            view! {
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="group" value=id/>
                    {label}
                </label>
            }
            .into_any()
        })
        .collect();
    let suggestions = dynamic(move || {
        let options = desk.types.with(|types| {
            types.iter().map(|kind| (kind.name.to_string(), kind.summary())).collect::<Vec<_>>()
        });
        let options: Vec<AnyView> = options
            .into_iter()
            .map(|(value, label)| view! { <option value=value>{label}</option> }.into_any())
            .collect();
        options.into_any()
    });
    view! {
        {choice("Launch template", "template", with_none("none", templates.collect()), "")}
        {choice("Version of the template", "templateVersion", versions, "")}
        {choice("Image of this account", "image", with_none("none", images.collect()), "")}
        {field("Or the id of any image", "imageId", "text", "ami-…", "")}
        <label class="field">
            <span>"Instance type"</span>
            <input
                class="input input-sm"
                name="type"
                list="launch-types"
                aria-describedby="launch-type-said"
                placeholder="t3.medium"
                autocapitalize="off"
                spellcheck="false"
            />
        </label>
        <datalist id="launch-types">{suggestions}</datalist>
        // It has its place before there is anything to say, so that nothing below moves while somebody presses a button there.
        <p id="launch-type-said" class="quiet text-xs min-h-8" role="status">{text(move || desk.type_words())}</p>
        {field("How many", "count", "number", "", "1")}
        {field("Name", "name", "text", "web", "")}
        {choice("Key pair", "key", with_none("none", key_pairs), "")}
        {choice("Subnet", "subnet", with_none("of the default network", subnets.collect()), "")}
        <fieldset class="field-group">
            <legend>"Security groups"</legend>
            {groups}
        </fieldset>
        <label class="check">
            <input type="checkbox" class="checkbox checkbox-sm" name="protect" value="yes"/>
            "Protect against termination"
        </label>
    }
    .into_any()
}

fn field(
    label: &'static str,
    name: &'static str,
    kind: &'static str,
    placeholder: &'static str,
    value: &'static str,
) -> AnyView {
    let most = MOST_LAUNCHED.to_string();
    let (min, max) = if kind == "number" { (Some("1"), Some(most)) } else { (None, None) };
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input input-sm"
                type=kind
                name=name
                value=value
                placeholder=placeholder
                min=min
                max=max
                autocapitalize="off"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}
