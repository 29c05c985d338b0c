//! Paths of the API.

use url::form_urlencoded;

/// The path of a title.
#[must_use]
pub fn title(id: &str) -> String {
    format!("api/titles/{}", escaped(id))
}

/// The path of a title's timeline.
#[must_use]
pub fn timeline(title_id: &str) -> String {
    format!("{}/timeline", title(title_id))
}

/// The path of an upload.
pub(crate) fn upload(id: &str) -> String {
    format!("api/uploads/{}", escaped(id))
}

/// An id that cannot change the path.
fn escaped(id: &str) -> String {
    form_urlencoded::byte_serialize(id.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_change_the_path() {
        assert_eq!(title("../me?x"), "api/titles/..%2Fme%3Fx");
        assert_eq!(timeline("a/b"), "api/titles/a%2Fb/timeline");
        assert_eq!(upload("a/b"), "api/uploads/a%2Fb");
    }
}
