//! Takes keys out of a TOML table one by one, lets variables override them, and collects what is wrong.

use std::str::FromStr;

use secrecy::SecretString;
use toml::{Table, Value};

use super::ConfigErrors;

type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A table that is being read.
pub(super) struct Reader<'a> {
    table: Table,
    env: Env<'a>,
    prefix: String,
    errors: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(table: Table, env: Env<'a>) -> Self {
        Self { table, env, prefix: String::new(), errors: Vec::new() }
    }

    /// A reader of an inner table, to be given back to [`Self::absorb`].
    pub(super) fn part(&self, table: Table, at: &str) -> Self {
        Self { table, env: self.env, prefix: format!("{at}."), errors: Vec::new() }
    }

    /// Takes the errors of an inner table, and complains of the keys of it that nobody asked for.
    pub(super) fn absorb(&mut self, part: Self) {
        self.errors.extend(part.into_errors());
    }

    /// Ends the reading.
    pub(super) fn finish(self) -> Result<(), ConfigErrors> {
        let errors = self.into_errors();
        if errors.is_empty() { Ok(()) } else { Err(ConfigErrors(errors)) }
    }

    fn into_errors(mut self) -> Vec<String> {
        for key in self.table.keys() {
            self.errors.push(format!("{}{key}: nobody knows this key; is it misspelt?", self.prefix));
        }
        self.errors
    }

    pub(super) fn complain(&mut self, error: String) {
        self.errors.push(error);
    }

    pub(super) fn complain_of(&mut self, key: &str, error: &str) {
        self.errors.push(format!("{}{key}: {error}", self.prefix));
    }

    /// A text. A variable that is set but empty counts as not set, as shells and Compose files like it.
    pub(super) fn text(&mut self, key: &str, variable: &str) -> Option<String> {
        let in_file = self.table.remove(key);
        if let Some(text) = (self.env)(variable).filter(|text| !text.is_empty()) {
            return Some(text);
        }
        match in_file? {
            Value::String(text) => Some(text),
            other => {
                self.complain_of(key, &format!("a text is needed here, not {}", other.type_str()));
                None
            }
        }
    }

    pub(super) fn secret(&mut self, key: &str, variable: &str) -> Option<SecretString> {
        self.text(key, variable).map(SecretString::from)
    }

    /// A text or number that is something more.
    pub(super) fn parsed<T: FromStr>(&mut self, key: &str, variable: &str, what: &str) -> Option<T> {
        if let Some(Value::Integer(number)) = self.table.get(key) {
            let text = number.to_string();
            self.table.insert(key.to_owned(), Value::String(text));
        }
        let text = self.text(key, variable)?;
        let parsed = text.parse().ok();
        if parsed.is_none() {
            self.complain_of(key, &format!("{text:?} is not {what}"));
        }
        parsed
    }

    pub(super) fn flag(&mut self, key: &str, variable: &str) -> Option<bool> {
        if let Some(Value::Boolean(flag)) = self.table.get(key) {
            let text = flag.to_string();
            self.table.insert(key.to_owned(), Value::String(text));
        }
        self.parsed(key, variable, "true or false")
    }

    /// A text that must be there, whose own parser says what is wrong with it.
    pub(super) fn required<T: FromStr<Err = nephoscope_model::Error>>(&mut self, key: &str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.complain_of(key, "it is missing");
        }
        let text = self.text(key, "")?;
        text.parse().map_err(|error: nephoscope_model::Error| self.complain_of(key, &error.message)).ok()
    }

    /// Whether a key is in the table.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// A text that may be there, whose own parser says what is wrong with it.
    pub(super) fn optional<T: FromStr<Err = nephoscope_model::Error>>(&mut self, key: &str) -> Option<T> {
        let text = self.text(key, "")?;
        text.parse().map_err(|error: nephoscope_model::Error| self.complain_of(key, &error.message)).ok()
    }

    /// A list of texts.
    pub(super) fn list<T: FromStr<Err = nephoscope_model::Error>>(&mut self, key: &str) -> Vec<T> {
        let Some(value) = self.table.remove(key) else { return Vec::new() };
        let Value::Array(values) = value else {
            self.complain_of(key, &format!("a list is needed here, not {}", value.type_str()));
            return Vec::new();
        };
        let mut list = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let parsed = match value.as_str() {
                Some(text) => text.parse().map_err(|error: nephoscope_model::Error| error.message),
                None => Err(format!("a text is needed here, not {}", value.type_str())),
            };
            match parsed {
                Ok(value) => list.push(value),
                Err(error) => self.complain_of(&format!("{key}[{index}]"), &error),
            }
        }
        list
    }

    /// A list of texts, each with the key to complain of; a variable holds them with commas between.
    pub(super) fn texts(&mut self, key: &str, variable: &str) -> Vec<(String, String)> {
        let in_file = self.table.remove(key);
        if let Some(text) = (self.env)(variable).filter(|text| !text.is_empty()) {
            return text.split(',').map(|part| (key.to_owned(), part.trim().to_owned())).collect();
        }
        let values = match in_file {
            None => return Vec::new(),
            Some(Value::Array(values)) => values,
            Some(other) => {
                self.complain_of(key, &format!("a list is needed here, not {}", other.type_str()));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for (index, value) in values.into_iter().enumerate() {
            let at = format!("{key}[{index}]");
            match value {
                Value::String(text) => texts.push((at, text)),
                other => self.complain_of(&at, &format!("a text is needed here, not {}", other.type_str())),
            }
        }
        texts
    }

    /// A table of texts.
    pub(super) fn texts_by_name(&mut self, key: &str) -> Vec<(String, String)> {
        let table = match self.table.remove(key) {
            None => return Vec::new(),
            Some(Value::Table(table)) => table,
            Some(other) => {
                self.complain_of(key, &format!("a table is needed here, not {}", other.type_str()));
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for (name, value) in table {
            match value {
                Value::String(text) => texts.push((name, text)),
                other => self.complain_of(
                    &format!("{key}.{name:?}"),
                    &format!("a text is needed here, not {}", other.type_str()),
                ),
            }
        }
        texts
    }

    /// A list of tables (`[[key]]`).
    pub(super) fn tables(&mut self, key: &str) -> Vec<Table> {
        let Some(value) = self.table.remove(key) else { return Vec::new() };
        let tables = match value {
            Value::Array(values) => values
                .into_iter()
                .map(|value| match value {
                    Value::Table(table) => Some(table),
                    _ => None,
                })
                .collect(),
            _ => None,
        };
        tables.unwrap_or_else(|| {
            self.complain_of(key, &format!("tables are needed here: write [[{key}]]"));
            Vec::new()
        })
    }
}
