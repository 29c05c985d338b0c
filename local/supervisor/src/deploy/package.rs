//! Deterministic packages: the same binary always gives the same bytes, so that `sam` does not send it again.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs::{self, File},
    io::{self, Write as _},
    num::NonZero,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{Target, target::Build};

/// The name that the `provided` runtimes start.
const BOOTSTRAP: &str = "bootstrap";
/// Compression that is quick, for packages that stay on this machine.
const QUICK: i64 = 1;
/// Compression of what is sent to AWS, and read from there at a cold start.
const SMALL: i64 = 6;

/// The package of an area's functions.
pub(super) struct Package {
    /// The area.
    pub(super) name: String,
    /// The SHA-256 of its binary.
    pub(super) digest: String,
    /// Whether it was packed just now.
    pub(super) is_new: bool,
}

/// What a package was made from.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
struct Source {
    size: u64,
    modified_seconds: i64,
    modified_nanoseconds: i64,
    digest: String,
}

/// Packs those whose binary has changed, into `build/functions/<area>.zip`, on all cores. No other package stays there.
pub(super) fn all(target: &Target<'_>, names: &BTreeSet<String>) -> anyhow::Result<Vec<Package>> {
    let binaries: Vec<_> = names.iter().map(|name| (name.as_str(), target.binary(name))).collect();
    let level = match target.build() {
        Build::Fast => QUICK,
        Build::Release(_) => SMALL,
    };
    into(&target.staging().join("build/functions"), &binaries, level)
}

fn into(folder: &Path, binaries: &[(&str, PathBuf)], level: i64) -> anyhow::Result<Vec<Package>> {
    fs::create_dir_all(folder)?;
    let sources_file = folder.join("sources.json");
    let known: BTreeMap<String, Source> = fs::read(&sources_file)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok())
        .unwrap_or_default();

    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let share = binaries.len().div_ceil(cores).max(1);
    let known = &known;
    let packed = thread::scope(|scope| {
        let work = |(name, binary): &(&str, PathBuf)| one(folder, name, binary, known, level);
        let workers: Vec<_> = binaries
            .chunks(share)
            .map(|binaries| scope.spawn(move || binaries.iter().map(work).collect()))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err(anyhow!("packing failed"))))
            .collect::<anyhow::Result<Vec<Vec<_>>>>()
    })?;

    let (sources, packages): (BTreeMap<_, _>, Vec<_>) = packed.into_iter().flatten().unzip();
    fs::write(sources_file, serde_json::to_vec_pretty(&sources)?)?;
    remove_others(folder, &packages)?;
    Ok(packages)
}

/// Removes packages of areas that are gone or have another name now.
fn remove_others(folder: &Path, packages: &[Package]) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_package = path.extension().is_some_and(|extension| extension == "zip");
        let name = path.file_stem().and_then(OsStr::to_str);
        if is_package && !packages.iter().any(|package| Some(package.name.as_str()) == name) {
            fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    Ok(())
}

/// Packs one area, unless its package was made from the same binary.
fn one(
    folder: &Path,
    name: &str,
    binary: &Path,
    known: &BTreeMap<String, Source>,
    level: i64,
) -> anyhow::Result<((String, Source), Package)> {
    let archive = folder.join(format!("{name}.zip"));
    let known = known.get(name).filter(|_| archive.is_file());
    let source = source(binary, known)?;
    let is_new = known.is_none_or(|known| known.digest != source.digest);
    if is_new {
        write(&archive, &stripped(binary)?, level).with_context(|| format!("{name} cannot be packed"))?;
    }
    let package = Package {
        name: name.to_owned(),
        digest: source.digest.clone(),
        is_new,
    };
    Ok(((name.to_owned(), source), package))
}

/// The binary without its symbols, which are a third of it; as it is where it has none or there is no `strip`.
fn stripped(binary: &Path) -> anyhow::Result<Vec<u8>> {
    let bare = NamedTempFile::new()?;
    let stripped = Command::new("strip")
        .arg("-o")
        .args([bare.path(), binary])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    Ok(fs::read(if stripped { bare.path() } else { binary })?)
}

/// Reads the binary only when its size or time has changed.
fn source(binary: &Path, known: Option<&Source>) -> anyhow::Result<Source> {
    let metadata = fs::metadata(binary).with_context(|| format!("{} was not built", binary.display()))?;
    let (size, seconds, nanoseconds) = (metadata.size(), metadata.mtime(), metadata.mtime_nsec());
    if let Some(known) = known
        && (known.size, known.modified_seconds, known.modified_nanoseconds) == (size, seconds, nanoseconds)
    {
        return Ok(known.clone());
    }
    let digest = format!("{:x}", Sha256::digest(fs::read(binary)?));
    Ok(Source {
        size,
        modified_seconds: seconds,
        modified_nanoseconds: nanoseconds,
        digest,
    })
}

/// Writes an archive with one executable file, and nothing in it that tells when or where.
fn write(archive: &Path, binary: &[u8], level: i64) -> anyhow::Result<()> {
    let beside = archive.with_extension("new");
    let mut zip = ZipWriter::new(File::create(&beside)?);
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    zip.start_file(BOOTSTRAP, options)?;
    zip.write_all(binary)?;
    zip.finish()?.sync_all()?;
    fs::rename(beside, archive).map_err(io::Error::into)
}

#[cfg(test)]
mod tests {
    use std::{io::Read as _, time::SystemTime};

    use zip::ZipArchive;

    use super::*;

    /// A folder with a program.
    fn built(binary: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("catalog"), binary).unwrap();
        folder
    }

    fn pack(folder: &tempfile::TempDir) -> Package {
        let binaries = [("catalog", folder.path().join("catalog"))];
        into(&folder.path().join("packed"), &binaries, QUICK).unwrap().remove(0)
    }

    fn archive(folder: &tempfile::TempDir) -> Vec<u8> {
        fs::read(folder.path().join("packed/catalog.zip")).unwrap()
    }

    #[test]
    fn the_same_binary_gives_the_same_bytes() {
        let (one, other) = (built(b"binary"), built(b"binary"));
        let binary = File::open(other.path().join("catalog")).unwrap();
        binary.set_modified(SystemTime::UNIX_EPOCH).unwrap();

        pack(&one);
        pack(&other);

        assert_eq!(archive(&one), archive(&other));
    }

    #[test]
    fn the_archive_holds_one_executable_bootstrap() {
        let folder = built(b"binary");
        pack(&folder);

        let mut zip = ZipArchive::new(io::Cursor::new(archive(&folder))).unwrap();
        assert_eq!(zip.len(), 1);
        let mut file = zip.by_name("bootstrap").unwrap();
        assert_eq!(file.unix_mode().unwrap() & 0o777, 0o755);
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"binary");
    }

    #[test]
    fn only_a_changed_binary_is_packed_again() {
        let folder = built(b"binary");
        let binary = folder.path().join("catalog");
        assert!(pack(&folder).is_new);
        assert!(!pack(&folder).is_new);

        File::open(&binary)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert!(!pack(&folder).is_new, "the same content at another time is no change");

        fs::write(&binary, b"other binary").unwrap();
        assert!(pack(&folder).is_new);
    }

    #[test]
    fn what_travels_is_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let binary = fs::read(std::env::current_exe().unwrap()).unwrap();
        let packed = |level| {
            let archive = folder.path().join("packed.zip");
            write(&archive, &binary[..1_000_000], level).unwrap();
            fs::metadata(archive).unwrap().len()
        };

        assert!(packed(SMALL) < packed(QUICK));
    }

    #[test]
    fn a_lost_archive_is_made_again() {
        let folder = built(b"binary");
        pack(&folder);
        fs::remove_file(folder.path().join("packed/catalog.zip")).unwrap();

        assert!(pack(&folder).is_new);
    }

    #[test]
    fn packages_of_before_are_removed() {
        let folder = built(b"binary");
        pack(&folder);
        let packed = folder.path().join("packed");
        fs::write(packed.join("get-title.zip"), b"package").unwrap();

        assert!(!pack(&folder).is_new, "what is known of the others stays");

        assert!(!packed.join("get-title.zip").exists());
        assert!(packed.join("catalog.zip").exists());
    }

    #[test]
    fn a_program_is_packed_without_its_symbols() {
        let program = std::env::current_exe().unwrap();
        assert!(stripped(&program).unwrap().len() < fs::read(&program).unwrap().len());
    }
}
