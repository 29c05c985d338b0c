//! Upload of the web app to the site bucket, by `aws s3`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::{Target, aws_cli};

/// The folder whose file names contain a hash of the content: a browser never requests them twice.
const HASHED: &str = "assets";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Browsers revalidate all other files, such as `index.html`, every time.
const REVALIDATE: &str = "no-cache";

/// Uploads the site and returns true, unless the site is not built. The local cloud is also skipped when the last upload was of the same
/// files; on AWS, another checkout may have uploaded others since.
pub(crate) async fn upload(target: &Target, bucket: &str) -> anyhow::Result<bool> {
    let site = target.project().join("web/dist");
    if !site.join("index.html").is_file() {
        return Ok(false);
    }
    let digest = format!("{bucket} {}", digest(&site)?);
    let record = target.records()?.join("site");
    if target.is_local() && fs::read_to_string(&record).is_ok_and(|uploaded| uploaded == digest) {
        return Ok(false);
    }
    // `index.html` follows the files that it names. Old hashed files remain: an open page may still request them.
    let hashed = site.join(HASHED);
    if hashed.is_dir() {
        let place = format!("s3://{bucket}/{HASHED}");
        let hashed = hashed.to_string_lossy();
        aws_cli::s3(
            target,
            &["sync", &hashed, &place, "--size-only", "--cache-control", IMMUTABLE],
        )
        .await?;
    }
    // Copied without a comparison: `sync` would skip a changed file of the same size that is older than the object.
    let (source, place, hashed) = (site.to_string_lossy(), format!("s3://{bucket}"), format!("{HASHED}/*"));
    let plain = [&*source, &*place, "--exclude", &*hashed, "--cache-control", REVALIDATE];
    aws_cli::s3(target, &[&["cp", "--recursive"][..], &plain].concat()).await?;
    aws_cli::s3(target, &[&["sync", "--delete", "--size-only"][..], &plain].concat()).await?;
    fs::write(record, digest)?;
    Ok(true)
}

/// A digest of the names and contents of all files.
fn digest(folder: &Path) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    for file in files(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        let content = fs::read(&file)?;
        hasher.update(format!("{name} {}\n", content.len()));
        hasher.update(content);
    }
    Ok(format!("{:x}", hasher.finalize()))
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn different_sites_have_different_digests() {
        let site = tempfile::tempdir().unwrap();
        fs::create_dir(site.path().join("assets")).unwrap();
        fs::write(site.path().join("assets/a.js"), "one").unwrap();
        let first = digest(site.path()).unwrap();
        assert_eq!(digest(site.path()).unwrap(), first);

        fs::write(site.path().join("assets/a.js"), "two").unwrap();
        let changed = digest(site.path()).unwrap();
        fs::rename(site.path().join("assets/a.js"), site.path().join("assets/b.js")).unwrap();

        assert_ne!(changed, first);
        assert_ne!(digest(site.path()).unwrap(), changed);
    }
}
