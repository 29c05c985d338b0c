//! The areas, and their programs: `functions/<area>/src/main.rs` holds all functions of an area.

use std::{collections::BTreeSet, env, fs, process::Command};

use anyhow::Context as _;

use crate::{
    Project,
    target::{self, Architecture, Build, Target},
};

/// The names of all areas.
pub(crate) fn list(project: &Project) -> anyhow::Result<BTreeSet<String>> {
    let mut areas = BTreeSet::new();
    for entry in fs::read_dir(project.join("functions")).context("functions/ cannot be read")? {
        let entry = entry?;
        if entry.path().join("src/main.rs").is_file()
            && let Some(name) = entry.file_name().to_str()
        {
            areas.insert(name.to_owned());
        }
    }
    Ok(areas)
}

/// Builds all areas: those of `released` as for AWS, by cargo-lambda, and the others quickly.
pub(crate) fn build(target: &Target, all: &BTreeSet<String>, released: &BTreeSet<String>) -> anyhow::Result<()> {
    if released.len() < all.len() {
        // The whole workspace, as in `make`: Cargo then chooses the same features of dependencies each time, and compiles them
        // only once.
        run(cargo(target).args(["build", "--quiet", "--workspace", "--bins"]))?;
    }
    let Build::Release(architecture) = target.build() else {
        return Ok(());
    };
    let mut cargo = cargo(target);
    // cargo-lambda's own optimizations abort the process on a panic; our profile unwinds, so that a panic is answered.
    cargo
        .args([
            "lambda",
            "build",
            "--release",
            "--disable-optimizations",
            "--lambda-dir",
        ])
        .arg(target::lambda_folder(&target.project().join("target"), architecture))
        .arg(match architecture {
            Architecture::Arm64 => "--arm64",
            Architecture::X86 => "--x86-64",
        });
    for area in released {
        cargo.arg("--package").arg(target::program(area));
    }
    run(&mut cargo)
}

fn cargo(target: &Target) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(target.project().folder())
        .env("PATH", target.project().path_variable());
    // `cargo test` and `cargo run` set variables of one package, which build scripts would take for a change.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn run(cargo: &mut Command) -> anyhow::Result<()> {
    let status = cargo.status().context("cargo cannot be started")?;
    anyhow::ensure!(status.success(), "the functions do not compile");
    Ok(())
}
