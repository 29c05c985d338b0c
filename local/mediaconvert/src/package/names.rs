//! MediaConvert's names of output files: `<destination><name modifier>…`.

/// The destination of an output group: a bucket, a folder, and the common start of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    pub(crate) bucket: String,
    /// With a `/` at the end, or empty.
    folder: String,
    base: String,
}

impl Destination {
    /// Parses `s3://bucket/folder/base`. The base defaults to the input's file name without its extension.
    pub(crate) fn parse(url: &str, input: &str) -> Option<Self> {
        let (bucket, key) = url.strip_prefix("s3://")?.split_once('/')?;
        let (folder, base) = key.rsplit_once('/').map_or(("", key), |(folder, base)| (folder, base));
        let input_name = input.rsplit('/').next().unwrap_or_default();
        let stem = input_name.rsplit_once('.').map_or(input_name, |(stem, _)| stem);
        Some(Self {
            bucket: bucket.to_owned(),
            folder: if folder.is_empty() {
                String::new()
            } else {
                format!("{folder}/")
            },
            base: if base.is_empty() {
                stem.to_owned()
            } else {
                base.to_owned()
            },
        })
    }

    /// A file name of this group.
    pub(crate) fn name(&self, rest: &str) -> String {
        format!("{}{rest}", self.base)
    }

    /// The key of a file of this group.
    pub(crate) fn key(&self, rest: &str) -> String {
        format!("{}{}{rest}", self.folder, self.base)
    }

    /// The address of a file of this group, as in events.
    pub(crate) fn url(&self, rest: &str) -> String {
        format!("s3://{}/{}", self.bucket, self.key(rest))
    }
}

/// Bucket and key of `s3://bucket/key`.
pub(crate) fn parse_s3(url: &str) -> Option<(&str, &str)> {
    let (bucket, key) = url.strip_prefix("s3://")?.split_once('/')?;
    (!bucket.is_empty() && !key.is_empty()).then_some((bucket, key))
}

/// The content type, by the file's extension.
pub(crate) fn content_type(key: &str) -> &'static str {
    match key.rsplit_once('.').map(|(_, extension)| extension) {
        Some("m3u8") => "application/vnd.apple.mpegurl",
        Some("mpd") => "application/dash+xml",
        Some("cmfv" | "mp4") => "video/mp4",
        Some("cmfa") => "audio/mp4",
        Some("ts") => "video/mp2t",
        Some("aac") => "audio/aac",
        Some("jpg") => "image/jpeg",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_the_destination() {
        let destination = Destination::parse("s3://media/a/b/master", "s3://in/film.mov").unwrap();
        assert_eq!(destination.bucket, "media");
        assert_eq!(
            destination.key("_720p_000000001.cmfv"),
            "a/b/master_720p_000000001.cmfv"
        );
        assert_eq!(destination.name(".m3u8"), "master.m3u8");
        assert_eq!(destination.url(".m3u8"), "s3://media/a/b/master.m3u8");
    }

    #[test]
    fn without_a_base_the_input_names_the_outputs() {
        let folder = Destination::parse("s3://media/a/", "s3://in/x/film.one.mov").unwrap();
        assert_eq!(folder.key(".mp4"), "a/film.one.mp4");
        let bucket = Destination::parse("s3://media/", "s3://in/source").unwrap();
        assert_eq!(bucket.key(".mp4"), "source.mp4");
    }
}
