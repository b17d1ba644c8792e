//! The order of a list, apart from its filter: a letter typed into the filter of ten thousand rows sorts none of them again.

use std::cmp::Ordering;

use leptos::prelude::*;

use super::{
    address::Address,
    query::{Column, Query},
};

/// The positions of a list's rows in the order in which they are shown. `before` is the order it had until a moment ago: where little
/// changed, little is compared. `compare` must tell all rows apart, since equal ones must not jump when a list arrives in another order.
pub fn order<T>(all: &[T], before: Option<&Vec<usize>>, compare: impl Fn(&T, &T) -> Ordering) -> Vec<usize> {
    let before = before.filter(|before| before.len() == all.len());
    let mut order = before.cloned().unwrap_or_else(|| (0..all.len()).collect());
    order.sort_by(|a, b| match (all.get(*a), all.get(*b)) {
        (Some(a), Some(b)) => compare(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    });
    order
}

/// The rows in an order.
#[must_use]
pub fn arranged<'a, T>(all: &'a [T], order: &[usize]) -> Vec<&'a T> {
    order.iter().filter_map(|at| all.get(*at)).collect()
}

/// What a list is sorted by, and whether the other way round.
pub type Sort<C> = (C, bool);

/// The order of a list that lives, which follows the rows and the address. `order` makes it: of the rows, what they are sorted by, and the
/// order before.
pub fn use_order<T, C>(
    all: RwSignal<Vec<T>>,
    address: Address<C>,
    order: impl Fn(&[T], Sort<C>, Option<&Vec<usize>>) -> Vec<usize> + Send + Sync + 'static,
) -> Memo<Vec<usize>>
where
    T: Send + Sync + 'static,
    C: Column,
{
    let sort = Memo::new(move |_| address.sieve.with(Query::order));
    Memo::new(move |before| all.with(|all| order(all, sort.get(), before)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_before_is_where_the_next_one_begins() {
        let all = vec![30, 10, 20];
        let ascending = order(&all, None, Ord::cmp);
        assert_eq!(arranged(&all, &ascending), [&10, &20, &30]);
        let compared = std::cell::Cell::new(0);
        let count = |a: &i32, b: &i32| {
            compared.set(compared.get() + 1);
            a.cmp(b)
        };
        let many: Vec<i32> = (0..1_000).map(|n| (n * 7_919) % 1_009).collect();
        let first = order(&many, None, count);
        let at_first = compared.replace(0);
        assert_eq!(order(&many, Some(&first), count), first);
        assert!(compared.get() < 1_000 && at_first > 5_000, "{} of {at_first}", compared.get());
    }

    #[test]
    fn an_order_of_another_list_is_no_beginning() {
        assert_eq!(order(&[2, 1], Some(&vec![0, 1, 2]), Ord::cmp), [1, 0]);
        assert_eq!(arranged(&[1], &[3, 0]), [&1]);
    }
}
