//! The address of the service, and the folder for sign-ins and interrupted uploads.

use std::env;
use std::path::PathBuf;

use url::Url;

use crate::arguments::Global;
use crate::failure::Failure;

#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The address of the service; its path is `/`.
    pub(crate) url: Url,
    pub(crate) folder: PathBuf,
}

impl Config {
    pub(crate) fn new(global: &Global) -> Result<Self, Failure> {
        let folder = match &global.config_dir {
            Some(folder) => folder.clone(),
            None => default_folder()?,
        };
        Ok(Self {
            url: service_url(&global.url)?,
            folder,
        })
    }

    /// A file name for this service: `localhost-8080`.
    pub(crate) fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default().replace([':', '[', ']'], "_");
        match self.url.port() {
            Some(port) => format!("{host}-{port}"),
            None => host,
        }
    }

    /// The absolute address of a root-relative one from the service.
    pub(crate) fn absolute(&self, path: &str) -> Result<Url, Failure> {
        self.url.join(path).map_err(|error| {
            Failure::new(
                crate::failure::Exit::Unavailable,
                format!("the service answered with an invalid address ({path}): {error}"),
                "check that --url is the address of Marquee",
            )
        })
    }
}

fn service_url(text: &str) -> Result<Url, Failure> {
    let wrong = |why: &str| {
        Failure::usage(
            format!("`{text}` is not the address of a Marquee service: {why}"),
            "give --url or MARQUEE_URL as http(s)://host[:port]",
        )
    };
    let mut url = Url::parse(text).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(wrong("it must begin with http:// or https://"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("it must be an origin, without path, query or user name"));
    }
    url.set_path("/");
    Ok(url)
}

fn default_folder() -> Result<PathBuf, Failure> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CONFIG_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".config")))
        .map(|folder| folder.join("marquee"))
        .ok_or_else(|| Failure::usage("no folder for settings: HOME is not set", "set MARQUEE_CONFIG_DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Config {
        Config {
            url: service_url(url).unwrap(),
            folder: PathBuf::new(),
        }
    }

    #[test]
    fn each_service_has_its_own_file() {
        assert_eq!(config("http://localhost:8080").host(), "localhost-8080");
        assert_eq!(config("https://marquee.example/").host(), "marquee.example");
        assert_eq!(config("http://[::1]:8080").host(), "___1_-8080");
    }

    #[test]
    fn addresses_from_the_service_become_absolute() {
        let url = config("http://localhost:8080")
            .absolute("/media/token/a/1/hls/master.m3u8")
            .unwrap();
        assert_eq!(url.as_str(), "http://localhost:8080/media/token/a/1/hls/master.m3u8");
    }

    #[test]
    fn other_addresses_than_origins_are_refused() {
        for url in [
            "localhost:8080",
            "ftp://host",
            "http://",
            "http://host/path",
            "http://host?x=1",
            "http://me@host",
        ] {
            assert!(service_url(url).is_err(), "{url}");
        }
    }
}
