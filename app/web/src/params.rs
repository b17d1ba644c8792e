//! The parameters of the URL, exactly as they were written.
//!
//! leptos_router decodes every value twice, so that a text with a `%` in it (a tag, a filter, a log stream) would come out as another
//! one, and not always the same on the server and in the browser. This reads the raw text once; nothing else reads the query.

use leptos::prelude::*;
use leptos_router::hooks::use_url;

/// The parameters, in the order they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

/// The parameters of this page. They stay what they are when another page is gone to, so that this one does not change on its way out.
#[must_use]
pub fn use_params() -> Memo<Params> {
    let url = use_url();
    Memo::new(move |_| url.with(|url| Params::parse(url.search())))
}

impl Params {
    /// Reads `a=b&c=d`, with or without a `?` before it. What is not UTF-8 becomes replacement characters.
    #[must_use]
    pub fn parse(search: &str) -> Self {
        let search = search.strip_prefix('?').unwrap_or(search);
        let pairs = search.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The last value of a name; an empty text when there is none.
    #[must_use]
    pub fn get(&self, name: &str) -> String {
        self.all(name).last().cloned().unwrap_or_default()
    }

    /// All values of a name that are not empty.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<String> {
        let values = self.pairs().filter(|(known, value)| *known == name && !value.is_empty());
        values.map(|(_, value)| value.to_owned()).collect()
    }

    /// All names and values, in the order they were written.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// Decodes `%41` and `+` of a form. A `%` that begins nothing stays what it is.
fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let mut ahead = bytes.clone();
                match (ahead.next().and_then(hex), ahead.next().and_then(hex)) {
                    (Some(high), Some(low)) => {
                        out.push(high << 4 | low);
                        bytes = ahead;
                    }
                    _ => out.push(b'%'),
                }
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_decoded_once() {
        let params = Params::parse("?q=100%25+a%2541&stream=a%2Cb&stream=&stream=c%26d&flag");
        assert_eq!(params.get("q"), "100% a%41");
        assert_eq!(params.all("stream"), ["a,b", "c&d"]);
        assert_eq!((params.get("flag"), params.get("none")), (String::new(), String::new()));
        assert_eq!(Params::parse(""), Params::default());
    }

    #[test]
    fn what_is_written_badly_is_read_as_well_as_it_can_be() {
        let params = Params::parse("a=%&b=%4&c=%zz&d=%ff&e==&=f");
        assert_eq!([params.get("a"), params.get("b"), params.get("c")], ["%", "%4", "%zz"]);
        assert_eq!((params.get("d"), params.get("e")), ("\u{fffd}".to_owned(), "=".to_owned()));
    }

    #[test]
    fn what_our_links_write_is_read_back() {
        let hostile = "a&b=c%41 +é/[$LATEST]\"<";
        let link = crate::paths::Link::new("/x").query("v", hostile).build();
        let (_, search) = link.split_once('?').expect("a query");
        assert_eq!(Params::parse(search).get("v"), hostile);
    }
}
