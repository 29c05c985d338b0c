//! The output of a training: its model folder, packed and uploaded.

use std::{fs, io, path::Path};

use anyhow::Context as _;
use aws_sdk_s3::{Client, error::DisplayErrorContext, primitives::ByteStream};
use flate2::{Compression, write::GzEncoder};

use super::super::model::rules::parse_s3;

/// Packs and uploads a folder; `false` if it is empty.
pub(crate) async fn upload(s3: &Client, folder: &Path, archive: &Path, url: &str) -> anyhow::Result<bool> {
    if fs::read_dir(folder)?.next().is_none() {
        return Ok(false);
    }
    let (from, to) = (folder.to_owned(), archive.to_owned());
    tokio::task::spawn_blocking(move || pack(&from, &to)).await??;

    let (bucket, key) = parse_s3(url).with_context(|| format!("{url} names no object"))?;
    let put = s3
        .put_object()
        .bucket(bucket)
        .key(key)
        .body(ByteStream::from_path(archive).await?)
        .send()
        .await;
    put.map_err(|error| anyhow::anyhow!("{url}: {}", DisplayErrorContext(error)))?;
    Ok(true)
}

fn pack(folder: &Path, archive: &Path) -> io::Result<()> {
    let file = fs::File::create(archive)?;
    let mut tar = tar::Builder::new(GzEncoder::new(file, Compression::fast()));
    tar.append_dir_all(".", folder)?;
    tar.into_inner()?.finish()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deep")).unwrap();
        fs::write(from.join("deep/model.json"), "{}").unwrap();
        let archive = folder.path().join("model.tar.gz");
        pack(&from, &archive).unwrap();
        tar::Archive::new(GzDecoder::new(fs::File::open(&archive).unwrap()))
            .unpack(&to)
            .unwrap();
        assert_eq!(fs::read_to_string(to.join("deep/model.json")).unwrap(), "{}");
    }
}
