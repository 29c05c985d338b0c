//! The state machines and the types of their documents agree. Each machine is walked on every way through it, with documents of the types
//! of `domain` and the inputs that the handlers of its functions read: a field that has another name in a type than in the definition
//! fails here.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::{
    any::TypeId,
    collections::{BTreeMap, BTreeSet},
};

use domain::{
    ingest::{Run, RunInput, Step, document::ManualInput},
    machine::CaughtError,
    retraining,
};
use marquee_architecture_tests::read;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// The states before a run exists. Their document is what an operator typed.
const BEFORE_A_RUN: [&str; 3] = ["HasAttempt", "Begin", "NotBegun"];

/// The document of the ingest machine: ids, and the errors that the machine caught. Everything else is in the table (ADR 6). The steps
/// read parts of it.
#[derive(Serialize, Deserialize)]
struct IngestDocument {
    /// The input of the machine.
    #[serde(flatten)]
    input: RunInput,
    /// Why the run failed, or why the step `notify` is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<CaughtError>,
    /// Why the job could not be canceled. Only people read this error and the following ones, in the execution's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancel_error: Option<CaughtError>,
    /// Why the step `notify` could not be marked as skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    skip_error: Option<CaughtError>,
    /// Why the title could not be marked as failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark_error: Option<CaughtError>,
    /// Why subscribers were not notified of the failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notify_error: Option<CaughtError>,
}

/// Reads a document as a type, and returns the fields that the type has.
type Read = fn(&Value) -> Result<Value, String>;

/// The types of a handler.
struct Function {
    input: Read,
    output: TypeId,
}

/// The types of this handler.
fn function<C, I, O, E, F>(_: impl Fn(C, I) -> F) -> Function
where
    I: DeserializeOwned + Serialize,
    O: 'static,
    F: Future<Output = Result<O, E>>,
{
    Function {
        input: read_as::<I>,
        output: TypeId::of::<O>(),
    }
}

fn read_as<T: DeserializeOwned + Serialize>(document: &Value) -> Result<Value, String> {
    let document: T = serde_json::from_value(document.clone()).map_err(|error| error.to_string())?;

    serde_json::to_value(document).map_err(|error| error.to_string())
}

/// Functions of an area, by the names of their modules.
macro_rules! functions {
    ($area:ident: $($module:ident),+) => {
        BTreeMap::from([$((stringify!($module), function($area::$module::handle))),+])
    };
}

struct Machine {
    definition: Value,
    document: Read,
    functions: BTreeMap<&'static str, Function>,
}

fn ingest_machine() -> Machine {
    Machine {
        definition: definition("ingest"),
        document: read_as::<IngestDocument>,
        functions: functions!(ingest:
            begin_run, validate, convert, plan, transcode, cancel_transcode, verify, publish, notify, mark_failed
        ),
    }
}

fn retrain_machine() -> Machine {
    Machine {
        definition: definition("retrain"),
        document: read_as::<retraining::document::Document>,
        functions: functions!(recommender:
            snapshot_training_data, train_model, evaluate_model, register_model, update_endpoint, smoke_test_model,
            refresh_similar, end_retraining
        ),
    }
}

fn definition(machine: &str) -> Value {
    serde_yaml_ng::from_str(&read(format!("statemachines/{machine}.asl.yaml"))).expect("a definition is YAML")
}

fn sample(name: &str) -> Value {
    serde_json::from_str(&read(format!("events/states/{name}.json"))).expect("a sample is JSON")
}

/// The inputs of runs that begin at each step that they may begin at.
fn run_inputs() -> Vec<(Step, Value)> {
    let run: Run = serde_json::from_value(sample("ingest")).expect("a run");
    let steps = Step::ALL.into_iter().filter(|step| step.is_resumable());

    steps
        .map(|step| {
            let input = serde_json::to_value(RunInput::new(run, step));
            (step, input.expect("a document"))
        })
        .collect()
}

impl Machine {
    /// Walks every way from the start with this input. Returns the functions that were called.
    fn walk(&self, input: &Value) -> BTreeSet<String> {
        let mut called = BTreeSet::new();
        self.enter(text(&self.definition["StartAt"]), input, &mut called);

        called
    }

    fn enter(&self, name: &str, document: &Value, called: &mut BTreeSet<String>) {
        let state = self.state(name);
        if !BEFORE_A_RUN.contains(&name) {
            let fields = (self.document)(document).unwrap_or_else(|error| panic!("{name} gets {document}: {error}"));
            assert_eq!(
                fields, *document,
                "{name}: left: fields of the document's type, right: the document"
            );
        }
        match text(&state["Type"]) {
            "Succeed" => {}
            "Fail" => {
                for path in ["ErrorPath", "CausePath"].iter().filter_map(|key| state.get(*key)) {
                    assert!(
                        find(text(path), document).is_some(),
                        "{name}: {path} is not in {document}"
                    );
                }
            }
            "Choice" => self.enter(choose(state, document), document, called),
            "Task" => {
                for result in self.call(name, state, document, called) {
                    self.enter(text(&state["Next"]), &result, called);
                }
                for catcher in state["Catch"].as_array().into_iter().flatten() {
                    let field = text(&catcher["ResultPath"]).trim_start_matches("$.");
                    let mut caught = document.clone();
                    caught[field] = json!({ "Error": "States.Timeout", "Cause": "" });
                    self.enter(text(&catcher["Next"]), &caught, called);
                }
            }
            other => panic!("{name} is a {other}, which this test does not know"),
        }
    }

    /// Calls the state's function. Returns the documents that the state may pass on.
    fn call(&self, name: &str, state: &Value, document: &Value, called: &mut BTreeSet<String>) -> Vec<Value> {
        let parameters = evaluate(&state["Parameters"], document);
        let module = module(text(&parameters["FunctionName"]));
        let function = self
            .functions
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{name} calls {module}: add it to the functions of this test"));
        let payload = &parameters["Payload"];
        let fields =
            (function.input)(payload).unwrap_or_else(|error| panic!("{name} calls {module} with {payload}: {error}"));
        if state["Parameters"].get("Payload").is_some() {
            assert_eq!(
                fields, *payload,
                "{name}: left: fields that {module} reads, right: its Payload"
            );
        }
        called.insert(module);

        match (state.get("ResultPath"), state.get("OutputPath").and_then(Value::as_str)) {
            (Some(Value::Null), None) => {
                assert_eq!(
                    function.output,
                    TypeId::of::<()>(),
                    "{name} drops the output of its function"
                );
                vec![document.clone()]
            }
            (None, Some("$.Payload")) => {
                assert_eq!(
                    function.output,
                    TypeId::of::<RunInput>(),
                    "{name} passes on its function's output"
                );
                run_inputs().into_iter().map(|(_, input)| input).collect()
            }
            paths => panic!("{name} has a result {paths:?}, which this test does not know"),
        }
    }

    /// The first task of an execution with this input.
    fn first_task(&self, input: &Value) -> &str {
        let mut name = text(&self.definition["StartAt"]);
        while self.state(name)["Type"] == "Choice" {
            name = choose(self.state(name), input);
        }

        name
    }

    fn state(&self, name: &str) -> &Value {
        &self.definition["States"][name]
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The value at a path in the document or in the context object.
fn find(path: &str, document: &Value) -> Option<Value> {
    match path {
        "$" => Some(document.clone()),
        "$$.Execution.Name" | "$$.Task.Token" => Some(json!("a text")),
        _ => document.pointer(&path.strip_prefix('$')?.replace('.', "/")).cloned(),
    }
}

/// The parameters of a state, with the values at their paths.
fn evaluate(parameters: &Value, document: &Value) -> Value {
    let Some(fields) = parameters.as_object() else {
        return parameters.clone();
    };

    fields
        .iter()
        .map(|(name, value)| match name.strip_suffix(".$") {
            Some(name) => {
                let found = find(text(value), document).unwrap_or_else(|| panic!("{value} is not in {document}"));
                (name.to_owned(), found)
            }
            None => (name.clone(), evaluate(value, document)),
        })
        .collect()
}

/// The state that a choice leads to.
fn choose<'a>(state: &'a Value, document: &Value) -> &'a str {
    let mut rules = state["Choices"].as_array().into_iter().flatten();
    let chosen = rules.find(|rule| holds(rule, document)).map(|rule| &rule["Next"]);

    text(chosen.unwrap_or(&state["Default"]))
}

fn holds(rule: &Value, document: &Value) -> bool {
    if let Some(rules) = rule["And"].as_array() {
        return rules.iter().all(|rule| holds(rule, document));
    }
    let value = find(text(&rule["Variable"]), document);

    match (rule.get("IsPresent"), rule.get("StringEquals")) {
        (Some(expected), None) => json!(value.is_some()) == *expected,
        (None, Some(expected)) => value.as_ref() == Some(expected),
        _ => panic!("{rule} is a rule that this test does not know"),
    }
}

/// The module of a function: `begin_run` for `${BeginRun}`.
fn module(placeholder: &str) -> String {
    let mut module = String::new();
    for letter in placeholder.trim_start_matches("${").trim_end_matches('}').chars() {
        if letter.is_ascii_uppercase() && !module.is_empty() {
            module.push('_');
        }
        module.push(letter.to_ascii_lowercase());
    }

    module
}

#[test]
fn every_way_through_the_ingest_machine_has_the_fields_that_it_names() {
    let machine = ingest_machine();
    let manual = sample("ingest-manual");
    assert_eq!(read_as::<ManualInput>(&manual), Ok(manual.clone()));

    let mut called = machine.walk(&manual);
    for (_, input) in run_inputs() {
        called.extend(machine.walk(&input));
    }

    assert!(called.iter().eq(machine.functions.keys()), "{called:?} are called");
}

#[test]
fn every_way_through_the_retrain_machine_has_the_fields_that_it_names() {
    let machine = retrain_machine();
    let input = sample("retrain");
    assert_eq!(read_as::<retraining::Run>(&input), Ok(input.clone()));

    let called = machine.walk(&input);

    assert!(called.iter().eq(machine.functions.keys()), "{called:?} are called");
}

#[test]
fn a_run_begins_at_the_step_that_its_input_names() {
    let machine = ingest_machine();

    for (step, input) in run_inputs() {
        assert_eq!(machine.first_task(&input).to_lowercase(), step.as_str());
    }
    assert_eq!(machine.first_task(&sample("ingest-manual")), "Begin");
    assert_eq!(machine.first_task(&sample("ingest-resumed")), "Verify");
}

#[test]
fn every_function_reads_its_sample() {
    for machine in [ingest_machine(), retrain_machine()] {
        for (module, function) in machine.functions {
            let sample = sample(&module.replace('_', "-"));
            let fields = (function.input)(&sample).unwrap_or_else(|error| panic!("{module}: {error}"));
            let fields = fields.as_object().expect("a document");

            assert!(
                fields.iter().all(|(name, value)| sample.get(name) == Some(value)),
                "{module} reads {fields:?} from {sample}"
            );
        }
    }
}
