//! The web app's files, brought to the site bucket by `aws s3`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::Target;

/// The folder whose files have a hash of their content in their names: nobody has to ask for them twice.
const HASHED: &str = "assets";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// All else, `index.html` first of all, is asked about every time.
const ASK_ALWAYS: &str = "no-cache";

/// Uploads the built site. There may be none: then nothing is done. On the local cloud neither if the last upload was of the very same
/// files; on AWS another checkout may have uploaded others since.
pub(super) async fn upload(target: &Target<'_>, bucket: &str) -> anyhow::Result<bool> {
    let site = target.config.project.join("web/dist");
    if !site.join("index.html").is_file() {
        return Ok(false);
    }
    let digest = format!("{bucket} {}", digest(&site)?);
    let note = target.notes()?.join("site");
    if target.environment().is_none() && fs::read_to_string(&note).is_ok_and(|uploaded| uploaded == digest) {
        return Ok(false);
    }
    // First what `index.html` names, then `index.html`. Old hashed files stay: an open page may still ask for them.
    let hashed = site.join(HASHED);
    if hashed.is_dir() {
        let place = format!("s3://{bucket}/{HASHED}");
        let hashed = hashed.to_string_lossy();
        s3(
            target,
            &["sync", &hashed, &place, "--size-only", "--cache-control", FOR_EVER],
        )
        .await?;
    }
    // Copied and not compared: `sync` takes a file of the same size that is older here than there for the same one.
    let (source, place, hashed) = (site.to_string_lossy(), format!("s3://{bucket}"), format!("{HASHED}/*"));
    let plain = [&*source, &*place, "--exclude", &*hashed, "--cache-control", ASK_ALWAYS];
    s3(target, &[&["cp", "--recursive"][..], &plain].concat()).await?;
    s3(target, &[&["sync", "--delete", "--size-only"][..], &plain].concat()).await?;
    fs::write(note, digest)?;
    Ok(true)
}

async fn s3(target: &Target<'_>, arguments: &[&str]) -> anyhow::Result<()> {
    let (command, arguments) = arguments.split_at(1);
    let output = target
        .program("aws")?
        .arg("s3")
        .args(command)
        .arg("--only-show-errors")
        .args(arguments)
        .output()
        .await
        .context("the AWS CLI cannot be started")?;
    let refusal = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(
        output.status.success(),
        "the site cannot be uploaded: {}",
        refusal.trim()
    );
    Ok(())
}

/// A digest of all files' names and contents.
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
    fn a_digest_tells_sites_apart() {
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
