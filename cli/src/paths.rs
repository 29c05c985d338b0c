//! Paths of the API.

use url::form_urlencoded;

/// The path of a title. The id is escaped, so that it cannot change the path.
pub(crate) fn title(id: &str) -> String {
    let id: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();

    format!("api/titles/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_change_the_path() {
        assert_eq!(title("../me?x"), "api/titles/..%2Fme%3Fx");
    }
}
