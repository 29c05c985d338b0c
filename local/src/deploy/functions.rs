//! The programs of the functions: one for each area, `functions/<area>/src/main.rs`.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use anyhow::Context as _;

use super::target::{self, Architecture, Build, Target};

/// Where the template expects an area's package.
const CODE_URI: &str = "CodeUri: build/functions/";

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

/// Fails when the template names a package that no area makes.
pub(super) fn require_in_step_with_template(project: &Path, areas: &BTreeSet<String>) -> anyhow::Result<()> {
    let template = fs::read_to_string(project.join("template.yaml")).context("template.yaml cannot be read")?;
    for wanted in packages(&template) {
        anyhow::ensure!(
            areas.contains(wanted),
            "template.yaml has functions of `{wanted}`, but there is no functions/{wanted}/src/main.rs"
        );
    }
    Ok(())
}

fn packages(template: &str) -> BTreeSet<&str> {
    template
        .lines()
        .filter_map(|line| line.trim().strip_prefix(CODE_URI)?.trim_end().strip_suffix(".zip"))
        .collect()
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
    fn the_template_names_its_packages() {
        let catalog = "      CodeUri: build/functions/catalog.zip\n";
        let template = &format!("  GetTitle:\n{catalog}  ListTitles:\n{catalog}  Other:\n      CodeUri: elsewhere/\n");
        assert_eq!(packages(template), BTreeSet::from(["catalog"]));
    }
}
