//! The table of instances: a hundred rows at most, each of which follows its instance.

use leptos::prelude::*;
use nephoscope_model::ec2::{Instance, InstanceId};

use super::{
    actions::title_of,
    beside::Beside,
    cells::cell,
    columns::Column,
    query::{ListQuery, Shown},
    row_menu::{RowMenuButton, RowMenuState},
    selection::{SelectAll, SelectRow, Selection},
};
use crate::{
    components::{dynamic, nothing, text},
    listing::parts::heads,
    scope::use_scope,
};

/// The table.
#[component]
pub(super) fn InstancesTable(
    /// The present query.
    #[prop(into)]
    query: Signal<ListQuery>,
    /// The rows and their numbers.
    shown: Memo<Shown>,
    /// What is known beside them.
    beside: Memo<Beside>,
    /// Instances that changed a moment ago.
    changed: RwSignal<Vec<InstanceId>>,
    /// The rows' menu.
    menu: RowMenuState,
    /// What is selected.
    selection: Selection,
) -> impl IntoView {
    let keys = move || shown.get().list.rows.into_iter().map(|row| row.id).collect::<Vec<_>>();
    let columns = Memo::new(move |_| query.with(|query| query.list.shown_columns()));
    let scope = use_scope();
    let heads = dynamic(move || {
        let query = query.get();
        heads(&query.list, |list| query.with(list.clone()).href(&scope.get()))
    });
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Instances">
            <table class="data-table">
                <thead>
                    <tr>
                        <th scope="col" class="needs-js w-0 pr-0!">
                            <SelectAll selection=selection shown=shown/>
                        </th>
                        {heads}
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
        Signal::derive(move || selection.has(&id).then_some("true"))
    };
    let cells = dynamic(move || {
        columns.get().into_iter().map(|column| cell(column, row, beside)).collect::<Vec<_>>().into_any()
    });
    view! {
        <tr class=class aria-selected=selected>
            <td class="needs-js w-0 pr-0!">
                <SelectRow selection=selection id=id.clone() name=title.clone() shown=shown/>
            </td>
            {cells}
            <td class="needs-js sticky right-0 bg-base-100 text-right shadow-[-6px_0_6px_-6px_rgb(2_8_20/0.15)]">
                <RowMenuButton state=menu id=id name=title/>
            </td>
        </tr>
    }
    .into_any()
}
