//! Files that spreadsheets read, made of what a page shows. Much of it is text that others chose.

/// One cell: quoted where it must be, and defused where a spreadsheet would run it as a formula
/// ([OWASP](https://owasp.org/www-community/attacks/CSV_Injection)).
#[must_use]
pub fn cell(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// One row, with its end.
#[must_use]
pub fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let cells: Vec<String> = cells.into_iter().map(|text| cell(text.as_ref())).collect();
    cells.join(",") + "\r\n"
}

/// Lets the person save a text as a CSV file. Does nothing on the server.
#[cfg(feature = "hydrate")]
pub fn save(name: &str, text: &str) {
    let _ = download(name, "text/csv;charset=utf-8", text);
}

/// Lets the person save a text as a CSV file. Does nothing on the server.
#[cfg(not(feature = "hydrate"))]
pub fn save(_name: &str, _text: &str) {}

#[cfg(feature = "hydrate")]
fn download(name: &str, kind: &str, text: &str) -> Option<()> {
    use wasm_bindgen::JsCast;

    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&text.into());
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options).ok()?;
    let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let link: web_sys::HtmlAnchorElement =
        leptos::prelude::document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&address).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(row(["a", "", "b, \"c\"", "d\ne"]), "a,,\"b, \"\"c\"\"\",\"d\ne\"\r\n");
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"] {
            assert!(cell(formula).trim_start_matches('"').starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("a=1"), "a=1");
    }
}
