//! Lines that carry JSON, opened up for reading. The text itself is only laid out: keys keep their order and numbers their digits.

use nephoscope_model::json::lay_out;

/// A line that ends with a JSON object or array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What stands before it, such as a time and a level.
    pub before: String,
    /// The JSON, laid out.
    pub json: String,
}

/// Opens a line that ends with a JSON object or array; `None` for every other line.
#[must_use]
pub fn open(line: &str) -> Option<Opened> {
    let line = line.trim();
    if !line.ends_with(['}', ']']) {
        return None;
    }
    // Only the first few brackets are tried: `[info] {…}` has its JSON behind the second.
    let brackets = line.match_indices(['{', '[']).take(4);
    let (start, json) = brackets.filter_map(|(start, _)| Some((start, lay_out(&line[start..])?))).next()?;
    // `[]`, `{}` and `[3]` at the end of a sentence are better left alone.
    (line.len() - start > 4).then(|| Opened { before: line[..start].trim_end().to_owned(), json })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_and_nothing_in_it_changes() {
        let opened =
            open(r#"2026 [info] {"b":1.10,"a":{"x":[],"y":[1,2],"t":"{,:\"}"}}"#).expect("it is JSON");
        assert_eq!(opened.before, "2026 [info]");
        assert_eq!(
            opened.json,
            "{\n  \"b\": 1.10,\n  \"a\": {\n    \"x\": [],\n    \"y\": [\n      1,\n      2\n    ],\n    \"t\": \"{,:\\\"}\"\n  }\n}"
        );
    }

    #[test]
    fn other_lines_stay_closed() {
        for line in ["plain", "", "broken {\"a\":}", "a list []", "index [3]", "{\"a\":1} and more"] {
            assert_eq!(open(line), None, "{line}");
        }
    }

    #[test]
    fn hostile_depth_costs_little() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(open(&deep).is_some_and(|opened| opened.json.len() < 20_000));
        // However deep it goes, the indent does not.
        let deeper = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        assert!(open(&deeper).is_none_or(|opened| opened.json.len() < 100 * deeper.len()));
    }
}
