//! The table of instances, each of which has a menu of what can be done with it.

use std::collections::HashSet;

use leptos::prelude::*;
use nephoscope_model::ec2::Instance;

use super::{
    actions::title_of,
    beside::Beside,
    cells::cell,
    columns::Column,
    row_menu::{RowMenuState, row_menu_button},
};
use crate::listing::{Address, Table};

/// The table. `changed` are the instances that changed a moment ago.
pub(super) fn instances_table(
    address: Address<Column>,
    beside: Memo<Beside>,
    changed: RwSignal<HashSet<String>>,
    menu: RowMenuState,
) -> Table<Instance, Column> {
    let cells = move |instance: &Instance| {
        let columns = address.columns.get();
        let mut cells: Vec<AnyView> =
            beside.with(|beside| columns.into_iter().map(|column| cell(column, instance, beside)).collect());
        cells.push(
            view! {
                <td class="needs-js sticky right-0 bg-base-100 text-right shadow-[-6px_0_6px_-6px_rgb(2_8_20/0.15)]">
                    {row_menu_button(menu, instance)}
                </td>
            }
            .into_any(),
        );
        cells
    };
    // With its id, since names repeat.
    let name = |instance: &Instance| match title_of(instance) {
        name if name == instance.id.as_str() => name,
        name => format!("{name} {}", instance.id),
    };
    Table::new("Instances", address, name, cells).and_last("Actions").lighting(changed.into())
}
