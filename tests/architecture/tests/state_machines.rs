//! Rules of the state machines. The emulator accepts any definition, and AWS finds errors only at run time.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{collections::BTreeSet, path::Path};

use domain::{ingest::IngestError, machine::ErrorClass, retraining::RetrainError};
use marquee_architecture_tests::{files, read, resources, template, texts, visit};
use serde_yaml_ng::{Mapping, Value};

/// Errors of Step Functions and Lambda.
const AWS_ERRORS: [&str; 9] = [
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.ALL",
    "States.Timeout",
];

/// The closed list of a machine's own errors.
fn errors_of(path: &str) -> Vec<(&'static str, ErrorClass)> {
    match path {
        "statemachines/ingest.asl.yaml" => IngestError::ALL.iter().map(|e| (e.name(), e.class())).collect(),
        "statemachines/retrain.asl.yaml" => RetrainError::ALL.iter().map(|e| (e.name(), e.class())).collect(),
        other => panic!("{other} has no list of errors"),
    }
}

/// A machine or a branch of one: its states and where it starts.
fn machines() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for file in files("statemachines") {
        let path = Path::new("statemachines").join(&file);
        let definition: Value = serde_yaml_ng::from_str(&read(&path)).expect("a definition is YAML");
        visit(&definition, &mut |value| {
            if value.get("StartAt").is_some() {
                found.push((path.display().to_string(), value.clone()));
            }
        });
    }
    assert!(!found.is_empty(), "there is a state machine");

    found
}

fn states(machine: &Value) -> &Mapping {
    machine["States"].as_mapping().expect("States")
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// All states that `state` may go to, by `Next`, `Default` and inside `Choices` and `Catch`.
fn targets(state: &Value) -> Vec<String> {
    let mut found: Vec<String> = ["Next", "Default"]
        .iter()
        .filter_map(|key| state.get(*key))
        .map(text)
        .collect();
    for list in ["Choices", "Catch"] {
        let entries = state.get(list).and_then(Value::as_sequence);
        found.extend(entries.into_iter().flatten().map(|entry| text(&entry["Next"])));
    }

    found
}

/// The error names of a state's retriers or catchers, rule by rule.
fn rules(state: &Value, list: &str) -> Vec<Vec<String>> {
    let rules = state.get(list).and_then(Value::as_sequence);

    rules
        .into_iter()
        .flatten()
        .map(|rule| {
            rule["ErrorEquals"]
                .as_sequence()
                .expect("ErrorEquals")
                .iter()
                .map(text)
                .collect()
        })
        .collect()
}

#[test]
fn every_state_leads_to_states_that_exist_and_can_be_reached() {
    for (path, machine) in machines() {
        let states = states(&machine);
        let names: BTreeSet<String> = states.keys().map(text).collect();
        let mut reached = BTreeSet::from([text(&machine["StartAt"])]);
        let mut frontier: Vec<String> = reached.iter().cloned().collect();
        while let Some(name) = frontier.pop() {
            let state = states
                .get(name.as_str())
                .unwrap_or_else(|| panic!("{path}: there is no state {name}"));
            let kind = text(&state["Type"]);
            let ends = kind == "Succeed" || kind == "Fail" || state.get("End").is_some();
            let targets = targets(state);

            assert!(
                ends != (state.get("Next").is_some() || kind == "Choice"),
                "{path}: {name} either ends or has a next state"
            );
            assert!(
                kind != "Choice" || state.get("Default").is_some(),
                "{path}: {name} needs a Default"
            );
            frontier.extend(targets.into_iter().filter(|target| reached.insert(target.clone())));
        }

        assert_eq!(reached, names, "{path}: left: states that can be reached, right: all");
    }
}

#[test]
fn every_task_has_a_timeout_a_retrier_and_a_catcher() {
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            if state["Type"] != "Task" {
                continue;
            }
            let name = text(name);
            let resource = text(&state["Resource"]);

            assert!(state["TimeoutSeconds"].is_u64(), "{path}: {name} may run for ever");
            assert!(!rules(state, "Retry").is_empty(), "{path}: {name} is never retried");
            assert!(
                rules(state, "Catch").iter().any(|names| *names == ["States.ALL"]),
                "{path}: no catcher takes every error of {name}"
            );
            // A queued job sends no events while it is queued, and the emulator does not support heartbeats.
            assert!(
                state.get("HeartbeatSeconds").is_none(),
                "{path}: {name} waits for heartbeats of {resource}"
            );
        }
    }
}

/// At the account's limit of concurrent executions, Lambda refuses for minutes: four attempts in fifteen seconds are not enough.
#[test]
fn a_task_outlasts_the_limit_of_concurrent_executions() {
    const THROTTLED: &str = "Lambda.TooManyRequestsException";
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            if state["Type"] != "Task" {
                continue;
            }
            let retriers = state["Retry"].as_sequence().expect("Retry");
            let retrier = retriers
                .iter()
                .find(|retrier| {
                    texts(&retrier["ErrorEquals"])
                        .iter()
                        .any(|e| e == THROTTLED || e == "States.ALL")
                })
                .unwrap_or_else(|| panic!("{path}: {name:?} does not retry when Lambda is busy"));

            assert_eq!(
                texts(&retrier["ErrorEquals"]).len(),
                1,
                "{path}: {name:?} treats a busy Lambda like a failed one"
            );
            assert!(retrier["MaxAttempts"].as_u64() >= Some(8), "{path}: {name:?}");
            assert!(retrier["MaxDelaySeconds"].as_u64() <= Some(60), "{path}: {name:?}");
            assert!(
                retrier["MaxDelaySeconds"].is_u64(),
                "{path}: {name:?} has no limit of its delays"
            );
        }
    }
}

#[test]
fn error_names_are_known_and_only_transient_errors_are_retried() {
    for (path, machine) in machines() {
        for (name, state) in states(&machine) {
            let name = text(name);
            for (list, names) in ["Retry", "Catch"]
                .iter()
                .flat_map(|list| rules(state, list).into_iter().map(move |names| (*list, names)))
            {
                assert!(
                    names.len() == 1 || !names.iter().any(|error| error == "States.ALL"),
                    "{path}: in {name}, States.ALL is not the only name of its rule"
                );
                for error in names {
                    let all = errors_of(&path);
                    let ours = all.iter().find(|(ours, _)| *ours == error);

                    assert!(
                        ours.is_some() || AWS_ERRORS.contains(&error.as_str()),
                        "{path}: {error} in {name} is not an error of the machine"
                    );
                    assert!(
                        list == "Catch" || ours.is_none_or(|(_, class)| *class == ErrorClass::Transient),
                        "{path}: {name} retries {error}, which is not transient"
                    );
                }
            }
            let all = rules(state, "Catch").iter().position(|names| *names == ["States.ALL"]);
            assert!(
                all.is_none_or(|position| position + 1 == rules(state, "Catch").len()),
                "{path}: States.ALL has to be the last catcher of {name}"
            );
        }
    }
}

#[test]
fn every_task_retries_transient_errors() {
    for (path, machine) in machines() {
        let transient: BTreeSet<&str> = errors_of(&path)
            .into_iter()
            .filter(|(_, class)| *class == ErrorClass::Transient)
            .map(|(name, _)| name)
            .collect();
        for (name, state) in states(&machine) {
            let retried: BTreeSet<String> = rules(state, "Retry").into_iter().flatten().collect();
            let all = retried.contains("States.ALL") || transient.iter().all(|error| retried.contains(*error));

            assert!(
                state["Type"] != "Task" || all,
                "{path}: {name:?} does not retry {transient:?}"
            );
        }
    }
}

/// The state that records a failed run, and the tasks that do not lead to it: nothing has begun before them, or the run has succeeded.
fn failure_state(path: &str) -> (&'static str, &'static [&'static str]) {
    match path {
        "statemachines/ingest.asl.yaml" => ("MarkFailed", &["Begin", "Notify", "SkipNotify", "NotifyFailed"]),
        "statemachines/retrain.asl.yaml" => ("End", &["Promote", "Refresh"]),
        other => panic!("{other} writes no failure"),
    }
}

/// Whether a rule's names match one of our errors, by the rules of Step Functions.
fn matches_error(names: &[String], error: &str) -> bool {
    ["States.ALL", "States.TaskFailed", error]
        .iter()
        .any(|matching| names.iter().any(|name| name == matching))
}

#[test]
fn an_error_that_an_operator_has_to_correct_is_not_retried_and_fails_the_run() {
    for (path, machine) in machines() {
        let states = states(&machine);
        let (marker, exempt) = failure_state(&path);
        for error in ["Denied", "Internal"] {
            let class = errors_of(&path).into_iter().find(|(name, _)| *name == error);
            assert_eq!(
                class.map(|(_, class)| class),
                Some(ErrorClass::Failed),
                "{path}: {error}"
            );

            for (name, state) in states.iter().filter(|(_, state)| state["Type"] == "Task") {
                let name = text(name);
                assert!(
                    !rules(state, "Retry").iter().any(|names| matches_error(names, error)),
                    "{path}: {name} retries {error}"
                );
                let mut at = name.clone();
                while at != marker && !exempt.contains(&name.as_str()) {
                    let catchers = states[at.as_str()].get("Catch").and_then(Value::as_sequence);
                    let catcher = catchers
                        .into_iter()
                        .flatten()
                        .find(|rule| matches_error(&texts(&rule["ErrorEquals"]), error))
                        .unwrap_or_else(|| panic!("{path}: {error} of {name} does not lead from {at} to {marker}"));
                    at = text(&catcher["Next"]);
                }
            }
        }
    }
}

/// The targets of `!GetAtt`, of one value or of a list.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Tagged(tagged) => texts(&tagged.value),
        Value::Sequence(items) => items.iter().flat_map(references).collect(),
        _ => vec![],
    }
}

/// `${Name}` in a definition is a function. The template maps it to a resource and permits the machine to call it.
#[test]
fn a_machine_calls_exactly_the_functions_that_it_may() {
    for (id, properties) in resources(&template(), "AWS::Serverless::StateMachine") {
        let definition = properties["DefinitionUri"].as_str().expect("DefinitionUri");
        let definition = read(definition.trim_start_matches("../"));
        let named: BTreeSet<String> = definition
            .split("${")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()))
            .collect();
        let substitutions = properties["DefinitionSubstitutions"]
            .as_mapping()
            .expect("DefinitionSubstitutions");
        let given: BTreeSet<String> = substitutions.keys().map(text).collect();
        assert_eq!(
            named, given,
            "{id}: left: named in the definition, right: DefinitionSubstitutions"
        );

        let functions: BTreeSet<String> = substitutions.values().flat_map(references).collect();
        assert!(!functions.is_empty(), "{id} calls functions");
        let mut callable = BTreeSet::new();
        visit(&properties["Policies"], &mut |value| {
            if value
                .get("Action")
                .is_some_and(|action| action == "lambda:InvokeFunction")
            {
                callable.extend(references(&value["Resource"]));
            }
        });
        assert_eq!(
            functions, callable,
            "{id}: left: functions that it calls, right: that it may call"
        );
    }
}

/// AWS reads the file unchanged, and whether its parser supports anchors is not documented.
#[test]
fn a_definition_has_no_anchors() {
    for file in files("statemachines") {
        for line in read(Path::new("statemachines").join(&file)).lines() {
            let value = line.split_once(": ").map_or("", |(_, value)| value).trim_start();

            assert!(
                !value.starts_with(['&', '*']) && !line.contains("<<:"),
                "{}: {line}",
                file.display()
            );
        }
    }
}
