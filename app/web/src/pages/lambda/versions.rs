//! Versions and aliases: published, created, moved, rolled back, deleted.

use leptos::{prelude::*, web_sys::HtmlFormElement};
use nephoscope_model::{
    Place, Result,
    lambda::{
        Alias, AliasChange, AliasName, FunctionDetails, FunctionName, Provisioned, Published,
        RollbackExpectation, RolledBack, Version, rollback_target,
    },
};

use super::{
    alias_form::{AliasForm, alias_form, understand},
    deed::{Deed, reason_in},
    parts::{cell, table_panel},
    version_words::{alias_text, kept_ready_text, published_text, rolled_back_text},
};
use crate::{
    api::lambda::{delete_alias, publish_version, roll_back_alias, set_alias},
    browser,
    components::{
        ActionButton, ConfirmDialog, CopyButton, Panel, Time, Toasts, dynamic, nothing, text, use_toasts,
    },
};

/// What is known and asked of versions and aliases. Cheap to copy.
#[derive(Clone, Copy)]
struct Desk {
    which: StoredValue<(Place, FunctionName)>,
    arn: StoredValue<String>,
    versions: StoredValue<Vec<Version>>,
    provisioned: StoredValue<Vec<Provisioned>>,
    /// The open form: of an alias, or of a new one.
    form: RwSignal<Option<Option<Alias>>>,
    publishing: RwSignal<bool>,
    description: RwSignal<String>,
    /// The alias that is about to be deleted.
    doomed: RwSignal<String>,
    deleting: RwSignal<bool>,
    /// What the form and the dialogs ask for.
    deed: Deed,
    /// What the buttons of the rows ask for.
    rows: Deed,
    reason: Signal<Option<String>>,
    reload: Callback<()>,
    toasts: Toasts,
}

impl Desk {
    fn new(details: &FunctionDetails, reload: Callback<()>) -> Self {
        Self {
            which: StoredValue::new((details.function.place(), details.function.name.clone())),
            arn: StoredValue::new(details.function.arn.clone()),
            versions: StoredValue::new(details.versions.items.clone()),
            provisioned: StoredValue::new(details.provisioned.items.clone()),
            form: RwSignal::new(None),
            publishing: RwSignal::new(false),
            description: RwSignal::new(String::new()),
            doomed: RwSignal::new(String::new()),
            deleting: RwSignal::new(false),
            deed: Deed::new(),
            rows: Deed::new(),
            reason: reason_in(details.function.account.clone()),
            reload,
            toasts: use_toasts(),
        }
    }

    /// How many invocations are kept ready for a version or an alias, in words; empty when none are.
    fn kept_ready(self, qualifier: &str) -> String {
        self.provisioned.with_value(|all| {
            all.iter().find(|it| it.qualifier == qualifier).map(kept_ready_text).unwrap_or_default()
        })
    }

    fn finish(self, words: String) {
        self.toasts.success(words);
        self.reload.run(());
    }

    fn publish(self) {
        let (place, name) = self.which.get_value();
        let description = self.description.get_untracked().trim().to_owned();
        let work = publish_version(place, name, (!description.is_empty()).then_some(description));
        self.deed.ask(work, move |done: Published| {
            self.publishing.set(false);
            self.finish(published_text(&done));
        });
    }

    fn roll_back(self, alias: AliasName, expected: RollbackExpectation) {
        let (place, name) = self.which.get_value();
        self.rows.ask(roll_back_alias(place, name, alias, expected), move |done: RolledBack| {
            self.finish(rolled_back_text(&done));
        });
    }

    fn delete(self, confirmation: String) {
        let (place, name) = self.which.get_value();
        let alias: Result<AliasName> = self.doomed.get_untracked().parse();
        let alias = match alias {
            Ok(alias) => alias,
            Err(error) => return self.deed.error.set(Some(error)),
        };
        let words = format!("The alias {alias} is deleted.");
        self.deed.ask(delete_alias(place, name, alias, Some(confirmation)), move |()| {
            self.deleting.set(false);
            self.finish(words);
        });
    }

    fn save(self, form: &HtmlFormElement) {
        let field = |name: &str| browser::form_all(form, name).pop().unwrap_or_default().trim().to_owned();
        let wish = understand(&field("version"), &field("also"), &field("percent"), &field("description"));
        match (field("alias").parse::<AliasName>(), wish) {
            (Ok(alias), Ok(wish)) => {
                let (place, name) = self.which.get_value();
                self.deed.ask(set_alias(place, name, alias, wish), move |done: AliasChange| {
                    self.form.set(None);
                    self.finish(alias_text(&done));
                });
            }
            (Err(error), _) | (Ok(_), Err(error)) => self.deed.error.set(Some(error)),
        }
    }
}

/// Versions, the newest first, and aliases.
pub(super) fn versions_view(details: &FunctionDetails, reload: Callback<()>) -> AnyView {
    let desk = Desk::new(details, reload);
    let aliases = details.aliases.items.iter().map(|alias| alias_row(desk, alias)).collect();
    let versions =
        details.versions.items.iter().map(|it| version_row(desk, it, &details.aliases.items)).collect();
    let unknown = details.provisioned.error.as_ref().map(|error| {
        let words = format!("How many invocations are kept ready is not known: {}", error.message);
        view! { <p class="quiet px-1">{words}</p> }
    });
    let create = move || {
        button("Create alias", "", desk.reason, desk.deed, move || {
            desk.deed.error.set(None);
            desk.form.set(Some(None));
        })
    };
    let publish = move || {
        button("Publish version", "btn-primary", desk.reason, desk.deed, move || {
            desk.deed.error.set(None);
            desk.publishing.set(true);
        })
    };
    let aliases_panel = if details.aliases.error.is_none() && details.aliases.items.is_empty() {
        view! {
            <Panel title="Aliases" count=MaybeProp::from(Some("0".to_owned())) actions=create>
                <p class="panel-body quiet">{HOW_TO_BEGIN}</p>
            </Panel>
        }
        .into_any()
    } else {
        table_panel(
            "Aliases",
            &["Name", "Version", "Also", "Kept ready", "Description", "Actions"],
            aliases,
            details.aliases.error.clone(),
            "No aliases",
            create,
        )
    };
    view! {
        {desk.rows.notice()}
        {dynamic(move || match desk.form.get() {
            Some(alias) => alias_form(AliasForm {
                alias,
                versions: desk.versions.with_value(|all| all.iter().map(|it| it.version.clone()).collect()),
                deed: desk.deed,
                on_submit: Callback::new(move |form| desk.save(&form)),
                on_cancel: Callback::new(move |()| desk.form.set(None)),
            }),
            None => nothing(),
        })}
        {unknown} {aliases_panel}
        {table_panel(
            "Versions",
            &["Version", "Aliases", "Kept ready", "Made", "Code SHA-256", "Description"],
            versions,
            details.versions.error.clone(),
            "No versions",
            publish,
        )}
        {dialogs(desk)}
    }
    .into_any()
}

/// What somebody reads whose function has no alias: without one there is nothing to roll back.
const HOW_TO_BEGIN: &str = "An alias is a name, such as live, by which callers reach one version. Publish a version, create an alias \
     that stands for it, and let callers use the alias. After each deployment, publish again and move the alias; when something is \
     wrong, one click here rolls it back to the version before.";

fn dialogs(desk: Desk) -> AnyView {
    let publish = Callback::new(move |_| desk.publish());
    let delete = Callback::new(move |typed| desk.delete(typed));
    let title = text(move || format!("Delete the alias {}?", desk.doomed.get()));
    view! {
        <ConfirmDialog
            open=desk.publishing
            title="Publish a version?".to_owned()
            confirm_label="Publish".to_owned()
            busy=desk.deed.busy
            error=desk.deed.error
            on_confirm=publish
        >
            <p>"What the function is now is kept under the next number, and never changes again. Aliases stay where they are."</p>
            <label class="field">
                <span>"What is new in it"</span>
                <input
                    class="input input-sm"
                    type="text"
                    maxlength="256"
                    autocomplete="off"
                    on:input=move |event| desk.description.set(event_target_value(&event))
                />
            </label>
        </ConfirmDialog>
        <ConfirmDialog
            open=desk.deleting
            title=title
            confirm_label="Delete".to_owned()
            typed=desk.doomed
            danger=Signal::derive(|| true)
            busy=desk.deed.busy
            error=desk.deed.error
            on_confirm=delete
        >
            <p>"Whoever invokes the function by it fails from then on. The versions stay."</p>
        </ConfirmDialog>
    }
    .into_any()
}

/// A small button of this page.
fn button(
    label: impl Into<String>,
    class: &'static str,
    reason: Signal<Option<String>>,
    deed: Deed,
    press: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let label: String = label.into();
    let class = if class.is_empty() { "btn-ghost btn-xs" } else { "btn-primary btn-xs" };
    view! {
        <ActionButton
            label=text(move || label.clone())
            class=class
            reason=reason
            busy=deed.busy
            on_press=Callback::new(move |()| press())
        />
    }
    .into_any()
}

fn alias_row(desk: Desk, alias: &Alias) -> AnyView {
    let part = |weight: f64| format!("{:.1} %", weight * 100.0);
    let also: Vec<String> =
        alias.weights.iter().map(|it| format!("{} ({})", it.version, part(it.weight))).collect();
    let arn = format!("{}:{}", desk.arn.get_value(), alias.name);
    view! {
        <tr>
            <td class="wrap">
                <span class="flex items-center gap-0.5">
                    {alias.name.clone()}
                    <CopyButton text=arn label=format!("Copy ARN of {}", alias.name)/>
                </span>
            </td>
            {cell(alias.version.clone())} {cell(also.join(", "))} {cell(desk.kept_ready(&alias.name))}
            {cell(alias.description.clone())}
            <td>
                <span class="needs-js flex flex-wrap gap-1">{row_actions(desk, alias)}</span>
            </td>
        </tr>
    }
    .into_any()
}

fn row_actions(desk: Desk, alias: &Alias) -> Vec<AnyView> {
    // AWS has no alias that is none, but its names are only text until they are read.
    let Ok(name) = alias.name.parse::<AliasName>() else { return Vec::new() };
    let target = desk.versions.with_value(|versions| rollback_target(alias, versions));
    let label = match &target {
        Ok(version) if version.as_str() == alias.version => format!("Roll back to {version} alone"),
        Ok(version) => format!("Roll back to {version}"),
        Err(_) => "Roll back".to_owned(),
    };
    let (to, impossible) = match target {
        Ok(version) => (Some(version), None),
        Err(error) => (None, Some(error.message)),
    };
    let reason = Signal::derive(move || desk.reason.get().or_else(|| impossible.clone()));
    let expected = RollbackExpectation { from: alias.version.parse().ok(), to };
    let (doomed, edited) = (alias.name.clone(), alias.clone());
    vec![
        button(label, "", reason, desk.rows, move || desk.roll_back(name.clone(), expected.clone())),
        button("Move", "", desk.reason, desk.rows, move || {
            desk.deed.error.set(None);
            desk.form.set(Some(Some(edited.clone())));
        }),
        button("Delete", "", desk.reason, desk.rows, move || {
            desk.deed.error.set(None);
            desk.doomed.set(doomed.clone());
            desk.deleting.set(true);
        }),
    ]
}

fn version_row(desk: Desk, version: &Version, aliases: &[Alias]) -> AnyView {
    let stands = |alias: &&Alias| {
        alias.version == version.version || alias.weights.iter().any(|it| it.version == version.version)
    };
    let named: Vec<&str> = aliases.iter().filter(stands).map(|it| it.name.as_str()).collect();
    let made = match version.last_modified {
        Some(at) => view! { <Time at=at brief=true/> }.into_any(),
        None => nothing(),
    };
    view! {
        <tr>
            {cell(version.version.clone())} {cell(named.join(", "))} {cell(desk.kept_ready(&version.version))}
            <td class="tabular-nums">{made}</td>
            {cell(version.code_sha256.clone())} {cell(version.description.clone())}
        </tr>
    }
    .into_any()
}
