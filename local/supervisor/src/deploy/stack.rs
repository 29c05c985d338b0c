//! The stacks that the application is made of: `template.yaml` is the core, each other file of `stacks/` an area, and `stacks/edge.yaml`
//! the distribution in front of all of them. This list drives deploying (core, areas, edge) and removing (the other way round).

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use super::{Target, functions, outputs::Exports, package::Package};

const CORE: &str = "template.yaml";
const FOLDER: &str = "stacks";
const EDGE: &str = "edge";
/// Where a template names the definition of a state machine.
const DEFINITION_URI: &str = "DefinitionUri:";

/// A stack, by the template that it is made from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Stack {
    /// The template's path in the project.
    pub(super) file: PathBuf,
    /// The template.
    pub(super) template: String,
    /// What follows the core's name and a hyphen in the stack's name; nothing for the core itself.
    suffix: Option<String>,
}

/// Every stack, in groups: a group needs those before it, and the stacks of a group do not need one another.
pub(super) fn in_order(project: &Path) -> anyhow::Result<[Vec<Stack>; 3]> {
    let mut areas = Vec::new();
    let mut edge = Vec::new();
    for entry in fs::read_dir(project.join(FOLDER)).context("stacks/ cannot be read")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(suffix) = name.strip_suffix(".yaml") else {
            continue;
        };
        let stack = Stack::read(project, Path::new(FOLDER).join(&name), Some(suffix))?;
        if suffix == EDGE { &mut edge } else { &mut areas }.push(stack);
    }
    areas.sort_by(|a, b| a.file.cmp(&b.file));
    anyhow::ensure!(!edge.is_empty(), "there is no {FOLDER}/{EDGE}.yaml");
    Ok([vec![Stack::read(project, CORE.into(), None)?], areas, edge])
}

impl Stack {
    fn read(project: &Path, file: PathBuf, suffix: Option<&str>) -> anyhow::Result<Self> {
        let path = project.join(&file);
        let template = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self {
            file,
            template,
            suffix: suffix.map(str::to_owned),
        })
    }

    /// The stack's name, by the core's.
    pub(super) fn name(&self, core: &str) -> String {
        match &self.suffix {
            Some(suffix) => format!("{core}-{suffix}"),
            None => core.to_owned(),
        }
    }

    pub(super) fn is_core(&self) -> bool {
        self.suffix.is_none()
    }

    /// What `sam` reads besides the template and the packages: the definitions of state machines, by their paths in the project.
    pub(super) fn definitions(&self) -> Vec<PathBuf> {
        let folder = self.file.parent().unwrap_or(Path::new(""));
        self.template
            .lines()
            .filter_map(|line| line.trim().strip_prefix(DEFINITION_URI))
            .map(|uri| functions::within_project(folder, uri.trim()))
            .collect()
    }

    /// A digest of all that the stack is made from.
    pub(super) fn digest(
        &self,
        target: &Target<'_>,
        packages: &[Package],
        exports: &Exports,
        secret: &str,
    ) -> anyhow::Result<String> {
        let mut hasher = Sha256::new();
        hasher.update(format!("{} in {}\n", self.name(target.stack()), target.region()));
        hasher.update(&self.template);
        for file in self.definitions() {
            hasher.update(fs::read(target.config.project.join(file))?);
        }
        let wanted = functions::packages(&self.template);
        for package in packages.iter().filter(|package| wanted.contains(package.name.as_str())) {
            hasher.update(format!("{} {}\n", package.name, package.digest));
        }
        for (name, value) in target.parameters() {
            if self.takes(name) {
                hasher.update(format!("{name}={value}\n"));
            }
        }
        for (name, value) in self.imports(exports, target.stack()) {
            hasher.update(format!("{name}={value}\n"));
        }
        hasher.update(secret);
        Ok(format!("{:x}", hasher.finalize()))
    }

    /// Whether the template has a parameter of this name.
    fn takes(&self, parameter: &str) -> bool {
        let declaration = format!("  {parameter}:");
        self.template.lines().any(|line| line == declaration)
    }

    /// What the stack takes from those before it.
    fn imports<'a>(&self, exports: &'a Exports, core: &str) -> Vec<(&'a str, &'a str)> {
        let template = self.template.replace("${Core}", core);
        exports
            .iter()
            .filter(|(name, _)| template.contains(&format!("\"{name}\"")))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::Config;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn areas_follow_the_core_and_the_edge_comes_last() {
        let project = project(&[
            ("template.yaml", ""),
            ("stacks/studio.yaml", ""),
            ("stacks/edge.yaml", ""),
            ("stacks/billing.yaml", ""),
            ("stacks/README.md", ""),
        ]);
        let names: Vec<Vec<String>> = in_order(project.path())
            .unwrap()
            .iter()
            .map(|group| group.iter().map(|stack| stack.name("m")).collect())
            .collect();
        assert_eq!(names, [vec!["m"], vec!["m-billing", "m-studio"], vec!["m-edge"]]);
    }

    #[test]
    fn a_project_without_an_edge_is_not_deployed() {
        let project = project(&[("template.yaml", ""), ("stacks/studio.yaml", "")]);
        let refusal = in_order(project.path()).unwrap_err().to_string();
        assert!(refusal.contains("stacks/edge.yaml"), "{refusal}");
    }

    /// Digests of the areas `one` and `two` after a change.
    fn digests(files: &[(&str, &str)], packages: &[(&str, &str)], exports: &[(&str, &str)]) -> Vec<String> {
        let all = [
            ("template.yaml", "core"),
            ("stacks/edge.yaml", "edge"),
            (
                "stacks/one.yaml",
                "CodeUri: ../build/functions/a.zip\n      DefinitionUri: ../statemachines/m.asl.yaml\n!Sub \"${Core}-Key\"",
            ),
            ("stacks/two.yaml", "CodeUri: ../build/functions/b.zip"),
            ("statemachines/m.asl.yaml", "machine"),
        ];
        let project = project(&all);
        for (path, text) in files {
            fs::write(project.path().join(path), text).unwrap();
        }
        let config = Config {
            project: project.path().to_owned(),
            stack: "m".to_owned(),
            ..Config::from_env().unwrap()
        };
        let target = Target::local(&config);
        let package = |name: &str| Package {
            name: name.to_owned(),
            digest: packages
                .iter()
                .find(|(changed, _)| *changed == name)
                .map_or("same", |(_, digest)| digest)
                .to_owned(),
            is_new: false,
        };
        let mut known = BTreeMap::from([("m-Key".to_owned(), "value".to_owned())]);
        known.extend(
            exports
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let [_, areas, _] = in_order(project.path()).unwrap();
        areas
            .iter()
            .map(|stack| {
                stack
                    .digest(&target, &[package("a"), package("b")], &known, "secret")
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn a_change_touches_the_stacks_that_are_made_from_it() {
        let before = digests(&[], &[], &[]);
        let touched = |files: &[(&str, &str)], packages: &[(&str, &str)], exports: &[(&str, &str)]| -> Vec<bool> {
            let after = digests(files, packages, exports);
            before
                .iter()
                .zip(after)
                .map(|(before, after)| *before != after)
                .collect()
        };
        assert_eq!(touched(&[], &[], &[]), [false, false]);
        assert_eq!(touched(&[("template.yaml", "another core")], &[], &[]), [false, false]);
        assert_eq!(
            touched(&[("statemachines/m.asl.yaml", "another")], &[], &[]),
            [true, false]
        );
        assert_eq!(touched(&[], &[("a", "new")], &[]), [true, false]);
        assert_eq!(touched(&[], &[("b", "new")], &[]), [false, true]);
        assert_eq!(touched(&[], &[], &[("m-Key", "other")]), [true, false]);
        assert_eq!(touched(&[], &[], &[("m-Other", "new")]), [false, false]);
    }
}
