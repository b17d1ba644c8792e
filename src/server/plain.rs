//! Small pages that the server writes by itself: what is shown once, and forms for people who are not logged in. They hold no script, so that
//! nothing of what they show is kept anywhere.

use std::fmt::Write;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use leptos::config::LeptosOptions;
use nephoscope_web::components::theme::Theme;

use super::access::escape;

/// The policy of such a page: our style and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A page in the making. Every text that is given to it is escaped.
#[derive(Debug)]
pub(super) struct Plain {
    title: &'static str,
    body: String,
}

impl Plain {
    pub(super) fn new(title: &'static str) -> Self {
        Self { title, body: String::new() }
    }

    /// A paragraph.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.push(&["<p>", &escape(text), "</p>"]);
        self
    }

    /// Something that went wrong, and what to do about it.
    pub(super) fn trouble(mut self, error: &nephoscope_model::Error) -> Self {
        let hint = error.hint.as_deref().map(escape).unwrap_or_default();
        self.push(&[
            "<div class=\"notice notice-error\" role=\"alert\"><div class=\"notice-body\"><p class=\"notice-title\">",
            &escape(&error.message),
            "</p><p>",
            &hint,
            "</p></div></div>",
        ]);
        self
    }

    /// A value to copy.
    pub(super) fn value(mut self, label: &str, value: &str) -> Self {
        self.push(&[
            "<label class=\"field\"><span>",
            &escape(label),
            "</span><input class=\"input font-mono\" readonly value=\"",
            &escape(value),
            "\"></label>",
        ]);
        self
    }

    /// Several values, one on each line.
    pub(super) fn lines(mut self, label: &str, lines: &[String]) -> Self {
        let list: String = lines.iter().fold(String::new(), |mut list, line| {
            // Writing to a text cannot fail.
            let _written = write!(list, "<li>{}</li>", escape(line));
            list
        });
        self.push(&["<ul class=\"font-mono\" aria-label=\"", &escape(label), "\">", &list, "</ul>"]);
        self
    }

    /// HTML that was made here and holds no text from outside.
    pub(super) fn html(mut self, html: &str) -> Self {
        self.push(&[html]);
        self
    }

    /// A form that posts to `action`.
    pub(super) fn form(mut self, action: &str, button: &str, fields: &[Field<'_>]) -> Self {
        self.push(&["<form method=\"post\" action=\"", &escape(action), "\">"]);
        for field in fields {
            self.push(&[&field.html()]);
        }
        self.push(&[
            "<button type=\"submit\" class=\"btn btn-primary login-submit\">",
            &escape(button),
            "</button></form>",
        ]);
        self
    }

    /// The way on.
    pub(super) fn link(mut self, label: &str, href: &str) -> Self {
        self.push(&["<p><a class=\"link\" href=\"", &escape(href), "\">", &escape(label), "</a></p>"]);
        self
    }

    fn push(&mut self, parts: &[&str]) {
        self.body.extend(parts.iter().copied());
    }

    /// The page as an answer.
    pub(super) fn answer(self, status: StatusCode, options: &LeptosOptions, headers: &HeaderMap) -> Response {
        let cookies =
            headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
        let theme = Theme::from_cookies(cookies)
            .attribute()
            .map_or_else(String::new, |theme| format!(" data-theme=\"{theme}\""));
        let html = format!(
            "<!DOCTYPE html><html lang=\"en\"{theme}><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
             <title>{title} · nephoscope</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
             <link rel=\"stylesheet\" href=\"{style}\"></head>\
             <body><div class=\"login\"><header class=\"login-top\"><span class=\"brand\">nephoscope</span></header>\
             <main class=\"login-main\" id=\"main\"><div class=\"login-card\"><h1>{title}</h1>{body}</div></main></div></body></html>",
            title = escape(self.title),
            style = stylesheet(options),
            body = self.body,
        );
        let mut response = (status, Html(html)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response.map(Body::new)
    }
}

/// A field of a form.
#[derive(Debug)]
pub(super) enum Field<'a> {
    /// Something that the form brings along.
    Hidden { name: &'a str, value: &'a str },
    /// A new password, for password managers the one of `user`.
    NewPassword { name: &'a str, label: &'a str },
    /// The log-in name, for password managers only.
    UserName(&'a str),
    /// A code of a device.
    Code { name: &'a str, label: &'a str },
}

impl Field<'_> {
    fn html(&self) -> String {
        match self {
            Self::Hidden { name, value } => {
                format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
            }
            Self::NewPassword { name, label } => format!(
                "<label class=\"field\"><span>{}</span><input class=\"input\" type=\"password\" name=\"{}\" required \
                 minlength=\"10\" maxlength=\"256\" autocomplete=\"new-password\"></label>",
                escape(label),
                escape(name)
            ),
            Self::UserName(value) => format!(
                "<label class=\"field\"><span>Name</span><input class=\"input\" type=\"text\" name=\"username\" readonly \
                 autocomplete=\"username\" value=\"{}\"></label>",
                escape(value)
            ),
            Self::Code { name, label } => format!(
                "<label class=\"field\"><span>{}</span><input class=\"input\" type=\"text\" name=\"{}\" required maxlength=\"32\" \
                 inputmode=\"numeric\" autocomplete=\"one-time-code\" autofocus></label>",
                escape(label),
                escape(name)
            ),
        }
    }
}

/// Where the stylesheet is. Its name holds a hash when the site was built with hashes, which `leptos_meta` reads from the same file.
pub(super) fn stylesheet(options: &LeptosOptions) -> String {
    let hash = options.hash_files.then(|| {
        let folder = std::env::current_exe().ok()?.parent()?.to_owned();
        let hashes = std::fs::read_to_string(folder.join(&*options.hash_file)).ok()?;
        let hash = hashes.lines().find_map(|line| line.trim().strip_prefix("css:"))?;
        Some(format!(".{}", hash.trim()))
    });
    let hash = hash.flatten().unwrap_or_default();
    format!("/{}/{}{hash}.css", options.site_pkg_dir, options.output_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_to_a_page_is_only_text() {
        let evil = "\"><script>alert(1)</script>";
        let error = nephoscope_model::Error::invalid(evil).with_hint(evil);
        let page = Plain::new("Test")
            .text(evil)
            .trouble(&error)
            .value(evil, evil)
            .lines(evil, &[evil.to_owned()])
            .link(evil, evil)
            .form(
                evil,
                evil,
                &[
                    Field::Hidden { name: evil, value: evil },
                    Field::NewPassword { name: evil, label: evil },
                    Field::UserName(evil),
                    Field::Code { name: evil, label: evil },
                ],
            );
        assert!(!page.body.contains("<script"), "{}", page.body);
    }
}
