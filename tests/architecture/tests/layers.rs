//! Arrows point down only: kernel ← domain ← media ← adapters ← functions; runtime beside media and adapters.

use marquee_architecture_tests::{dependencies, workspace};

/// What each library may use of ours.
const MAY_USE: [(&str, &[&str]); 5] = [
    ("marquee-kernel", &[]),
    ("marquee-domain", &["marquee-kernel"]),
    ("marquee-media", &["marquee-domain", "marquee-kernel"]),
    (
        "marquee-adapters",
        &["marquee-domain", "marquee-kernel", "marquee-media"],
    ),
    ("marquee-runtime", &["marquee-domain", "marquee-kernel"]),
];

/// Programs of their own: they meet the rest over the network only.
const ALONE: [&str; 2] = ["marquee-cli", "marquee-recommender"];

/// The local cloud, a program of several crates: they use one another as listed, and nothing else of ours.
const LOCAL: [(&str, &[&str]); 5] = [
    ("marquee-standin", &[]),
    ("marquee-local-edge", &["marquee-standin"]),
    ("marquee-local-mediaconvert", &["marquee-standin"]),
    ("marquee-local-sagemaker", &["marquee-standin"]),
    (
        "marquee-local",
        &[
            "marquee-local-edge",
            "marquee-local-mediaconvert",
            "marquee-local-sagemaker",
            "marquee-standin",
        ],
    ),
];

#[test]
fn libraries_use_only_what_is_below_them() {
    let workspace = workspace();

    for (library, allowed) in MAY_USE.into_iter().chain(LOCAL) {
        let package = workspace
            .packages
            .iter()
            .find(|package| package.name == library)
            .expect(library);
        let ours: Vec<&str> = dependencies(package)
            .filter(|name| name.starts_with("marquee-"))
            .collect();

        assert!(
            ours.iter().all(|name| allowed.contains(name)),
            "{library} may use {allowed:?}, but uses {ours:?}"
        );
    }
}

#[test]
fn functions_never_use_one_another_and_programs_stand_alone() {
    let workspace = workspace();

    for package in workspace.workspace_packages() {
        let in_functions = package.manifest_path.as_str().contains("/functions/");
        for used in dependencies(package).filter(|name| name.starts_with("marquee-")) {
            let library = MAY_USE.iter().any(|(name, _)| *name == used);

            assert!(
                !in_functions || library,
                "{} is a function area: it may not use {used}",
                package.name
            );
            assert!(
                !ALONE.contains(&package.name.as_str()),
                "{} stands alone: it may not use {used}",
                package.name
            );
        }
    }
}

#[test]
fn rules_are_pure() {
    let workspace = workspace();
    let banned = ["aws-", "aws_", "lambda", "tokio", "hyper", "reqwest", "rand"];

    for rules in ["marquee-kernel", "marquee-domain", "marquee-media"] {
        let package = workspace
            .packages
            .iter()
            .find(|package| package.name == rules)
            .expect(rules);
        for used in dependencies(package) {
            assert!(
                !banned.iter().any(|start| used.starts_with(start)),
                "{rules} decides, it does not act: no {used}"
            );
        }
    }
}

#[test]
fn one_http_and_one_tls_stack_is_linked() {
    let lock = marquee_architecture_tests::read("Cargo.lock");

    for second in ["aws-lc-rs", "aws-lc-sys", "openssl-sys", "native-tls", "s2n-tls"] {
        assert!(
            !lock.contains(&format!("name = \"{second}\"")),
            "{second} is a second TLS stack: turn off the feature"
        );
    }
}
