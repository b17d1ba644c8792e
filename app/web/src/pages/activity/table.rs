//! Records of the audit as a table.

use leptos::prelude::*;
use nephoscope_model::{
    ErrorCode, Operation, Place, Scope,
    audit::{AuditRecord, Facts},
    ec2::InstanceId,
};

use crate::{
    components::{AccountTag, Ago, Badge, Time, Tone},
    paths::{self, Link},
    scope::use_scope,
};

/// The records, newest first.
#[component]
pub(in crate::pages) fn RecordTable(
    /// The records.
    records: Vec<AuditRecord>,
    /// Only the columns that matter at a glance.
    #[prop(optional)]
    brief: bool,
) -> impl IntoView {
    let scope = use_scope();
    let rows = records
        .into_iter()
        .map(|record| scope.with_untracked(|scope| record_row(record, brief, scope)))
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Activity">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col">"When"</th>
                        <th scope="col">"Who"</th>
                        <th scope="col">"Operation"</th>
                        <th scope="col">"Resource"</th>
                        <th scope="col">"Where"</th>
                        <th scope="col">"Outcome"</th>
                        {(!brief)
                            .then(|| {
                                view! {
                                    <th scope="col">"Detail"</th>
                                    <th scope="col" class="num">
                                        "Took"
                                    </th>
                                }
                            })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn record_row(record: AuditRecord, brief: bool, scope: &Scope) -> AnyView {
    let (resource, title) = (resource_view(&record, scope), title_of(&record));
    let at = record.at;
    let when = if brief { view! { <Ago at=at/> }.into_any() } else { view! { <Time at=at/> }.into_any() };
    let place = match (record.account, record.region) {
        (Some(account), region) => view! {
            <span class="place-tag">
                <AccountTag account=account/>
                <span class="quiet">{region.map(|region| region.to_string())}</span>
            </span>
        }
        .into_any(),
        (None, Some(region)) => region.to_string().into_any(),
        (None, None) => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    let by = Link::new("/activity").query("user", &record.actor).scope(scope).build();
    let error = record.error.map(ErrorCode::title);
    let detail =
        if record.detail.is_empty() { change_text(&record.before, &record.after) } else { record.detail };
    view! {
        <tr title=title>
            <td class="nowrap">{when}</td>
            <td class="clip">
                <a href=by>{record.actor}</a>
            </td>
            <td class="nowrap" title=record.operation.as_str()>
                {operation_label(record.operation)}
            </td>
            <td class="clip">{resource}</td>
            <td class="nowrap">{place}</td>
            <td class="nowrap">
                <Badge tone=Tone::from(record.outcome)>{record.outcome.as_str()}</Badge>
                {error.map(|title| view! { " " <span class="quiet">{title}</span> })}
            </td>
            {(!brief)
                .then(|| {
                    view! {
                        <td class="wrap quiet">{detail}</td>
                        <td class="num quiet">{took_text(record.duration_ms)}</td>
                    }
                })}
        </tr>
    }
    .into_any()
}

/// An instance leads to its page, anything else to what else was done to it.
fn resource_view(record: &AuditRecord, scope: &Scope) -> AnyView {
    if record.resource.is_empty() {
        return view! { <span class="quiet">"–"</span> }.into_any();
    }
    let href = match (record.resource.parse::<InstanceId>(), &record.account, &record.region) {
        (Ok(id), Some(account), Some(region)) => {
            paths::instance(&Place { account: account.clone(), region: region.clone() }, &id, scope)
        }
        _ => paths::activity_of(&record.resource, scope),
    };
    view! {
        <a class="mono" href=href>
            {record.resource.clone()}
        </a>
    }
    .into_any()
}

/// Its place in the chain, and the ids that find it in the logs of the server and of AWS.
fn title_of(record: &AuditRecord) -> String {
    let mut title = format!("Record {}", record.seq);
    for (what, id) in [("request", &record.request_id), ("AWS request", &record.aws_request_id)] {
        if !id.is_empty() {
            title = format!("{title} · {what} {id}");
        }
    }
    title
}

/// What a change changed.
fn change_text(before: &Facts, after: &Facts) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (name, was) in before {
        match after.get(name) {
            Some(is) if is == was => {}
            Some(is) => parts.push(format!("{name}: {was} → {is}")),
            None => parts.push(format!("{name}: {was} → –")),
        }
    }
    let added = after.iter().filter(|(name, _)| !before.contains_key(*name));
    parts.extend(added.map(|(name, is)| format!("{name}: {is}")));
    parts.join(", ")
}

fn took_text(millis: i64) -> String {
    match millis {
        ..=0 => "–".to_owned(),
        1..1000 => format!("{millis} ms"),
        _ => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
    }
}

/// An operation in a person's words.
pub(super) fn operation_label(operation: Operation) -> &'static str {
    match operation {
        Operation::LogIn => "Log in",
        Operation::RefreshSession => "Renew session",
        Operation::LogOut => "Log out",
        Operation::ListInstances => "List instances",
        Operation::GetInstance => "Look at instance",
        Operation::ListLaunchChoices => "Look at what can be launched",
        Operation::CheckLaunch => "Check launch",
        Operation::LaunchInstances => "Launch instances",
        Operation::ListPrices => "Read prices",
        Operation::StartInstance => "Start instance",
        Operation::StopInstance => "Stop instance",
        Operation::RebootInstance => "Reboot instance",
        Operation::TerminateInstance => "Terminate instance",
        Operation::UndoTermination => "Undo termination of instance",
        Operation::ListTerminations => "Look what is about to be terminated",
        Operation::SetTags => "Change tags",
        Operation::ListVolumes => "List volumes",
        Operation::ListSnapshots => "List snapshots",
        Operation::ListAddresses => "List addresses",
        Operation::ListSecurityGroups => "List security groups",
        Operation::ReadProtection => "Look at protection of instance",
        Operation::SetProtection => "Change protection of instance",
        Operation::ListInstanceTypes => "List instance types",
        Operation::SetInstanceType => "Change type of instance",
        Operation::ListStatusChecks => "List status checks",
        Operation::GetStatusChecks => "Look at status checks",
        Operation::ReadConsole => "Read console of instance",
        Operation::TakeScreenshot => "Take screenshot of instance",
        Operation::ListBuckets => "List buckets",
        Operation::GetBucket => "Look at bucket",
        Operation::CreateBucket => "Create bucket",
        Operation::DeleteBucket => "Delete bucket",
        Operation::ListObjects => "List objects",
        Operation::ReadObject => "Read object",
        Operation::UploadObject => "Upload object",
        Operation::BeginUpload => "Begin upload in parts",
        Operation::UploadPart => "Upload part of object",
        Operation::ListParts => "Look at uploaded parts",
        Operation::CompleteUpload => "Complete upload in parts",
        Operation::AbortUpload => "Give up upload in parts",
        Operation::DeleteObject => "Delete object",
        Operation::DeleteObjects => "Delete objects",
        Operation::EmptyBucket => "Empty bucket",
        Operation::WatchEmptying => "Follow emptying of bucket",
        Operation::CancelEmptying => "Stop emptying of bucket",
        Operation::GetObject => "Look at object",
        Operation::ListObjectVersions => "List versions of objects",
        Operation::RestoreVersion => "Restore version of object",
        Operation::PresignObject => "Make link to object",
        Operation::CopyObject => "Copy object",
        Operation::RenameObject => "Rename object",
        Operation::SearchObjects => "Search objects",
        Operation::SetBucketTags => "Change tags of bucket",
        Operation::SetVersioning => "Change versioning of bucket",
        Operation::ListFunctions => "List functions",
        Operation::GetFunction => "Look at function",
        Operation::ReadEnvironment => "Show environment of function",
        Operation::InvokeFunction => "Invoke function",
        Operation::DeployFunction => "Deploy function",
        Operation::DeleteFunction => "Delete function",
        Operation::ListFunctionVersions => "List versions of function",
        Operation::PublishVersion => "Publish version of function",
        Operation::ListAliases => "List aliases of function",
        Operation::SetAlias => "Set alias of function",
        Operation::RollBackAlias => "Roll back alias of function",
        Operation::DeleteAlias => "Delete alias of function",
        Operation::SetConcurrency => "Set concurrency of function",
        Operation::ReadFunctionMetrics => "Read metrics of functions",
        Operation::ReadFunctionErrors => "Read errors of function",
        Operation::ReadInvocationLog => "Read log of invocation",
        Operation::ListTestEvents => "List test events of function",
        Operation::SaveTestEvent => "Save test event of function",
        Operation::RemoveTestEvent => "Delete test event of function",
        Operation::ListMetrics => "List metrics",
        Operation::GetStats => "Read metric",
        Operation::WatchMetric => "Follow metric",
        Operation::ListLogGroups => "List log groups",
        Operation::ListLogStreams => "List log streams",
        Operation::TailLogs => "Follow logs",
        Operation::WatchInstances => "Follow instances",
        Operation::QueryAudit => "Read activity",
        Operation::QueryOwnAudit => "Read own activity",
        Operation::WatchAudit => "Follow activity",
        Operation::ExportAudit => "Export activity",
        Operation::VerifyAudit => "Check the audit",
        Operation::RetainAudit => "Remove old activity",
        Operation::ReadUsage => "Read AWS usage",
        Operation::AddUser => "Add user",
        Operation::ListUsers => "List users",
        Operation::SetPassword => "Set password",
        Operation::DisableUser => "Disable user",
        Operation::RemoveUser => "Remove user",
        Operation::SetRole => "Set role",
        Operation::SetEmail => "Set e-mail address",
        Operation::SetGrant => "Grant role in account",
        Operation::ResetPassword => "Reset password",
        Operation::RotateSigningKey => "Rotate signing key",
        Operation::ListAccounts => "List accounts",
        Operation::AddAccount => "Add account",
        Operation::EditAccount => "Change account",
        Operation::RemoveAccount => "Remove account",
        Operation::TestAccount => "Test account",
        Operation::DiscoverAccounts => "Discover accounts",
        Operation::RotateMasterKey => "Rotate master key",
        Operation::SaveScope => "Keep scope",
        Operation::RemoveScope => "Forget scope",
        Operation::ReuseToken => "Refresh token used twice",
        Operation::ListOwn => "Look at own account",
        Operation::EndSession => "End session",
        Operation::EndAllSessions => "Log out everywhere",
        Operation::ChangePassword => "Change own password",
        Operation::RedeemLink => "Set password by link",
        Operation::AddFactor => "Add second factor",
        Operation::RemoveFactor => "Remove second factor",
        Operation::ResetFactor => "Reset second factor",
        Operation::AddToken => "Make token",
        Operation::RemoveToken => "Remove token",
        // A later version's operation: its own name is better than nothing.
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_words_of_its_own() {
        let mut labels: Vec<&str> =
            Operation::ALL.iter().map(|operation| operation_label(*operation)).collect();
        assert!(labels.iter().all(|label| !label.contains('.')), "{labels:?}");
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), Operation::ALL.len());
    }

    #[test]
    fn a_change_is_what_differs() {
        let facts = |pairs: &[(&str, &str)]| -> Facts {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let before = facts(&[("disabled", "no"), ("role", "viewer"), ("team", "a")]);
        let after = facts(&[("disabled", "no"), ("role", "admin"), ("since", "today")]);
        assert_eq!(change_text(&before, &after), "role: viewer → admin, team: a → –, since: today");
        assert_eq!(change_text(&facts(&[]), &facts(&[])), "");
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(took_text(0), "–");
        assert_eq!(took_text(88), "88 ms");
        assert_eq!(took_text(1250), "1.2 s");
    }
}
