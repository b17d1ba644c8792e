//! The form that makes a bucket.

use leptos::prelude::*;
use nephoscope_model::identity::Permission;

use super::super::submit;
use crate::{
    components::{Panel, choice, place_choice},
    session::{may_somewhere, read_only_reason},
};

/// The form that makes a bucket.
pub(super) fn create_panel() -> AnyView {
    let denial = match read_only_reason() {
        Some(reason) => Some(reason.to_owned()),
        None => (!may_somewhere(Permission::Operate).get_untracked())
            .then(|| "Your role does not allow it: ask an administrator.".to_owned()),
    };
    let keys = [("s3", "With keys of S3"), ("kms", "With a key in KMS")];
    let keys = keys.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    view! {
        <details class="panel-details">
            <summary class="btn btn-sm">"Create a bucket"</summary>
            <Panel title="Create a bucket">
                <form method="post" action="/s3" class="panel-body source-form">
                    <label class="field">
                        <span>"Name"</span>
                        <input
                            class="input input-sm"
                            name="name"
                            required
                            minlength="3"
                            maxlength="63"
                            pattern="[a-z0-9][a-z0-9.\\-]*[a-z0-9]"
                            title="3 to 63 lower-case letters, digits, dots and hyphens"
                            autocapitalize="none"
                            spellcheck="false"
                        />
                    </label>
                    {place_choice("at")} {choice("Encryption", "encryption", keys, "")}
                    <label class="field for-kms">
                        <span>"Key in KMS"</span>
                        <input
                            class="input input-sm"
                            name="kms-key"
                            maxlength="2048"
                            placeholder="The one that AWS keeps for S3"
                            title="An ARN, an id or alias/…; only for encryption with a key in KMS"
                            autocapitalize="none"
                            spellcheck="false"
                        />
                    </label>
                    <label class="check">
                        <input type="checkbox" class="checkbox checkbox-sm" name="versioning" value="yes"/>
                        "Keep earlier versions of objects"
                    </label>
                    <label class="check">
                        <input type="checkbox" class="checkbox checkbox-sm" name="public" value="yes"/>
                        "Allow that it is made public"
                    </label>
                    <p class="quiet">
                        "The name is one for all customers of AWS. Objects are always encrypted, and nobody but the account gets at them unless you allow it. Who reads or writes objects that are encrypted with a key of your own in KMS must be allowed to use it."
                    </p>
                    <p class="form-actions">{submit("Create", "btn btn-sm btn-primary", denial)}</p>
                </form>
            </Panel>
        </details>
    }
    .into_any()
}
