//! The form of an alias.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlFormElement};
use nephoscope_model::{
    Error, Result,
    lambda::{Alias, AliasWeight, AliasWish},
};

use super::deed::Deed;
use crate::components::{Panel, choice, flag};

/// What the form shows and does.
pub(super) struct AliasForm {
    /// The alias that is moved; nothing for a new one.
    pub(super) alias: Option<Alias>,
    /// The versions that there are, `$LATEST` and then the newest first.
    pub(super) versions: Vec<String>,
    /// What it asks for.
    pub(super) deed: Deed,
    /// Takes the form when it is sent.
    pub(super) on_submit: Callback<HtmlFormElement>,
    /// Closes it.
    pub(super) on_cancel: Callback<()>,
}

/// What was written into the form of an alias.
pub(super) fn understand(version: &str, also: &str, percent: &str, description: &str) -> Result<AliasWish> {
    let weights = if also.is_empty() {
        Vec::new()
    } else {
        let percent: f64 = percent
            .parse()
            .map_err(|_| Error::invalid("The other version's part must be a number of percent."))?;
        vec![AliasWeight { version: also.to_owned(), weight: percent / 100.0 }]
    };
    let wish = AliasWish { version: version.parse()?, description: Some(description.to_owned()), weights };
    wish.check().map(|()| wish)
}

/// The form of an alias that there is, or of a new one.
pub(super) fn alias_form(form: AliasForm) -> AnyView {
    let AliasForm { alias, versions, deed, on_submit, on_cancel } = form;
    let title = match &alias {
        Some(alias) => format!("Move the alias {}", alias.name),
        None => "Create an alias".to_owned(),
    };
    let verb = if alias.is_some() { "Move alias" } else { "Create alias" };
    let weight = alias.as_ref().and_then(|alias| alias.weights.first());
    let also = weight.map(|it| it.version.clone()).unwrap_or_default();
    let percent = weight.map(|it| ((it.weight * 10_000.0).round() / 100.0).to_string()).unwrap_or_default();
    let published: Vec<String> = versions.iter().filter(|version| *version != "$LATEST").cloned().collect();
    let newest = published.first().cloned();
    let itself = |version: String| (version.clone(), version);
    let others =
        std::iter::once((String::new(), "no other".to_owned())).chain(published.into_iter().map(itself));
    let others = others.collect();
    let versions = versions.into_iter().map(itself).collect();
    let present = alias.as_ref().map(|it| it.version.clone()).or(newest).unwrap_or_default();
    let description = alias.as_ref().map(|it| it.description.clone()).unwrap_or_default();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        if let Some(form) = form {
            on_submit.run(form);
        }
    };
    let name = match alias {
        Some(alias) => view! { <input type="hidden" name="alias" value=alias.name/> }.into_any(),
        None => field("Name", "alias", "text", String::new(), "live"),
    };
    let label = title.clone();
    view! {
        <Panel title=title>
            <form class="panel-body source-form needs-js" autocomplete="off" aria-label=label on:submit=submit>
                {name} {choice("Version", "version", versions, &present)}
                {choice("Also send a part to", "also", others, &also)} {field("Percent of it", "percent", "number", percent, "10")}
                {field("Description", "description", "text", description, "")}
                <div class="col-span-full">{deed.notice()}</div>
                <p class="form-actions">
                    <button
                        type="submit"
                        class="btn btn-sm btn-primary"
                        disabled=deed.busy
                        aria-busy=flag(deed.busy.into())
                    >
                        {verb}
                    </button>
                    <button
                        type="button"
                        class="btn btn-sm"
                        disabled=deed.busy
                        on:click=move |_| on_cancel.run(())
                    >
                        "Cancel"
                    </button>
                </p>
            </form>
        </Panel>
    }
    .into_any()
}

fn field(
    label: &'static str,
    name: &'static str,
    kind: &'static str,
    value: String,
    placeholder: &'static str,
) -> AnyView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input input-sm"
                type=kind
                name=name
                value=value
                placeholder=placeholder
                step="any"
                autocapitalize="off"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_a_wish_or_says_what_is_wrong() {
        let wish = understand("7", "8", "12.5", "canary").expect("a wish");
        assert_eq!(wish.weights, [AliasWeight { version: "8".to_owned(), weight: 0.125 }]);
        assert_eq!(understand("$LATEST", "", "", "").expect("a wish").weights, []);
        for (version, also, percent) in
            [("7", "7", "10"), ("7", "8", "many"), ("7", "8", "100"), ("", "", "")]
        {
            assert!(understand(version, also, percent, "").is_err(), "{version} {also} {percent}");
        }
    }
}
