//! JSON laid out for reading. Keys keep their order, and numbers and texts are written as they were.

use serde::de::IgnoredAny;

/// Puts each member of an object or array on a line of its own; nothing for a text that is neither.
#[must_use]
pub fn lay_out(json: &str) -> Option<String> {
    let json = json.trim();
    if !json.starts_with(['{', '[']) || serde_json::from_str::<IgnoredAny>(json).is_err() {
        return None;
    }
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        // Deep nesting must not make spaces by the megabyte.
        out.extend(std::iter::repeat_n("  ", depth.min(40)));
    };
    let mut rest = json.chars().peekable();
    while let Some(c) = rest.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while rest.next_if(char::is_ascii_whitespace).is_some() {}
                if let Some(end) = rest.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_and_nothing_of_it_is_changed() {
        let long = r#"{"b":12345678901234567890.10,"a":[1,{"c d":"x, {y}: \"z\" \\"},[],{ }],"é":null}"#;
        let shown = lay_out(long).expect("JSON");
        assert_eq!(
            shown,
            "{\n  \"b\": 12345678901234567890.10,\n  \"a\": [\n    1,\n    {\n      \"c d\": \"x, {y}: \\\"z\\\" \\\\\"\n    \
             },\n    [],\n    {}\n  ],\n  \"é\": null\n}"
        );
        assert_eq!(lay_out(&shown).as_ref(), Some(&shown), "laid out once is laid out");
        for other in ["{", "plain, text", "{\"a\":1} {\"b\":2}", ""] {
            assert_eq!(lay_out(other), None, "{other}");
        }
    }

    #[test]
    fn hostile_depth_costs_little() {
        let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
        assert!(lay_out(&deep).is_some_and(|out| out.len() < 20_000), "the indent does not go on");
    }
}
