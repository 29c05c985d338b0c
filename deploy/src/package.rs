//! Deterministic packages: equal binaries give equal bytes, so that a package is sent only when it has changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    io::{Cursor, ErrorKind, Write as _},
    num::NonZero,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context as _, anyhow};
use marquee_standin::files;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::{Target, target::Build};

/// The name of the program that the `provided` runtimes start.
const BOOTSTRAP: &str = "bootstrap";
/// Fast compression, for packages that remain on this machine.
const FAST: i64 = 1;
/// Strong compression, for packages that are sent to AWS and loaded at cold starts.
const SMALL: i64 = 6;

/// The package of an area's functions.
pub(crate) struct Package {
    /// The area.
    pub(crate) name: String,
    /// The SHA-256 of its binary.
    pub(crate) digest: String,
    /// Whether this run packed it.
    pub(crate) is_new: bool,
}

/// The binary that a package was made from.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
struct Source {
    size: u64,
    modified_seconds: i64,
    modified_nanoseconds: i64,
    digest: String,
}

/// Packs areas into `build/functions/<area>.zip` when their binaries have changed, on all cores. It removes the packages of other areas.
pub(crate) fn pack(target: &Target, names: &BTreeSet<String>) -> anyhow::Result<Vec<Package>> {
    let binaries: Vec<_> = names.iter().map(|name| (name.as_str(), target.binary(name))).collect();
    let level = match target.build() {
        Build::Fast => FAST,
        Build::Release(_) => SMALL,
    };
    pack_into(&target.staging().join("build/functions"), &binaries, level)
}

fn pack_into(folder: &Path, binaries: &[(&str, PathBuf)], level: i64) -> anyhow::Result<Vec<Package>> {
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
        let work = |(name, binary): &(&str, PathBuf)| pack_area(folder, name, binary, known, level);
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
    files::replace(&sources_file, &serde_json::to_vec_pretty(&sources)?)?;
    remove_others(folder, &packages)?;
    Ok(packages)
}

/// Removes the packages of areas that were removed or renamed.
fn remove_others(folder: &Path, packages: &[Package]) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let is_package = path.extension().is_some_and(|extension| extension == "zip");
        let name = path.file_stem().and_then(OsStr::to_str);
        if is_package && !packages.iter().any(|package| Some(package.name.as_str()) == name) {
            match fs::remove_file(&path) {
                // Another deployment of this checkout removed it.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                removed => removed.with_context(|| format!("{} cannot be removed", path.display()))?,
            }
        }
    }
    Ok(())
}

/// Packs one area, unless its package was made from the same binary.
fn pack_area(
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

/// The binary without its symbols, which are a third of it; unchanged if it has none or this machine has no `strip`.
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

/// The binary's digest. It is read only when its size or time has changed.
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

/// Writes an archive with one executable file and without times or paths of this machine.
fn write(archive: &Path, binary: &[u8], level: i64) -> anyhow::Result<()> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(level))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    zip.start_file(BOOTSTRAP, options)?;
    zip.write_all(binary)?;
    files::replace(archive, zip.finish()?.get_ref())
}

#[cfg(test)]
mod tests {
    use std::{fs::File, io::Read as _, time::SystemTime};

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
        pack_into(&folder.path().join("packed"), &binaries, FAST)
            .unwrap()
            .remove(0)
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

        let mut zip = ZipArchive::new(Cursor::new(archive(&folder))).unwrap();
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
        assert!(!pack(&folder).is_new, "a new time without new content is not a change");

        fs::write(&binary, b"other binary").unwrap();
        assert!(pack(&folder).is_new);
    }

    #[test]
    fn packages_for_aws_are_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let binary = fs::read(std::env::current_exe().unwrap()).unwrap();
        let packed = |level| {
            let archive = folder.path().join("packed.zip");
            write(&archive, &binary[..1_000_000], level).unwrap();
            fs::metadata(archive).unwrap().len()
        };

        assert!(packed(SMALL) < packed(FAST));
    }

    #[test]
    fn a_missing_archive_is_made_again() {
        let folder = built(b"binary");
        pack(&folder);
        fs::remove_file(folder.path().join("packed/catalog.zip")).unwrap();

        assert!(pack(&folder).is_new);
    }

    #[test]
    fn packages_of_removed_areas_are_removed() {
        let folder = built(b"binary");
        pack(&folder);
        let packed = folder.path().join("packed");
        fs::write(packed.join("get-title.zip"), b"package").unwrap();

        assert!(!pack(&folder).is_new, "the other packages are kept");

        assert!(!packed.join("get-title.zip").exists());
        assert!(packed.join("catalog.zip").exists());
    }

    #[test]
    fn a_program_is_packed_without_its_symbols() {
        let program = std::env::current_exe().unwrap();
        assert!(stripped(&program).unwrap().len() < fs::read(&program).unwrap().len());
    }
}
