//! How serious a line is, by the words that loggers write.

/// How serious.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Debugging, and what the Lambda runtime says about itself.
    Quiet,
    /// Nothing that says otherwise.
    Plain,
    /// A warning.
    Warning,
    /// An error, or worse.
    Error,
}

/// How far into a line its level is looked for.
const REACH: usize = 240;

/// How serious a line is. A level in capitals counts anywhere near the front, in other letters only where a level is
/// expected: after `level` or `severity`, in brackets, or as the first word with a colon.
#[must_use]
pub fn severity(message: &str) -> Severity {
    let end = message.char_indices().nth(REACH).map_or(message.len(), |(index, _)| index);
    let text = &message[..end];
    if ["START RequestId:", "END RequestId:", "REPORT RequestId:", "INIT_START "]
        .iter()
        .any(|start| text.starts_with(start))
    {
        return Severity::Quiet;
    }
    let mut found = None;
    let mut after_level = false;
    for (index, word) in words(text) {
        let expected = after_level
            || text[..index].ends_with('[')
            || (index == 0 && text[word.len()..].starts_with(':'));
        if let Some(level) = level_of(word, expected) {
            found = found.max(Some(level));
        }
        after_level =
            ["level", "severity", "lvl", "loglevel"].iter().any(|name| word.eq_ignore_ascii_case(name));
    }
    found.unwrap_or(Severity::Plain)
}

fn level_of(word: &str, expected: bool) -> Option<Severity> {
    let in_capitals = word.bytes().all(|b| b.is_ascii_uppercase());
    // Python's and Java's exceptions say what they are in their names.
    if word.len() > 9 && (word.ends_with("Exception") || word.ends_with("Error")) || word == "Traceback" {
        return Some(Severity::Error);
    }
    if !in_capitals && !expected {
        return None;
    }
    let is = |names: &[&str]| names.iter().any(|name| word.eq_ignore_ascii_case(name));
    if is(&["error", "err", "fatal", "critical", "crit", "panic", "alert", "emergency", "severe"]) {
        Some(Severity::Error)
    } else if is(&["warning", "warn"]) {
        Some(Severity::Warning)
    } else if is(&["info", "notice", "information"]) {
        Some(Severity::Plain)
    } else if is(&["debug", "trace", "verbose", "fine", "finer", "finest"]) {
        Some(Severity::Quiet)
    } else {
        None
    }
}

/// The runs of ASCII letters, with where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(|c: char| c.is_ascii_alphabetic())?;
        let length = text[start..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len() - start);
        from = start + length;
        Some((start, &text[start..from]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loggers_of_many_kinds_are_understood() {
        for (line, expected) in [
            ("2026-11-20T11:34:08Z ERROR payment failed", Severity::Error),
            ("[ERROR]\t2026-11-20T11:34:08Z\tid\tboom", Severity::Error),
            ("[error] 12#12: *1 open() failed", Severity::Error),
            (r#"{"level":"error","msg":"x"}"#, Severity::Error),
            (r#"{"time":1,"severity":"WARNING"}"#, Severity::Warning),
            ("level=warn msg=\"slow\"", Severity::Warning),
            ("warning: unused variable", Severity::Warning),
            ("WARN retrying", Severity::Warning),
            ("INFO started", Severity::Plain),
            ("DEBUG cache miss", Severity::Quiet),
            ("START RequestId: 6f Version: $LATEST", Severity::Quiet),
            ("Traceback (most recent call last):", Severity::Error),
            ("java.lang.IllegalStateException: no", Severity::Error),
            ("GET /errors?warn=1 200", Severity::Plain),
            ("no error at all, warned before", Severity::Plain),
            ("", Severity::Plain),
            ("日本語 ERROR", Severity::Error),
        ] {
            assert_eq!(severity(line), expected, "{line}");
        }
    }

    #[test]
    fn a_level_far_behind_is_part_of_the_text() {
        assert_eq!(severity(&format!("INFO {} ERROR", "é".repeat(400))), Severity::Plain);
    }
}
