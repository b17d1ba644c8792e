//! The table of instances: a hundred rows at most, each of which follows its instance.

use leptos::prelude::*;
use nephoscope_model::ec2::{Instance, InstanceId};

use super::{
    actions::title_of,
    beside::Beside,
    cells::cell,
    columns::Column,
    query::Shown,
    row_menu::{RowMenuButton, RowMenuState},
};
use crate::{
    components::{dynamic, nothing, text},
    listing::{
        Address, Selection,
        parts::heads,
        selection::{select_all, select_row},
    },
};

/// The table.
#[component]
pub(super) fn InstancesTable(
    /// What is shown.
    address: Address<Column>,
    /// The rows and their numbers.
    shown: Memo<Shown>,
    /// What is known beside them.
    beside: Memo<Beside>,
    /// Instances that changed a moment ago.
    changed: RwSignal<Vec<InstanceId>>,
    /// The rows' menu.
    menu: RowMenuState,
) -> impl IntoView {
    let keys = move || shown.get().list.rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let matching = Signal::derive(move || shown.with(|shown| shown.list.keys.clone()));
    let rows = Signal::derive(move || keys().into_iter().map(String::from).collect::<Vec<_>>());
    let (columns, selection) = (address.columns, address.selection);
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Instances">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col" class="needs-js w-0 pr-0!">
                            {select_all(selection, matching)}
                        </th>
                        {heads(address)}
                        <th scope="col" class="needs-js sticky right-0">
                            <span class="sr-only">"Actions"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    <For each=keys key=|id| id.clone() let:id>
                        <InstanceRow
                            id=id
                            shown=shown
                            beside=beside
                            columns=columns
                            changed=changed
                            menu=menu
                            selection=selection
                            rows=rows
                        />
                    </For>
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn InstanceRow(
    id: InstanceId,
    shown: Memo<Shown>,
    beside: Memo<Beside>,
    columns: Memo<Vec<Column>>,
    changed: RwSignal<Vec<InstanceId>>,
    menu: RowMenuState,
    selection: Selection,
    rows: Signal<Vec<String>>,
) -> impl IntoView {
    let find = {
        let id = id.clone();
        move || shown.with(|shown| shown.list.rows.iter().find(|row| row.id == id).cloned())
    };
    // The row is made because the instance is there, and on its way out it keeps what it showed.
    let Some(first) = untrack(&find) else { return nothing() };
    let title = title_of(&first);
    let row = Memo::new(move |before: Option<&Instance>| {
        find().or_else(|| before.cloned()).unwrap_or_else(|| first.clone())
    });
    let class = {
        let id = id.clone();
        text(move || {
            let flashes = changed.get().contains(&id);
            let ground = if flashes { "bg-primary/15" } else { "" };
            format!("transition-colors duration-1000 {ground}")
        })
    };
    let selected = {
        let id = id.clone();
        Signal::derive(move || selection.has(id.as_str()).then_some("true"))
    };
    let cells = dynamic(move || {
        columns.get().into_iter().map(|column| cell(column, row, beside)).collect::<Vec<_>>().into_any()
    });
    view! {
        <tr class=class aria-selected=selected>
            <td class="needs-js w-0 pr-0!">
                {select_row(selection, id.to_string(), &title, rows)}
            </td>
            {cells}
            <td class="needs-js sticky right-0 bg-base-100 text-right shadow-[-6px_0_6px_-6px_rgb(2_8_20/0.15)]">
                <RowMenuButton state=menu id=id name=title/>
            </td>
        </tr>
    }
    .into_any()
}
