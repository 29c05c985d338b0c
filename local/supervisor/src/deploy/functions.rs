//! The programs of the functions: one for each area, `functions/<area>/src/main.rs`.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;

use super::{
    stack,
    target::{self, Architecture, Build, Target},
};

/// Where a template names the package of a function's area.
const CODE_URI: &str = "CodeUri:";
/// The folder of packages, in the project.
const PACKAGES: &str = "build/functions";

/// The names of all areas, in order.
pub(super) fn areas(project: &Path) -> anyhow::Result<BTreeSet<String>> {
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

/// Fails when a template names a package that no area makes.
pub(super) fn require_in_step_with_templates(project: &Path, areas: &BTreeSet<String>) -> anyhow::Result<()> {
    for stack in stack::in_order(project)?.iter().flatten() {
        for wanted in packages(&stack.template) {
            anyhow::ensure!(
                areas.contains(wanted),
                "{} has functions of `{wanted}`, but there is no functions/{wanted}/src/main.rs",
                stack.file.display()
            );
        }
    }
    Ok(())
}

/// The areas whose packages a template names.
pub(super) fn packages(template: &str) -> BTreeSet<&str> {
    template
        .lines()
        .filter_map(|line| {
            let path = Path::new(line.trim().strip_prefix(CODE_URI)?.trim());
            let is_package = path.parent()?.ends_with(PACKAGES) && path.extension()? == "zip";
            path.file_stem()?.to_str().filter(|_| is_package)
        })
        .collect()
}

/// The path in the project of what a template in `folder` names by a relative path.
pub(super) fn within_project(folder: &Path, uri: &str) -> PathBuf {
    match uri.strip_prefix("../") {
        Some(rest) => within_project(folder.parent().unwrap_or(Path::new("")), rest),
        None => folder.join(uri),
    }
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
    for area in released {
        cargo.arg("--package").arg(target::program(area));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_names_its_packages() {
        let catalog = "      CodeUri: build/functions/catalog.zip\n";
        let studio = "      CodeUri: ../build/functions/studio.zip\n";
        let template =
            &format!("  GetTitle:\n{catalog}  ListTitles:\n{catalog}  Other:\n{studio}      CodeUri: elsewhere/\n");
        assert_eq!(packages(template), BTreeSet::from(["catalog", "studio"]));
    }

    #[test]
    fn paths_of_a_template_start_in_its_folder() {
        let path = |folder: &str, uri| within_project(Path::new(folder), uri);
        assert_eq!(path("", "statemachines/a.yaml"), Path::new("statemachines/a.yaml"));
        assert_eq!(
            path("stacks", "../statemachines/a.yaml"),
            Path::new("statemachines/a.yaml")
        );
        assert_eq!(path("stacks", "a.yaml"), Path::new("stacks/a.yaml"));
    }
}
