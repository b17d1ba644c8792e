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

/// The order of two texts as people look for them: numbers count as numbers (`web-2` comes before `web-10`), and case does not. Without a
/// copy, since thousands of rows are sorted while somebody waits.
pub(crate) fn natural(mut a: &str, mut b: &str) -> Ordering {
    loop {
        let order = match (a.chars().next(), b.chars().next()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (one, rest_of_a) = number(a);
                let (other, rest_of_b) = number(b);
                (a, b) = (rest_of_a, rest_of_b);
                one.len().cmp(&other.len()).then_with(|| one.cmp(other))
            }
            (Some(x), Some(y)) => {
                (a, b) = (a.strip_prefix(x).unwrap_or_default(), b.strip_prefix(y).unwrap_or_default());
                if x == y { Ordering::Equal } else { x.to_lowercase().cmp(y.to_lowercase()) }
            }
            (x, y) => return x.cmp(&y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The digits at the front but for leading zeros, and the rest: the longer number is the larger one.
fn number(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    (digits.trim_start_matches('0'), rest)
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
    fn case_does_not_count_in_any_script() {
        assert_eq!(natural("Web-Ä1", "web-ä1"), Ordering::Equal);
        assert_eq!(natural("Zebra", "apple"), Ordering::Greater);
    }

    #[test]
    fn numbers_count_as_numbers() {
        assert_eq!(natural("web-2", "web-10"), Ordering::Less);
        assert_eq!(natural("a-007", "a-7"), Ordering::Equal);
        assert_eq!(natural("a-10b", "a-9z"), Ordering::Greater);
        assert_eq!(natural("99999999999999999999998", "99999999999999999999999"), Ordering::Less);
        assert_eq!(natural("web", "web-1"), Ordering::Less);
    }
}
