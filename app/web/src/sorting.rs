//! How columns of lists sort.

use std::cmp::Ordering;

/// The order of two values that may be missing: what is missing comes last, in both directions.
pub(crate) fn missing_last<T>(
    a: Option<T>,
    b: Option<T>,
    descending: bool,
    compare: impl Fn(&T, &T) -> Ordering,
) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if descending => compare(&b, &a),
        (Some(a), Some(b)) => compare(&a, &b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}

/// Numbers inside a text count as numbers: `web-2` comes before `web-10`.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.chars().peekable(), b.chars().peekable());
    loop {
        let order = match (a.peek().copied(), b.peek().copied()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                number(&mut a).cmp(&number(&mut b))
            }
            (Some(x), Some(y)) => {
                a.next();
                b.next();
                x.cmp(&y)
            }
            (x, y) => return x.cmp(&y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Takes the digits at the front, as (length without leading zeros, digits): the order of numbers of any length.
fn number(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> (usize, String) {
    let mut digits = String::new();
    while let Some(digit) = text.next_if(char::is_ascii_digit) {
        if !(digits.is_empty() && digit == '0') {
            digits.push(digit);
        }
    }
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_last_in_both_directions() {
        for descending in [false, true] {
            assert_eq!(missing_last(Some(1), None, descending, Ord::cmp), Ordering::Less);
            assert_eq!(missing_last(None, Some(1), descending, Ord::cmp), Ordering::Greater);
        }
        assert_eq!(missing_last(Some(1), Some(2), true, Ord::cmp), Ordering::Greater);
        assert_eq!(missing_last::<u8>(None, None, true, Ord::cmp), Ordering::Equal);
    }

    #[test]
    fn numbers_count_as_numbers() {
        assert_eq!(natural("web-2", "web-10"), Ordering::Less);
        assert_eq!(natural("a-007", "a-7"), Ordering::Equal);
    }
}
