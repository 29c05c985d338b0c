//! The function binaries: `functions/<area>/src/bin/<function>.rs`.

use std::{collections::BTreeSet, env, ffi::OsStr, fs, path::Path, process::Command};

use anyhow::Context as _;

use super::target::{self, Architecture, Build, Target};

/// Where the template expects a function's package.
const CODE_URI: &str = "CodeUri: build/functions/";

/// The names of all functions, in order.
pub(super) fn names(project: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for area in areas(project)? {
        let folder = project.join("functions").join(&area).join("src/bin");
        if !folder.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&folder)? {
            let file = entry?.path();
            if file.extension() == Some(OsStr::new("rs"))
                && let Some(name) = file.file_stem().and_then(OsStr::to_str)
            {
                anyhow::ensure!(names.insert(name.to_owned()), "two areas have a function `{name}`");
            }
        }
    }
    Ok(names)
}

/// Fails when the template names a package that no binary makes.
pub(super) fn require_in_step_with_template(project: &Path, names: &BTreeSet<String>) -> anyhow::Result<()> {
    let template = fs::read_to_string(project.join("template.yaml")).context("template.yaml cannot be read")?;
    for wanted in packaged_functions(&template) {
        anyhow::ensure!(
            names.contains(wanted),
            "template.yaml has a function `{wanted}`, but there is no functions/<area>/src/bin/{wanted}.rs"
        );
    }
    Ok(())
}

fn packaged_functions(template: &str) -> impl Iterator<Item = &str> {
    template
        .lines()
        .filter_map(|line| line.trim().strip_prefix(CODE_URI)?.trim_end().strip_suffix(".zip"))
}

/// Builds all of them; those that are `released` as for AWS, by cargo-lambda.
pub(super) fn build(target: &Target<'_>, all: &BTreeSet<String>, released: &BTreeSet<String>) -> anyhow::Result<()> {
    let project = &target.config.project;
    if released.len() < all.len() {
        // The whole workspace takes part, as in `make`: so Cargo chooses the same features of dependencies each time
        // and has to compile them only once.
        run(cargo(target).args(["build", "--quiet", "--workspace", "--bins"]))?;
    }
    let Build::Release(architecture) = target.build() else {
        return Ok(());
    };
    let mut cargo = cargo(target);
    // Its optimizations are another profile than ours: a panic would end the process instead of being answered.
    cargo
        .args([
            "lambda",
            "build",
            "--release",
            "--disable-optimizations",
            "--lambda-dir",
        ])
        .arg(target::lambda_folder(&project.join("target"), architecture))
        .arg(match architecture {
            Architecture::Arm64 => "--arm64",
            Architecture::X86 => "--x86-64",
        });
    for name in released {
        cargo.arg("--bin").arg(name);
    }
    for area in areas(project)? {
        cargo.arg("--package").arg(format!("marquee-{area}"));
    }
    run(&mut cargo)
}

fn cargo(target: &Target<'_>) -> Command {
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&target.config.project)
        .env("PATH", target.config.path_variable());
    // Below `cargo test` or `cargo run` there are variables of one package, which build scripts take for a change.
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

fn areas(project: &Path) -> anyhow::Result<BTreeSet<String>> {
    let mut areas = BTreeSet::new();
    for entry in fs::read_dir(project.join("functions")).context("functions/ cannot be read")? {
        let entry = entry?;
        if entry.path().join("Cargo.toml").is_file()
            && let Some(name) = entry.file_name().to_str()
        {
            areas.insert(name.to_owned());
        }
    }
    Ok(areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_names_its_packages() {
        let template =
            "  GetTitle:\n      CodeUri: build/functions/get-title.zip\n  Other:\n      CodeUri: elsewhere/\n";
        assert_eq!(packaged_functions(template).collect::<Vec<_>>(), ["get-title"]);
    }
}
