//! The form that brings code to a function, new or not. It goes to the REST interface, since a file is no argument of a server function.

use leptos::{ev, prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys::HtmlFormElement};
use nephoscope_model::{
    Error, ErrorCode, Place,
    identity::Permission,
    lambda::{Deployed, FunctionName},
};

use crate::{
    browser,
    components::{ErrorNotice, Panel, Toasts, dynamic, flag, nothing, place_choice, text},
    paths::{Link, param},
    session::{denial_in, read_only_reason, use_viewer},
};

/// What the code is for.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// A function that does not exist yet, somewhere.
    New,
    /// This one.
    Existing(Place, FunctionName),
}

/// The runtimes that can be chosen; any other can be typed.
const RUNTIMES: [&str; 10] = [
    "python3.13",
    "python3.12",
    "nodejs22.x",
    "nodejs20.x",
    "java21",
    "java17",
    "dotnet8",
    "ruby3.4",
    "provided.al2023",
    "provided.al2",
];

/// Says that it is done, or that it is not all of what was asked for.
pub(super) fn tell(toasts: Toasts, deployed: &Deployed) {
    let words = success_text(deployed);
    match deployed.unpublished {
        Some(_) => toasts.warn(words),
        None => toasts.success(words),
    }
}

/// What is said when it is done.
fn success_text(deployed: &Deployed) -> String {
    let name = &deployed.name;
    let done = if deployed.created { format!("{name} was created") } else { format!("{name} has new code") };
    if let Some(reason) = &deployed.unpublished {
        return format!("{done}, but no version was published: {reason}");
    }
    match (&deployed.version, deployed.ready) {
        (Some(version), _) => format!("{done}: version {version}."),
        (None, true) => format!("{done}."),
        (None, false) => format!("{done}; Lambda is still preparing it."),
    }
}

/// The form.
#[component]
pub(super) fn DeployForm(
    /// What the code is for.
    target: Target,
    /// Takes what came of it.
    on_done: Callback<Deployed>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let error = RwSignal::new(None::<Error>);
    let place = match &target {
        Target::New => None,
        Target::Existing(place, _) => Some(place.clone()),
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form.filter(|_| !busy.get_untracked()) else { return };
        let chosen = browser::form_all(&form, "place").pop();
        let at = place.clone().or_else(|| crate::paths::parse_place(chosen.as_deref()?).ok());
        let Some(at) = at else { return };
        let path = Link::new("/api/lambda/deploy")
            .query(param::ACCOUNT, at.account.as_str())
            .query(param::REGION, at.region.as_str())
            .build();
        busy.set(true);
        error.set(None);
        spawn_local(async move {
            let answer = browser::post_form(&path, &form).await;
            if busy.try_set(false).is_some() {
                return;
            }
            match understand(answer) {
                Ok(deployed) => {
                    let _ = on_done.try_run(deployed);
                }
                Err(failure) => error.set(Some(failure)),
            }
        });
    };
    let (title, label) = match &target {
        Target::New => ("Create a function", "Create function"),
        Target::Existing(..) => ("Deploy new code", "Deploy"),
    };
    let reason = denial(&target);
    let off = Signal::derive(move || busy.get() || reason.get().is_some());
    let words = text(move || if busy.get() { "Deploying…".to_owned() } else { label.to_owned() });
    view! {
        <Panel title=title>
            <form
                class="panel-body source-form needs-js"
                method="post"
                enctype="multipart/form-data"
                autocomplete="off"
                aria-label=title
                on:submit=submit
            >
                {fields(&target)}
                <label class="field">
                    <span>"Zip archive, up to 50 MB"</span>
                    <input class="input input-sm" type="file" name="zip" accept=".zip,application/zip"/>
                </label>
                <p class="quiet">"Larger ones go by way of S3, in the region of the function:"</p>
                {input("S3 bucket", "s3Bucket", "", false)}
                {input("S3 key", "s3Key", "build/function.zip", false)}
                <label class="check">
                    <input type="checkbox" class="checkbox checkbox-sm" name="publish" value="true"/>
                    "Publish a version when it is ready"
                </label>
                {dynamic(move || match error.get() {
                    Some(error) => view! { <ErrorNotice error=error/> }.into_any(),
                    None => nothing(),
                })}
                <p class="form-actions">
                    <button
                        type="submit"
                        class="btn btn-sm btn-primary needs-js"
                        disabled=off
                        aria-busy=flag(busy.into())
                        title=reason
                    >
                        {words}
                    </button>
                </p>
            </form>
        </Panel>
    }
}

/// Why this person cannot deploy.
fn denial(target: &Target) -> Signal<Option<String>> {
    let viewer = use_viewer();
    let read_only = read_only_reason();
    let account = match target {
        // Which account is not known before it is chosen; the server says it then.
        Target::New => None,
        Target::Existing(place, _) => Some(place.account.clone()),
    };
    Signal::derive(move || {
        let denied = |account| viewer.with(|viewer| denial_in(viewer.as_ref(), Permission::Operate, account));
        account.as_ref().and_then(denied).or_else(|| read_only.map(str::to_owned))
    })
}

/// The fields that say which function it is, and what a new one is.
fn fields(target: &Target) -> AnyView {
    let (name, mode) = match target {
        Target::New => (String::new(), "create"),
        Target::Existing(_, name) => (name.to_string(), "update"),
    };
    let hidden = view! { <input type="hidden" name="mode" value=mode/> }.into_any();
    if let Target::Existing(..) = target {
        return view! {
            {hidden}
            <input type="hidden" name="name" value=name/>
        }
        .into_any();
    }
    let runtimes = RUNTIMES.map(|runtime| view! { <option value=runtime>{runtime}</option> }).collect_view();
    let architectures =
        ["x86_64", "arm64"].map(|name| view! { <option value=name>{name}</option> }).collect_view();
    view! {
        {hidden}
        {input("Name", "name", "order-processor", true)}
        {place_choice("place")}
        <label class="field">
            <span>"Runtime"</span>
            <select class="select select-sm" name="runtime">
                {runtimes}
            </select>
        </label>
        <label class="field">
            <span>"Architecture"</span>
            <select class="select select-sm" name="architecture">
                {architectures}
            </select>
        </label>
        {input("Handler", "handler", "main.handler", true)}
        {input("ARN of its role", "role", "arn:aws:iam::111111111111:role/lambda", true)}
        {number("Memory in MB", "memoryMb", "128", "128", "10240")}
        {number("Timeout in seconds", "timeoutSecs", "3", "1", "900")}
        {input("Description", "description", "", false)}
    }
    .into_any()
}

/// A field for a line of text.
fn input(label: &'static str, name: &'static str, placeholder: &'static str, required: bool) -> AnyView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input
                class="input input-sm"
                type="text"
                name=name
                placeholder=placeholder
                required=required
                autocapitalize="off"
                spellcheck="false"
            />
        </label>
    }
    .into_any()
}

fn number(
    label: &'static str,
    name: &'static str,
    value: &'static str,
    min: &'static str,
    max: &'static str,
) -> AnyView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input class="input input-sm" type="number" name=name value=value min=min max=max required=true/>
        </label>
    }
    .into_any()
}

/// What the server answered, or why it did not.
fn understand(answer: Option<(u16, String)>) -> Result<Deployed, Error> {
    let Some((status, body)) = answer else {
        return Err(Error::new(ErrorCode::Unavailable, "The server of nephoscope cannot be reached.")
            .with_hint("Check your connection. Whether the code arrived, the function's versions tell."));
    };
    if (200..300).contains(&status)
        && let Ok(deployed) = serde_json::from_str(&body)
    {
        return Ok(deployed);
    }
    Err(serde_json::from_str(&body).unwrap_or_else(|_| Error::internal()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployed(created: bool, ready: bool, version: Option<&str>) -> Deployed {
        Deployed {
            name: "f".parse().expect("a name"),
            place: crate::paths::parse_place("111111111111/us-east-1").expect("a place"),
            created,
            code_sha256_before: None,
            code_sha256: "abc".to_owned(),
            ready,
            version: version.map(str::to_owned),
            unpublished: None,
        }
    }

    #[test]
    fn what_came_of_it_is_said_in_words() {
        assert_eq!(success_text(&deployed(true, true, None)), "f was created.");
        assert_eq!(success_text(&deployed(false, true, Some("7"))), "f has new code: version 7.");
        assert!(success_text(&deployed(false, false, None)).contains("still preparing"));
        let unpublished =
            Deployed { unpublished: Some("Too many.".to_owned()), ..deployed(false, true, None) };
        assert_eq!(success_text(&unpublished), "f has new code, but no version was published: Too many.");
    }

    #[test]
    fn an_answer_is_a_deployment_or_an_error() {
        let good = deployed(false, true, None);
        let body = serde_json::to_string(&good).expect("JSON");
        assert_eq!(understand(Some((200, body.clone()))), Ok(good));
        let problem = r#"{"status":409,"code":"conflict","detail":"It is there."}"#;
        let error = understand(Some((409, problem.to_owned()))).expect_err("a problem");
        assert_eq!((error.code, error.message.as_str()), (ErrorCode::Conflict, "It is there."));
        assert_eq!(
            understand(Some((502, "<html>".to_owned()))).expect_err("no JSON").code,
            ErrorCode::Internal
        );
        assert_eq!(understand(None).expect_err("nothing").code, ErrorCode::Unavailable);
    }
}
