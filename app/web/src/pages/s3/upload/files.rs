//! Files that were chosen or dropped, with the folders that they came in.

use js_sys::{Array, Function, Promise, Reflect, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    DataTransfer, File, FileSystemDirectoryEntry, FileSystemDirectoryReader, FileSystemEntry,
    FileSystemFileEntry, HtmlInputElement,
};

/// Whether files are dragged, and not a text or a link.
pub(super) fn has_files(data: &DataTransfer) -> bool {
    data.types().iter().any(|kind| kind.as_string().as_deref() == Some("Files"))
}

/// What was chosen. Only files of a folder have a path.
pub(super) fn chosen(input: &HtmlInputElement) -> Vec<(String, File)> {
    let Some(list) = input.files() else { return Vec::new() };
    let files = (0..list.length()).filter_map(|at| list.get(at));
    let with_path = |file: File| {
        let path = Reflect::get(&file, &"webkitRelativePath".into()).ok().and_then(|path| path.as_string());
        (path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name()), file)
    };
    files.map(with_path).collect()
}

/// What was dropped: files and folders; and files of which the browser says nothing more.
pub(super) fn dropped(data: &DataTransfer) -> (Vec<FileSystemEntry>, Vec<(String, File)>) {
    let (items, mut entries, mut files) = (data.items(), Vec::new(), Vec::new());
    for item in (0..items.length()).filter_map(|at| items.get(at)) {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => entries.push(entry),
            _ => files.extend(item.get_as_file().ok().flatten().map(|file| (file.name(), file))),
        }
    }
    (entries, files)
}

/// All files in what was dropped. What cannot be read is left out.
pub(super) async fn walk(
    (mut entries, mut files): (Vec<FileSystemEntry>, Vec<(String, File)>),
) -> Vec<(String, File)> {
    // The last is taken first.
    entries.reverse();
    while let Some(entry) = entries.pop() {
        if entry.is_file() {
            let entry: FileSystemFileEntry = entry.unchecked_into();
            let file = Promise::new(&mut |resolve: Function, reject: Function| {
                entry.file_with_callback_and_callback(&resolve, &reject);
            });
            if let Ok(file) = JsFuture::from(file).await {
                files.push((entry.full_path(), file.unchecked_into()));
            }
        } else {
            let folder: FileSystemDirectoryEntry = entry.unchecked_into();
            let reader = folder.create_reader();
            // It comes a hundred at a time, and then none.
            while let Some(some) = read(&reader).await.filter(|some| some.length() > 0) {
                entries.extend(some.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
            }
        }
    }
    files
}

async fn read(reader: &FileSystemDirectoryReader) -> Option<Array> {
    let some = Promise::new(&mut |resolve: Function, reject: Function| {
        let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
    });
    JsFuture::from(some).await.ok().map(|some: JsValue| some.unchecked_into())
}
