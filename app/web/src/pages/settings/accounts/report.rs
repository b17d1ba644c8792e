//! What a test of an account's connection found.

use leptos::prelude::*;
use nephoscope_model::{
    account::{ActionCheck, CheckOutcome, ConnectionReport},
    identity::Permission,
};

use crate::{
    api::ApiResult,
    components::{Badge, ErrorNotice, Glyph, Icon, KeyValue, KeyValueList, Panel, Tone},
};

pub(super) fn report_view(name: String, report: ApiResult<ConnectionReport>) -> AnyView {
    let title = format!("Connection to {name}");
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            return view! {
                <Panel title=title>
                    <div class="panel-body">
                        <ErrorNotice error=error.0/>
                    </div>
                </Panel>
            }
            .into_any();
        }
    };
    let denied: Vec<String> = report.denied().map(|check| check.action.clone()).collect();
    let summary = if denied.is_empty() {
        view! {
            <div class="notice" role="status">
                <Icon glyph=Glyph::Check/>
                <p>"The account can be entered, and nothing that could be tried is denied."</p>
            </div>
        }
        .into_any()
    } else {
        view! {
            <div class="notice notice-warn" role="status">
                <Icon glyph=Glyph::Alert/>
                <div class="notice-body">
                    <p class="notice-title">"The policy lacks permissions"</p>
                    <p>{denied.join(", ")}</p>
                    <p class="quiet">"nephoscope policy prints the policy that the role needs."</p>
                </div>
            </div>
        }
        .into_any()
    };
    let rows = report.checks.into_iter().map(row).collect_view();
    view! {
        <Panel title=title>
            <div class="panel-body">{summary}</div>
            <KeyValueList>
                <KeyValue label="AWS knows us as">{report.identity.arn}</KeyValue>
                <KeyValue label="Account">{report.identity.account.to_string()}</KeyValue>
            </KeyValueList>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Actions">
                <table class="data-table">
                    <thead>
                        <tr>
                            <th scope="col">"Action"</th>
                            <th scope="col">"Needed to"</th>
                            <th scope="col">"Result"</th>
                            <th scope="col">"Reason"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </Panel>
    }
    .into_any()
}

fn row(check: ActionCheck) -> AnyView {
    let (tone, words) = match check.outcome {
        CheckOutcome::Allowed => (Tone::Good, "allowed"),
        CheckOutcome::Denied => (Tone::Bad, "denied"),
        CheckOutcome::NotCheckable => (Tone::Neutral, "not known"),
    };
    let needed_to = match check.needed_to {
        Permission::Read | Permission::Own => "look",
        Permission::Operate => "operate",
        Permission::Administer => "discover",
    };
    view! {
        <tr>
            <th scope="row" class="font-mono">{check.action}</th>
            <td>{needed_to}</td>
            <td><Badge tone=tone>{words}</Badge></td>
            <td class="quiet">{check.reason.unwrap_or_default()}</td>
        </tr>
    }
    .into_any()
}
