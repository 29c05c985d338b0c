//! Dependencies point one way: functions → api and services; api → runtime and adapters; services → adapters → media → domain → kernel;
//! runtime → domain.

use marquee_architecture_tests::{dependencies, workspace};

/// Our libraries that each library may use.
const MAY_USE: [(&str, &[&str]); 8] = [
    ("marquee-kernel", &[]),
    ("marquee-domain", &["marquee-kernel"]),
    ("marquee-media", &["marquee-domain", "marquee-kernel"]),
    ("marquee-recommender-protocol", &["marquee-kernel"]),
    (
        "marquee-adapters",
        &[
            "marquee-domain",
            "marquee-kernel",
            "marquee-media",
            "marquee-recommender-protocol",
        ],
    ),
    (
        "marquee-services",
        &["marquee-adapters", "marquee-domain", "marquee-kernel"],
    ),
    ("marquee-runtime", &["marquee-domain", "marquee-kernel"]),
    (
        "marquee-api",
        &[
            "marquee-adapters",
            "marquee-domain",
            "marquee-kernel",
            "marquee-runtime",
        ],
    ),
];

/// Tools for the development of Marquee, which use the client's library.
const XTASK: (&str, &[&str]) = ("marquee-xtask", &["marquee-cli"]);

/// Programs of their own, which reach the rest only over the network, with our crates that each may use.
const ALONE: [(&str, &[&str]); 2] = [
    ("marquee-cli", &[]),
    ("marquee-recommender", &["marquee-recommender-protocol"]),
];

/// The crates of deployment and of the local cloud, with our crates that each may use.
const LOCAL: [(&str, &[&str]); 6] = [
    ("marquee-standin", &[]),
    ("marquee-deploy", &["marquee-standin"]),
    ("marquee-local-edge", &["marquee-standin"]),
    ("marquee-local-mediaconvert", &["marquee-standin"]),
    ("marquee-local-sagemaker", &["marquee-standin"]),
    (
        "marquee-local",
        &[
            "marquee-deploy",
            "marquee-local-edge",
            "marquee-local-mediaconvert",
            "marquee-local-sagemaker",
            "marquee-standin",
        ],
    ),
];

#[test]
fn libraries_use_only_libraries_below_them() {
    let workspace = workspace();

    for (library, allowed) in MAY_USE.into_iter().chain(LOCAL).chain([XTASK]) {
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
fn areas_use_no_other_area_and_programs_use_only_the_protocol() {
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
            let program = ALONE.iter().find(|(name, _)| *name == package.name.as_str());
            assert!(
                program.is_none_or(|(_, allowed)| allowed.contains(&used)),
                "{} is a program of its own: it may not use {used}",
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
                "{rules} decides and does no I/O: it may not use {used}"
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
