//! Turning the pages of AWS's lists.

use std::collections::HashSet;

use tracing::warn;

/// Where the reading of a list stands.
///
/// A list ends when there is no token, an empty one, or one that was given before: some of AWS's operations say the end by
/// repeating themselves (`GetLogEvents` is documented so), and a list that goes in circles must not be read for ever.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    token: Option<String>,
    given: HashSet<String>,
}

/// Goes on where somebody stopped who read a part of the list.
impl From<Option<&str>> for Pages {
    fn from(token: Option<&str>) -> Self {
        let mut pages = Self::default();
        pages.turn(token.map(str::to_owned));
        pages
    }
}

impl Pages {
    /// No list is longer than this many pages: a million instances, fifty thousand log groups.
    const MAX: usize = 1_000;

    /// The token to ask with; none for the first page.
    pub(crate) fn token(&self) -> Option<String> {
        self.token.clone()
    }

    /// Takes the token that came with a page. Whether there is a next page.
    pub(crate) fn turn(&mut self, next: Option<String>) -> bool {
        self.token = next.filter(|token| !token.is_empty());
        let Some(token) = &self.token else { return false };
        if self.given.len() >= Self::MAX {
            warn!(pages = Self::MAX, "stopped reading a list of AWS that does not end");
            return false;
        }
        let new = self.given.insert(token.clone());
        if !new {
            warn!("AWS gave a page token twice; taking it for the end of the list");
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_with_no_token_an_empty_one_or_a_repeated_one() {
        let token = |text: &str| Some(text.to_owned());
        let mut pages = Pages::default();
        assert_eq!(pages.token(), None);
        assert!(pages.turn(token("a")) && pages.turn(token("b")));
        assert_eq!(pages.token(), token("b"));
        assert!(!pages.turn(token("a")), "a circle of two");
        assert!(!Pages::default().turn(None) && !Pages::default().turn(token("")));
    }

    #[test]
    fn a_list_that_never_ends_is_left() {
        let mut pages = Pages::default();
        assert_eq!((0..).take_while(|n: &usize| pages.turn(Some(n.to_string()))).count(), Pages::MAX);
    }
}
