//! What our cookies are called outside.
//!
//! Where browsers come by TLS only, names begin with `__Host-`, which no other host of the domain and nothing without TLS can set. The
//! rest of the server knows the plain names; they are translated here, in both directions. Cookies under the names of the other
//! mode are not heard and are removed, so that a server whose mode was changed never finds two that contradict each other.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::server::state::App;

/// What all cookies of the server begin with. A page's own, such as the theme, have other names.
const OURS: &str = "nephoscope_";
/// For cookies of the whole host.
const HOST: &str = "__Host-";
/// For cookies of a part of it, which may not carry the other prefix.
const SECURE: &str = "__Secure-";

/// The middleware that translates.
pub(in crate::server) async fn translate(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Response {
    let secure = app.secure_cookies();
    let stale = read(request.headers_mut(), secure);
    let mut response = next.run(request).await;
    if secure {
        rename_set(response.headers_mut());
    }
    for name in stale {
        let gone = format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Secure");
        if let Ok(gone) = HeaderValue::from_str(&gone) {
            response.headers_mut().append(header::SET_COOKIE, gone);
        }
    }
    response
}

/// Gives our cookies their plain names, and takes out those of the other mode, whose names are returned.
fn read(headers: &mut HeaderMap, secure: bool) -> Vec<String> {
    let mut stale = Vec::new();
    let lines: Vec<HeaderValue> = headers.get_all(header::COOKIE).iter().cloned().collect();
    if lines.is_empty() {
        return stale;
    }
    let mut kept = Vec::new();
    for pair in lines.iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';')) {
        let pair = pair.trim();
        let name = pair.split('=').next().unwrap_or_default().trim();
        let bare = name.strip_prefix(HOST).or_else(|| name.strip_prefix(SECURE));
        match bare.filter(|bare| bare.starts_with(OURS)) {
            Some(bare) if secure => kept.push(format!("{bare}{}", &pair[name.len()..])),
            Some(_) => stale.push(name.to_owned()),
            None if secure && name.starts_with(OURS) => stale.push(name.to_owned()),
            None => kept.push(pair.to_owned()),
        }
    }
    headers.remove(header::COOKIE);
    if let Ok(line) = HeaderValue::from_str(&kept.join("; ")) {
        headers.insert(header::COOKIE, line);
    }
    // Only what has the alphabet of our names goes back out.
    stale.retain(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
    stale.sort_unstable();
    stale.dedup();
    stale
}

/// Gives the cookies of an answer the names that TLS allows.
fn rename_set(headers: &mut HeaderMap) {
    let set: Vec<HeaderValue> = headers.get_all(header::SET_COOKIE).iter().cloned().collect();
    headers.remove(header::SET_COOKIE);
    for cookie in set {
        let renamed = cookie.to_str().ok().filter(|text| text.starts_with(OURS)).and_then(|text| {
            let whole_host = text.split(';').any(|part| part.trim().eq_ignore_ascii_case("path=/"));
            HeaderValue::from_str(&format!("{}{text}", if whole_host { HOST } else { SECURE })).ok()
        });
        headers.append(header::SET_COOKIE, renamed.unwrap_or(cookie));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, line.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn only_the_names_of_the_present_mode_are_heard() {
        let lines =
            ["theme=dark; nephoscope_token=plain", "__Host-nephoscope_token=a=b; __Secure-nephoscope_x=1"];
        let mut headers = cookies(&lines);
        assert_eq!(read(&mut headers, true), ["nephoscope_token"]);
        assert_eq!(headers[header::COOKIE], "theme=dark; nephoscope_token=a=b; nephoscope_x=1");

        let mut headers = cookies(&lines);
        assert_eq!(read(&mut headers, false), ["__Host-nephoscope_token", "__Secure-nephoscope_x"]);
        assert_eq!(headers[header::COOKIE], "theme=dark; nephoscope_token=plain");
    }

    #[test]
    fn cookies_are_set_under_the_name_that_fits_their_path() {
        let mut headers = HeaderMap::new();
        for cookie in
            ["nephoscope_token=x; Path=/; Secure", "nephoscope_unended=y; Path=/logout; Secure", "other=z"]
        {
            headers.append(header::SET_COOKIE, cookie.parse().expect("a header"));
        }
        rename_set(&mut headers);
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(
            set,
            [
                "__Host-nephoscope_token=x; Path=/; Secure",
                "__Secure-nephoscope_unended=y; Path=/logout; Secure",
                "other=z"
            ]
        );
    }
}
