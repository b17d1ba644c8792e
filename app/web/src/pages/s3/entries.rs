//! What a list of a bucket shows: folders, objects and versions; its columns, its order, and it as a file.

use std::cmp::Ordering;

use nephoscope_model::{
    Timestamp,
    s3::{ObjectSummary, ObjectVersion, file_name},
};

use crate::{
    charts::unit::bytes,
    csv,
    listing::{self, Column as _, Query},
    sorting::{missing_last, natural},
};

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Everything below a prefix.
    Folder(String),
    Object(ObjectSummary),
    Version(ObjectVersion),
}

impl Entry {
    /// Its key, or the prefix.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Folder(prefix) => prefix,
            Self::Object(object) => &object.key,
            Self::Version(version) => &version.key,
        }
    }

    /// In bytes; a folder has none, and a mark of a deletion neither.
    fn size(&self) -> Option<i64> {
        match self {
            Self::Object(object) => Some(object.size),
            Self::Version(version) if !version.is_delete_marker => Some(version.size),
            Self::Folder(_) | Self::Version(_) => None,
        }
    }

    /// When it was written.
    pub(super) fn modified_at(&self) -> Option<Timestamp> {
        match self {
            Self::Folder(_) => None,
            Self::Object(object) => object.modified_at,
            Self::Version(version) => version.modified_at,
        }
    }

    fn class(&self) -> Option<&String> {
        match self {
            Self::Folder(_) => None,
            Self::Object(object) => object.storage_class.as_ref(),
            Self::Version(version) => version.storage_class.as_ref(),
        }
    }

    fn etag(&self) -> Option<&String> {
        match self {
            Self::Folder(_) => None,
            Self::Object(object) => object.etag.as_ref(),
            Self::Version(version) => version.etag.as_ref(),
        }
    }

    /// What stands behind the last dot of its name.
    fn extension(&self) -> Option<&str> {
        if matches!(self, Self::Folder(_)) {
            return Some("folder");
        }
        let (stem, extension) = file_name(self.key()).rsplit_once('.')?;
        (!stem.is_empty() && !extension.is_empty()).then_some(extension)
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Name,
    Version,
    Size,
    Modified,
    Class,
    Type,
    Etag,
    Key,
}

/// Those of objects, from left to right.
const OBJECTS: &[Column] =
    &[Column::Name, Column::Size, Column::Modified, Column::Class, Column::Type, Column::Etag, Column::Key];

/// Those of versions, from left to right.
const VERSIONS: &[Column] = &[
    Column::Name,
    Column::Version,
    Column::Size,
    Column::Modified,
    Column::Class,
    Column::Type,
    Column::Etag,
    Column::Key,
];

impl Column {
    /// The columns of objects, or of versions.
    pub(super) const fn all(versions: bool) -> &'static [Self] {
        if versions { VERSIONS } else { OBJECTS }
    }

    /// What it says of an entry for people; empty when there is nothing to say.
    pub(super) fn text(self, entry: &Entry) -> String {
        let or_nothing = |text: Option<&String>| text.cloned().unwrap_or_default();
        match self {
            Self::Name => file_name(entry.key()).to_owned(),
            Self::Version => match entry {
                Entry::Version(version) => version.version_id.clone(),
                Entry::Folder(_) | Entry::Object(_) => String::new(),
            },
            Self::Size => entry.size().map(bytes).unwrap_or_default(),
            Self::Modified => entry.modified_at().map(Timestamp::to_utc_text).unwrap_or_default(),
            Self::Class => or_nothing(entry.class()),
            Self::Type => entry.extension().unwrap_or_default().to_owned(),
            Self::Etag => or_nothing(entry.etag()),
            Self::Key => entry.key().to_owned(),
        }
    }

    /// The same for a file: sizes are bytes, and times can be read by programs.
    fn file_text(self, entry: &Entry) -> String {
        match self {
            Self::Size => entry.size().map(|size| size.to_string()).unwrap_or_default(),
            Self::Modified => entry.modified_at().map(|at| at.to_string()).unwrap_or_default(),
            _ => self.text(entry),
        }
    }

    fn compare(self, a: &Entry, b: &Entry, descending: bool) -> Ordering {
        match self {
            Self::Size => missing_last(a.size(), b.size(), descending, Ord::cmp),
            Self::Modified => missing_last(a.modified_at(), b.modified_at(), descending, Ord::cmp),
            _ => {
                let text = |entry| Some(self.text(entry)).filter(|text| !text.is_empty());
                missing_last(text(a), text(b), descending, |a, b| natural(a, b))
            }
        }
    }
}

impl listing::Column for Column {
    fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Version => "version-id",
            Self::Size => "size",
            Self::Modified => "modified",
            Self::Class => "class",
            Self::Type => "type",
            Self::Etag => "etag",
            Self::Key => "key",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Version => "Version",
            Self::Size => "Size",
            Self::Modified => "Modified",
            Self::Class => "Storage class",
            Self::Type => "Type",
            Self::Etag => "ETag",
            Self::Key => "Key",
        }
    }

    fn is_usual(self) -> bool {
        !matches!(self, Self::Type | Self::Etag | Self::Key)
    }

    fn begins_descending(self) -> bool {
        matches!(self, Self::Size | Self::Modified)
    }
}

/// The entries in the order that was asked for, folders first. S3 gives them by key, the newest version of each first; a list that goes on
/// elsewhere stays so, since nobody knows what is still to come.
pub(super) fn ordered(mut entries: Vec<Entry>, query: &Query<Column>, is_complete: bool) -> Vec<Entry> {
    if !is_complete {
        return entries;
    }
    if query.sort != Column::Name {
        entries.sort_by(|a, b| query.sort.compare(a, b, query.descending));
    } else if query.descending {
        // The versions of a key stay as they are.
        entries.sort_by(|a, b| b.key().cmp(a.key()));
    }
    entries.sort_by_key(|entry| !matches!(entry, Entry::Folder(_)));
    entries
}

/// A file of the objects or versions among these: their keys, and the columns that are shown.
pub(super) fn to_csv(entries: &[Entry], query: &Query<Column>) -> String {
    let is_version = |entry: &Entry| matches!(entry, Entry::Version(_));
    let versions = entries.iter().any(is_version);
    let marks = if versions { &["Version", "Latest", "Delete marker"][..] } else { &[] };
    let columns = query.shown_columns().into_iter();
    let columns = columns.filter(|it| !matches!(it, Column::Name | Column::Key | Column::Version));
    let columns: Vec<Column> = columns.collect();
    let head = ["Key"].into_iter().chain(marks.iter().copied());
    let mut text = csv::row(head.chain(columns.iter().map(|column| column.label())));
    for entry in entries {
        let marks = match entry {
            Entry::Folder(_) => continue,
            Entry::Object(_) => Vec::new(),
            Entry::Version(it) => {
                vec![it.version_id.clone(), it.is_latest.to_string(), it.is_delete_marker.to_string()]
            }
        };
        let cells = [entry.key().to_owned()].into_iter().chain(marks);
        text += &csv::row(cells.chain(columns.iter().map(|column| column.file_text(entry))));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::Params;

    fn object(key: &str, size: i64, modified: Option<i64>) -> Entry {
        Entry::Object(ObjectSummary {
            key: key.to_owned(),
            size,
            modified_at: modified.map(Timestamp::from_millis),
            storage_class: None,
            etag: Some("abc".to_owned()),
        })
    }

    fn query(search: &str) -> Query<Column> {
        Query::from_params(Column::all(false), &Params::parse(search))
    }

    fn keys(entries: &[Entry], search: &str, is_complete: bool) -> Vec<String> {
        let ordered = ordered(entries.to_vec(), &query(search), is_complete);
        ordered.iter().map(|entry| entry.key().to_owned()).collect()
    }

    #[test]
    fn a_whole_list_is_sorted_with_folders_first_and_a_part_of_one_stays_as_s3_gives_it() {
        let list = [
            Entry::Folder("a/".to_owned()),
            Entry::Folder("b/".to_owned()),
            object("f-10.log", 5, Some(7)),
            object("f-9.txt", 50, None),
            object("z", 1, Some(9)),
        ];
        assert_eq!(keys(&list, "", true), ["a/", "b/", "f-10.log", "f-9.txt", "z"]);
        assert_eq!(keys(&list, "sort=-name", true), ["b/", "a/", "z", "f-9.txt", "f-10.log"]);
        assert_eq!(keys(&list, "sort=-size", true), ["a/", "b/", "f-9.txt", "f-10.log", "z"]);
        assert_eq!(keys(&list, "sort=modified", true), ["a/", "b/", "f-10.log", "z", "f-9.txt"]);
        assert_eq!(keys(&list, "sort=key", true)[2..], ["f-9.txt", "f-10.log", "z"], "numbers are numbers");
        assert_eq!(keys(&list, "sort=type", true)[2..], ["f-10.log", "f-9.txt", "z"]);
        assert_eq!(keys(&list, "sort=-size", false), keys(&list, "", true));
    }

    #[test]
    fn the_versions_of_a_key_stay_together_with_the_newest_first() {
        let version = |key: &str, id: &str| {
            let (key, version_id) = (key.to_owned(), id.to_owned());
            Entry::Version(ObjectVersion { key, version_id, ..ObjectVersion::default() })
        };
        let list = vec![version("a", "new"), version("a", "old"), version("b", "only")];
        let plain = Query::from_params(Column::all(true), &Params::parse(""));
        assert_eq!(ordered(list.clone(), &plain, true), list);
        assert_eq!(plain.shown_columns()[1], Column::Version);
        let back = ordered(list.clone(), &plain.sorted_by(Column::Name), true);
        assert_eq!(back, [list[2].clone(), list[0].clone(), list[1].clone()]);
    }

    #[test]
    fn what_is_shown_becomes_a_file_and_no_key_is_a_formula() {
        let list = [Entry::Folder("a/".to_owned()), object("=1+1, \"x\"", 7, Some(0))];
        let text = to_csv(&list, &query("columns=size,modified,etag,key"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines, ["Key,Size,Modified,ETag", "\"'=1+1, \"\"x\"\"\",7,1970-01-01T00:00:00.000Z,abc"]);
        let mark = ObjectVersion {
            key: "a".to_owned(),
            version_id: "v".to_owned(),
            is_delete_marker: true,
            ..ObjectVersion::default()
        };
        let text = to_csv(&[Entry::Version(mark)], &query("columns=size"));
        assert_eq!(text, "Key,Version,Latest,Delete marker,Size\r\na,v,false,true,\r\n");
    }
}
