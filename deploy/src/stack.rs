//! The stacks of the application: `template.yaml` is the core, `stacks/edge.yaml` the distribution in front of all stacks, and every other
//! file of `stacks/` an area. Stacks are deployed in the order core, areas, edge, and removed in the reverse order.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::{Project, Target, outputs::Exports, package::Package};

const CORE: &str = "template.yaml";
const FOLDER: &str = "stacks";
const EDGE: &str = "edge";
/// The property of a template's state machine that names its definition.
const DEFINITION_URI: &str = "DefinitionUri:";
/// The property of a template's function that names the package of its area.
const CODE_URI: &str = "CodeUri:";
/// The folder of packages in the project.
const PACKAGES: &str = "build/functions";

/// A stack and its template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Stack {
    /// The template's path in the project.
    pub(crate) file: PathBuf,
    /// The template.
    pub(crate) template: String,
    /// The stack's name is the core's name, a hyphen and this suffix. The core has none.
    suffix: Option<String>,
}

/// Every stack, in groups: a stack needs the groups before its own, and no stack of its own group.
pub(crate) fn in_order(project: &Project) -> anyhow::Result<[Vec<Stack>; 3]> {
    let mut areas = Vec::new();
    let mut edge = Vec::new();
    for suffix in suffixes(project)? {
        let file = Path::new(FOLDER).join(format!("{suffix}.yaml"));
        let stack = Stack::read(project, file, Some(&suffix))?;
        if suffix == EDGE { &mut edge } else { &mut areas }.push(stack);
    }
    anyhow::ensure!(!edge.is_empty(), "there is no {FOLDER}/{EDGE}.yaml");
    Ok([vec![Stack::read(project, CORE.into(), None)?], areas, edge])
}

/// The suffixes of all stacks but the core, in alphabetical order.
pub(crate) fn suffixes(project: &Project) -> anyhow::Result<Vec<String>> {
    let mut suffixes = Vec::new();
    for entry in fs::read_dir(project.join(FOLDER)).context("stacks/ cannot be read")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        suffixes.extend(name.strip_suffix(".yaml").map(str::to_owned));
    }
    suffixes.sort();
    Ok(suffixes)
}

impl Stack {
    fn read(project: &Project, file: PathBuf, suffix: Option<&str>) -> anyhow::Result<Self> {
        let path = project.join(&file);
        let template = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        Ok(Self {
            file,
            template,
            suffix: suffix.map(str::to_owned),
        })
    }

    /// The stack's name, for a core of this name.
    pub(crate) fn name(&self, core: &str) -> String {
        match &self.suffix {
            Some(suffix) => format!("{core}-{suffix}"),
            None => core.to_owned(),
        }
    }

    pub(crate) fn is_core(&self) -> bool {
        self.suffix.is_none()
    }

    /// The definitions of the stack's state machines, by their paths in the project.
    pub(crate) fn definitions(&self) -> Vec<PathBuf> {
        self.template
            .lines()
            .filter_map(|line| line.trim().strip_prefix(DEFINITION_URI))
            .map(|uri| self.path_of(uri.trim()))
            .collect()
    }

    /// The path in the project of a file that the template names.
    pub(crate) fn path_of(&self, uri: &str) -> PathBuf {
        within_project(self.file.parent().unwrap_or(Path::new("")), uri)
    }

    /// A digest of everything that the stack is made from: template, definitions, packages, parameters and imports.
    pub(crate) fn digest(
        &self,
        target: &Target,
        packages: &[Package],
        exports: &Exports,
        secret: &str,
    ) -> anyhow::Result<String> {
        let mut hasher = Sha256::new();
        hasher.update(format!("{} in {}\n", self.name(target.stack()), target.region()));
        hasher.update(&self.template);
        for file in self.definitions() {
            hasher.update(fs::read(target.project().join(file))?);
        }
        let needed = packages_of(&self.template);
        for package in packages.iter().filter(|package| needed.contains(package.name.as_str())) {
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

    /// The exports of other stacks that this stack imports.
    fn imports<'a>(&self, exports: &'a Exports, core: &str) -> Vec<(&'a str, &'a str)> {
        let template = self.template.replace("${Core}", core);
        exports
            .iter()
            .filter(|(name, _)| template.contains(&format!("\"{name}\"")))
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// Fails when a template names a package that no area provides.
pub(crate) fn require_packages<'a>(
    stacks: impl Iterator<Item = &'a Stack>,
    areas: &BTreeSet<String>,
) -> anyhow::Result<()> {
    for stack in stacks {
        for area in packages_of(&stack.template) {
            anyhow::ensure!(
                areas.contains(area),
                "{} has functions of `{area}`, but there is no functions/{area}/src/main.rs",
                stack.file.display()
            );
        }
    }
    Ok(())
}

/// The areas whose packages a template names.
fn packages_of(template: &str) -> BTreeSet<&str> {
    template
        .lines()
        .filter_map(|line| {
            let path = Path::new(line.trim().strip_prefix(CODE_URI)?.trim());
            let is_package = path.parent()?.ends_with(PACKAGES) && path.extension()? == "zip";
            path.file_stem()?.to_str().filter(|_| is_package)
        })
        .collect()
}

/// The path in the project of a file that a template in `folder` names by a relative path.
fn within_project(folder: &Path, uri: &str) -> PathBuf {
    match uri.strip_prefix("../") {
        Some(rest) => within_project(folder.parent().unwrap_or(Path::new("")), rest),
        None => folder.join(uri),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::Installation;

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
        let names: Vec<Vec<String>> = in_order(&Project::new(project.path().to_owned()))
            .unwrap()
            .iter()
            .map(|group| group.iter().map(|stack| stack.name("m")).collect())
            .collect();
        assert_eq!(names, [vec!["m"], vec!["m-billing", "m-studio"], vec!["m-edge"]]);
    }

    #[test]
    fn a_project_without_an_edge_is_not_deployed() {
        let project = project(&[("template.yaml", ""), ("stacks/studio.yaml", "")]);
        let refusal = in_order(&Project::new(project.path().to_owned()))
            .unwrap_err()
            .to_string();
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
        let target = Target::local(Installation::in_folder(project.path()));
        let package = |name: &str| Package {
            name: name.to_owned(),
            digest: packages
                .iter()
                .find(|(changed, _)| *changed == name)
                .map_or("same", |(_, digest)| digest)
                .to_owned(),
            is_new: false,
        };
        let mut exported = BTreeMap::from([("m-Key".to_owned(), "value".to_owned())]);
        exported.extend(
            exports
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let [_, areas, _] = in_order(target.project()).unwrap();
        areas
            .iter()
            .map(|stack| {
                stack
                    .digest(&target, &[package("a"), package("b")], &exported, "secret")
                    .unwrap()
            })
            .collect()
    }

    #[test]
    fn a_change_affects_the_stacks_that_are_made_from_it() {
        let before = digests(&[], &[], &[]);
        let changed = |files: &[(&str, &str)], packages: &[(&str, &str)], exports: &[(&str, &str)]| -> Vec<bool> {
            let after = digests(files, packages, exports);
            before
                .iter()
                .zip(after)
                .map(|(before, after)| *before != after)
                .collect()
        };
        assert_eq!(changed(&[], &[], &[]), [false, false]);
        assert_eq!(changed(&[("template.yaml", "another core")], &[], &[]), [false, false]);
        assert_eq!(
            changed(&[("statemachines/m.asl.yaml", "another")], &[], &[]),
            [true, false]
        );
        assert_eq!(changed(&[], &[("a", "new")], &[]), [true, false]);
        assert_eq!(changed(&[], &[("b", "new")], &[]), [false, true]);
        assert_eq!(changed(&[], &[], &[("m-Key", "other")]), [true, false]);
        assert_eq!(changed(&[], &[], &[("m-Other", "new")]), [false, false]);
    }

    #[test]
    fn a_changed_parameter_affects_the_stacks_that_take_it() {
        let folder = project(&[]);
        let digest = |template: &str, edge_url: &str| {
            let installation = Installation {
                edge_url: edge_url.to_owned(),
                ..Installation::in_folder(folder.path())
            };
            let stack = Stack {
                file: CORE.into(),
                template: template.to_owned(),
                suffix: None,
            };
            stack
                .digest(&Target::local(installation), &[], &BTreeMap::new(), "secret")
                .unwrap()
        };
        let is_affected = |template| digest(template, "http://localhost:1") != digest(template, "http://localhost:2");

        assert!(is_affected("Parameters:\n  PublicOrigin:\n    Type: String\n"));
        assert!(!is_affected("Parameters:\n  Other:\n    Default: PublicOrigin\n"));
    }

    #[test]
    fn a_template_names_its_packages() {
        let catalog = "      CodeUri: build/functions/catalog.zip\n";
        let studio = "      CodeUri: ../build/functions/studio.zip\n";
        let template =
            &format!("  GetTitle:\n{catalog}  ListTitles:\n{catalog}  Other:\n{studio}      CodeUri: elsewhere/\n");
        assert_eq!(packages_of(template), BTreeSet::from(["catalog", "studio"]));
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
