//! Where a request came from, as far as sessions care.

use std::net::IpAddr;

use nephoscope_store::Client;

/// The longest that a browser or program is called.
const MAX_WORDS: usize = 40;

/// Who knocks.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// From where.
    pub address: IpAddr,
    /// What the browser or program calls itself; anything may stand here.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
}

impl Visitor {
    /// What is kept with a session.
    pub(crate) fn client(&self) -> Client {
        Client { address: self.address.to_canonical().to_string(), browser: browser_words(&self.user_agent) }
    }
}

/// `Firefox on Linux` of the line with which browsers pretend to be each other; of a program its first word.
fn browser_words(user_agent: &str) -> String {
    let has = |word: &str| user_agent.contains(word);
    // Each of these also names those after it.
    let browser = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    .into_iter()
    .find(|(mark, _)| has(mark));
    let system = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find(|(mark, _)| has(mark));
    match (browser, system) {
        (Some((_, browser)), Some((_, system))) => format!("{browser} on {system}"),
        (Some((_, browser)), None) => browser.to_owned(),
        _ => user_agent
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .chars()
            .filter(char::is_ascii_graphic)
            .take(MAX_WORDS)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_called_by_their_names() {
        for (agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.14.1", "curl/8.14.1"),
            ("", ""),
        ] {
            assert_eq!(browser_words(agent), words);
        }
    }

    #[test]
    fn what_calls_itself_strangely_is_cut_and_cleaned() {
        assert_eq!(browser_words("\u{202e}evil\u{7}\n x").as_str(), "evil");
        assert_eq!(browser_words(&"a".repeat(5_000)).len(), MAX_WORDS);
    }
}
