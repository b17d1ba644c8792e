//! The table of functions: a hundred rows at most.

use leptos::prelude::*;
use nephoscope_model::{Scope, lambda::Function};

use super::columns::{Beside, Column};
use crate::{
    components::{AccountTag, CopyButton, Time, key_value::or_dash},
    listing::{Address, Table},
    paths,
};

/// The table.
pub(super) fn functions_table(
    address: Address<Column>,
    beside: Memo<Beside>,
    scope: Memo<Scope>,
) -> Table<Function, Column> {
    // By its place, too, since names repeat.
    let name = move |function: &Function| {
        beside.with(|beside| {
            format!("{} in {} {}", function.name, beside.account_name(function), function.region)
        })
    };
    Table::new("Functions", address, name, move |function| {
        let (columns, scope) = (address.columns.get(), scope.get());
        beside
            .with(|beside| columns.into_iter().map(|column| cell(column, function, beside, &scope)).collect())
    })
}

fn cell(column: Column, function: &Function, beside: &Beside, scope: &Scope) -> AnyView {
    match column {
        Column::Name => {
            let href = paths::function(&function.place(), &function.name, scope);
            view! {
                <td class="max-w-72">
                    <span class="flex items-center gap-0.5">
                        <a class="block truncate font-medium" href=href>
                            {function.name.to_string()}
                        </a>
                        <CopyButton text=function.arn.clone() label="Copy ARN"/>
                    </span>
                </td>
            }
            .into_any()
        }
        Column::Account => {
            let account = function.account.clone();
            view! { <td><AccountTag account=account/></td> }.into_any()
        }
        Column::Modified => {
            let modified = match function.last_modified {
                Some(at) => view! { <Time at=at brief=true/> }.into_any(),
                None => "–".into_any(),
            };
            view! { <td class="tabular-nums">{modified}</td> }.into_any()
        }
        Column::Description | Column::Handler => {
            let words = column.text(function, beside);
            view! {
                <td class="max-w-80">
                    <span class="block truncate">{words}</span>
                </td>
            }
            .into_any()
        }
        _ => {
            let words = or_dash(Some(column.text(function, beside)));
            let class = if column == Column::Errors && words != "0" && words != "–" {
                "tabular-nums text-error"
            } else {
                "tabular-nums"
            };
            view! { <td class=class>{words}</td> }.into_any()
        }
    }
}
