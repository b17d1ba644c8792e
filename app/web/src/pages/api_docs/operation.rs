//! One operation of the REST interface.

use leptos::prelude::*;

use super::document::{ApiField, ApiOperation, ApiResponse};
use crate::components::{Badge, CopyButton, Tone};

/// Method, path and summary; opened: parameters, responses, and a command line to try it.
#[component]
pub(super) fn OperationCard(operation: ApiOperation) -> impl IntoView {
    let tone = method_tone(&operation.method);
    let curl = operation.curl.clone();
    view! {
        <details class="api-operation">
            <summary>
                <span class=format!("api-method {}", tone.class())>{operation.method}</span>
                <code class="api-path">{operation.path}</code>
                <span class="api-summary">{operation.summary}</span>
            </summary>
            <div class="panel-body">
                {(!operation.text.is_empty()).then(|| view! { <p class="api-text">{operation.text}</p> })}
                {fields_view("Parameters", operation.parameters)}
                {fields_view("Body", operation.body)}
                {responses_view(operation.responses)}
                <h3>"Try it"</h3>
                <div class="code-block">
                    <pre tabindex="0">
                        <code>{operation.curl}</code>
                    </pre>
                    <CopyButton text=curl label="Copy command"/>
                </div>
            </div>
        </details>
    }
}

fn fields_view(title: &'static str, fields: Vec<ApiField>) -> Option<AnyView> {
    (!fields.is_empty()).then(|| {
        let rows = fields
            .into_iter()
            .map(|field| {
                view! {
                    <tr>
                        <td class="mono nowrap">{field.name}</td>
                        <td class="nowrap quiet">{field.place}</td>
                        <td class="nowrap quiet">{field.kind}</td>
                        <td class="nowrap">{field.required.then_some("required")}</td>
                        <td class="wrap">{field.text}</td>
                    </tr>
                }
            })
            .collect_view();
        view! {
            <h3>{title}</h3>
            <div class="table-scroll" tabindex="0" role="region" aria-label=title>
                <table class="data-table is-plain">
                    <thead class="sr-only">
                        <tr>
                            <th scope="col">"Name"</th>
                            <th scope="col">"Where"</th>
                            <th scope="col">"Type"</th>
                            <th scope="col">"Required"</th>
                            <th scope="col">"Meaning"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    })
}

fn responses_view(responses: Vec<ApiResponse>) -> AnyView {
    let rows = responses
        .into_iter()
        .map(|response| {
            let tone = status_tone(&response.status);
            view! {
                <li>
                    <Badge tone=tone>{response.status}</Badge>
                    <span>{response.text}</span>
                    {(!response.kind.is_empty()).then(|| view! { <code class="quiet">{response.kind}</code> })}
                </li>
            }
        })
        .collect_view();
    view! {
        <h3>"Answers"</h3>
        <ul class="api-responses">{rows}</ul>
    }
    .into_any()
}

fn method_tone(method: &str) -> Tone {
    match method {
        "GET" => Tone::Info,
        "POST" | "PUT" | "PATCH" => Tone::Good,
        "DELETE" => Tone::Bad,
        _ => Tone::Neutral,
    }
}

fn status_tone(status: &str) -> Tone {
    match status.as_bytes().first() {
        Some(b'2') => Tone::Good,
        Some(b'4') => Tone::Warn,
        Some(b'5') => Tone::Bad,
        _ => Tone::Neutral,
    }
}
