//! Rules of the written templates. Those of the transformed templates are in `infra/tests`.

#![expect(clippy::expect_used, reason = "tests fail by panicking")]

use std::collections::BTreeSet;

use marquee_architecture_tests::{area_and_name, files, read, resources, root, stacks, template, texts, visit};
use serde_yaml_ng::Value;

/// Actions for which IAM has no narrower resource than `*`, and the reason.
const ANY_RESOURCE: [(&str, &str); 5] = [
    (
        "cloudwatch:PutMetricData",
        "IAM offers no resource type for it, a condition names the namespace",
    ),
    (
        "ecr:GetAuthorizationToken",
        "signs in to all registries, IAM offers no resource type for it",
    ),
    ("mediaconvert:DescribeEndpoints", "an account-wide call"),
    (
        "mediaconvert:ListJobs",
        "lists across queues, IAM offers no resource type for it",
    ),
    (
        "mediaconvert:Probe",
        "reads a file by URL, IAM offers no resource type for it",
    ),
];

/// The properties whose files `deploy/src/quick_deploy.rs` uploads.
const UPLOADED: [&str; 2] = ["CodeUri", "DefinitionUri"];

fn functions() -> Vec<(String, Value)> {
    resources(&template(), "AWS::Serverless::Function")
}

#[test]
fn policies_name_exact_actions_and_resources() {
    let mut statements = Vec::new();
    visit(&template(), &mut |value| {
        if value.get("Effect").and_then(Value::as_str) == Some("Allow") {
            statements.push(value.clone());
        }
    });
    assert!(!statements.is_empty(), "the template has policies");

    for statement in statements {
        let actions = texts(&statement["Action"]);
        for action in &actions {
            assert!(!action.contains('*'), "name the actions instead of `{action}`");
        }
        let everywhere = texts(statement.get("Resource").unwrap_or(&Value::Null))
            .iter()
            .any(|resource| resource == "*");
        let unexplained: Vec<_> = actions
            .iter()
            .filter(|action| !ANY_RESOURCE.iter().any(|(known, _)| known == action))
            .collect();

        assert!(
            !everywhere || unexplained.is_empty(),
            "name the resources of {unexplained:?}"
        );
    }
}

#[test]
fn every_function_with_a_signed_in_route_may_look_up_powers() {
    for (id, properties) in functions() {
        let events: Vec<Value> = properties["Events"]
            .as_mapping()
            .map(|events| events.values().cloned().collect())
            .unwrap_or_default();
        let signed_in = |event: &Value| event["Type"] == "HttpApi" && event["Properties"]["Auth"].is_null();
        if !events.iter().any(signed_in) {
            continue;
        }
        let mut allowed = BTreeSet::new();
        visit(&properties["Policies"], &mut |value| {
            allowed.extend(texts(value.get("Action").unwrap_or(&Value::Null)));
        });

        for action in ["cognito-idp:AdminGetUser", "cognito-idp:AdminListGroupsForUser"] {
            assert!(
                allowed.contains(action),
                "{id} needs {action}: a token's claims give no power"
            );
        }
        let pool = &properties["Environment"]["Variables"]["USER_POOL_ID"];
        assert!(!pool.is_null(), "{id} needs USER_POOL_ID: it reads the user pool");
    }
}

#[test]
fn no_function_may_change_or_delete_a_line_of_the_audit_log() {
    let mut writers = 0;
    visit(&template(), &mut |value| {
        let actions = texts(value.get("Action").unwrap_or(&Value::Null));
        let changes = |action: &String| {
            ["UpdateItem", "DeleteItem", "BatchWriteItem"]
                .iter()
                .any(|operation| action == &format!("dynamodb:{operation}"))
        };
        let puts = actions.iter().any(|action| action == "dynamodb:PutItem");
        if value.get("Effect").and_then(Value::as_str) != Some("Allow") || !(puts || actions.iter().any(changes)) {
            return;
        }
        let keys = texts(&value["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]);
        assert!(!keys.is_empty(), "a statement that writes names the keys: {value:?}");
        // `AUDIT` itself is the sweeper's position.
        let covers = |key: &String| match key.strip_suffix('*') {
            Some(start) => "AUDIT#".starts_with(start) || start.starts_with("AUDIT#"),
            None => key.starts_with("AUDIT#"),
        };

        if keys.iter().any(covers) {
            assert_eq!(
                (keys, actions),
                (vec!["AUDIT#*".to_owned()], vec!["dynamodb:PutItem".to_owned()])
            );
            writers += 1;
        }
    });

    assert!(writers > 0, "a function writes the log");
}

#[test]
fn every_function_has_a_sample_event() {
    let samples: BTreeSet<String> = files("events")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();

    for (_, properties) in functions() {
        let (_area, name) = area_and_name(&properties);

        assert!(samples.contains(&name), "events/<source>/{name}.json is missing");
    }
    for path in files("events")
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
    {
        let text = read(std::path::Path::new("events").join(path));
        let parsed: Result<serde_json::Value, _> = serde_json::from_str(&text);

        assert!(parsed.is_ok(), "events/{} is not JSON: {parsed:?}", path.display());
    }
}

/// The source of a mapping: the logical id, or the id and attribute, in its `EventSourceArn`.
fn source(mapping: &Value) -> String {
    let Value::Tagged(source) = &mapping["EventSourceArn"] else {
        panic!("an event source is a resource of this template: {mapping:?}")
    };

    source.value.as_str().expect("a name").to_owned()
}

#[test]
fn the_tables_stream_has_one_reader() {
    // DynamoDB's limit is two, and one that publishes to a topic serves any number of consumers.
    let mappings = resources(&template(), "AWS::Lambda::EventSourceMapping");
    let readers = mappings
        .iter()
        .filter(|(_, mapping)| source(mapping) == "Table.StreamArn");

    assert_eq!(readers.count(), 1);
}

#[test]
fn messages_of_queues_and_streams_are_never_lost() {
    let template = template();
    let queues = resources(&template, "AWS::SQS::Queue");

    for (id, mapping) in resources(&template, "AWS::Lambda::EventSourceMapping") {
        assert_eq!(
            texts(&mapping["FunctionResponseTypes"]),
            ["ReportBatchItemFailures"],
            "{id}: the answer has to name the messages to deliver again"
        );
        let source = source(&mapping);
        let queue = queues.iter().find(|(queue, _)| format!("{queue}.Arn") == source);
        match queue {
            Some((queue, properties)) => assert!(
                properties["RedrivePolicy"]["maxReceiveCount"].as_u64().is_some(),
                "{queue} needs dead letters, or a message that cannot be handled is delivered for ever"
            ),
            None => assert!(
                !mapping["DestinationConfig"]["OnFailure"]["Destination"].is_null()
                    && mapping["MaximumRecordAgeInSeconds"].as_u64().is_some(),
                "{id}: a record that crashes the function must not block the stream"
            ),
        }
    }
}

#[test]
fn no_function_refers_to_the_distribution() {
    // A function, a bucket or a client that refers to the distribution makes a circular dependency, which AWS refuses.
    for (id, properties) in functions() {
        let text = serde_yaml_ng::to_string(&properties).expect("YAML");

        assert!(!text.contains("Distribution"), "{id} refers to the distribution");
    }
}

#[test]
fn only_code_and_definitions_name_files_of_the_project() {
    let mut definitions = 0;
    for (file, template) in stacks() {
        let folder = root().join(file.parent().expect("a folder"));
        for (id, resource) in template["Resources"].as_mapping().expect("Resources") {
            for (property, value) in resource["Properties"].as_mapping().into_iter().flatten() {
                let property = property.as_str().expect("a name");
                visit(value, &mut |value| {
                    let named = value.as_str().filter(|text| folder.join(text).is_file());
                    assert!(
                        named.is_none() || UPLOADED.contains(&property),
                        "{property} of {id:?} names the file {named:?}, but `make up` uploads files of {UPLOADED:?} only: add the \
                         property to deploy/src/quick_deploy.rs and here"
                    );
                    definitions += usize::from(named.is_some() && property == "DefinitionUri");
                });
            }
        }
    }

    assert!(definitions > 0, "a state machine names the file of its definition");
}
