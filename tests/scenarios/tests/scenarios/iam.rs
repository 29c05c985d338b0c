//! IAM is enforced: a function without a permission is refused, and the roles of services have exactly the permissions that
//! they need. The emulator does not enforce the services' own roles, so IAM simulates those.

use std::time::Duration;

use marquee_scenario_tests::{Marquee, aws::elements, wait};
use serde_json::Value;

/// Whether a role may do an action on a resource, by IAM's own simulation.
async fn may(marquee: &Marquee, role_arn: &str, action: &str, resource: &str) -> bool {
    let simulate = [
        ("PolicySourceArn", role_arn),
        ("ActionNames.member.1", action),
        ("ResourceArns.member.1", resource),
    ];
    let answer = marquee.call_iam("SimulatePrincipalPolicy", &simulate).await;

    *elements(&answer, "EvalDecision").first().expect("a result") == "allowed"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_loses_a_permission_is_refused() {
    let marquee = Marquee::running();
    let role = marquee.function("GetSimilarFunction").await.role.expect("a role");
    let role = role.rsplit('/').next().expect("a name");
    let creator = marquee.creator().await;
    let title = creator.create_title("A title without similar titles").await;
    let path = format!("/api/titles/{title}/similar");
    creator.get(&path).await.done(200);

    let policies = marquee.call_iam("ListRolePolicies", &[("RoleName", role)]).await;
    let mut removed = Vec::new();
    for name in elements(&policies, "member") {
        let policy = [("RoleName", role), ("PolicyName", name)];
        let answer = marquee.call_iam("GetRolePolicy", &policy).await;
        // IAM answers URL-encoded documents.
        let document = percent_decoded(elements(&answer, "PolicyDocument").first().expect("a document"));
        removed.push((name, document));
        marquee.call_iam("DeleteRolePolicy", &policy).await;
    }
    let refused = wait::until("the function is refused", Duration::from_secs(20), async || {
        let answer = creator.get(&path).await;

        (!answer.status.is_success()).then_some(answer)
    })
    .await;
    for (name, document) in &removed {
        let policy = [
            ("RoleName", role),
            ("PolicyName", *name),
            ("PolicyDocument", document.as_str()),
        ];
        marquee.call_iam("PutRolePolicy", &policy).await;
    }

    assert!(
        matches!(refused.status.as_u16(), 500 | 503),
        "{}: {}",
        refused.status,
        refused.text()
    );
    assert!(
        !refused.text().contains("AccessDenied"),
        "the cause is only in the log: {}",
        refused.text()
    );
    wait::until("the function works again", Duration::from_secs(20), async || {
        creator.get(&path).await.status.is_success().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_may_only_invoke_its_functions() {
    let marquee = Marquee::running();
    let sfn = aws_sdk_sfn::Client::new(&marquee.operator().await);
    let machines = sfn
        .list_state_machines()
        .send()
        .await
        .expect("ListStateMachines")
        .state_machines;
    assert_eq!(machines.len(), 2, "{machines:?}");
    let deployed = marquee.functions().await;

    for machine in machines {
        let machine = sfn
            .describe_state_machine()
            .state_machine_arn(machine.state_machine_arn)
            .send()
            .await
            .expect("DescribeStateMachine");
        let definition: Value = serde_json::from_str(machine.definition()).expect("JSON");
        let mut functions = Vec::new();
        collect_functions(&definition, &mut functions);
        assert!(functions.len() >= 7, "{functions:?}");

        for function in &deployed {
            let function = function.function_arn().expect("an ARN");
            assert_eq!(
                may(&marquee, machine.role_arn(), "lambda:InvokeFunction", function).await,
                functions.iter().any(|own| own == function),
                "{}: {function}",
                machine.name()
            );
        }
        assert!(!may(&marquee, machine.role_arn(), "dynamodb:DeleteItem", "*").await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mediaconvert_may_only_read_uploads_and_write_media() {
    let marquee = Marquee::running();
    let outputs = marquee.outputs();
    let output = |name: &str| outputs[name].as_str().expect(name);
    let role = output("MediaConvertRoleArn");
    let source = format!("arn:aws:s3:::{}/uploads/any/source", output("UploadBucketName"));
    let result = format!("arn:aws:s3:::{}/media/any/1/hls/master.m3u8", output("MediaBucketName"));

    assert!(may(&marquee, role, "s3:GetObject", &source).await);
    assert!(may(&marquee, role, "s3:PutObject", &result).await);
    assert!(
        !may(&marquee, role, "s3:PutObject", &source).await,
        "a source is never overwritten"
    );
    assert!(!may(&marquee, role, "s3:DeleteObject", &result).await);
    let site = format!("arn:aws:s3:::{}/index.html", output("SiteBucketName"));
    assert!(!may(&marquee, role, "s3:PutObject", &site).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scheduler_may_only_invoke_the_sweeper() {
    let marquee = Marquee::running();
    let roles = marquee.call_iam("ListRoles", &[("MaxItems", "1000")]).await;
    let mut arns = elements(&roles, "Arn").into_iter();
    let scheduler = arns.find(|arn| arn.contains("-SweepFunctionScheduleRole-"));
    let scheduler = scheduler.expect("the schedule has a role");
    let mut allowed = Vec::new();
    for function in marquee.functions().await {
        let arn = function.function_arn.expect("an ARN");
        if may(&marquee, scheduler, "lambda:InvokeFunction", &arn).await {
            allowed.push(arn);
        }
    }

    assert!(
        allowed.len() == 1 && allowed[0].contains("-SweepFunction-"),
        "{allowed:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_may_read_only_its_own_queue_or_stream() {
    let marquee = Marquee::running();
    let config = marquee.operator().await;
    let listed = aws_sdk_lambda::Client::new(&config)
        .list_event_source_mappings()
        .send()
        .await;
    let mappings = listed
        .expect("ListEventSourceMappings")
        .event_source_mappings
        .unwrap_or_default();
    let functions = marquee.functions().await;
    let mut readers = Vec::new();
    for mapping in &mappings {
        let reader = functions
            .iter()
            .find(|function| function.function_arn() == mapping.function_arn());
        let role = reader.and_then(|function| function.role()).expect("a reader");
        readers.push((role, mapping.event_source_arn().expect("a source")));
    }
    assert!(readers.len() >= 3, "{readers:?}");

    for (role, own) in &readers {
        for (_, source) in &readers {
            let actions = if source.contains(":sqs:") {
                ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
            } else {
                [
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                    "dynamodb:DescribeStream",
                ]
            };
            for action in actions {
                assert_eq!(
                    may(&marquee, role, action, source).await,
                    own == source,
                    "{role}: {action} on {source}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_export_may_write_training_data_and_not_read_it() {
    let marquee = Marquee::running();
    let role = marquee.function("ExportEventsFunction").await.role.expect("a role");
    let outputs = marquee.outputs();
    let bucket = outputs["RecommendationsBucketName"].as_str().expect("a bucket");
    let object = |key: &str| format!("arn:aws:s3:::{bucket}/{key}");

    for key in ["interactions/dt=2026-03-05/any.jsonl", "titles/dt=2026-03-05/any.jsonl"] {
        assert!(may(&marquee, &role, "s3:PutObject", &object(key)).await, "{key}");
        assert!(!may(&marquee, &role, "s3:GetObject", &object(key)).await, "{key}");
    }
    assert!(
        !may(
            &marquee,
            &role,
            "s3:PutObject",
            &object("models/any/output/model.tar.gz")
        )
        .await
    );
    let table = format!(
        "arn:aws:dynamodb:us-east-1:000000000000:table/{}",
        outputs["TableName"].as_str().expect("a table")
    );
    assert!(!may(&marquee, &role, "dynamodb:GetItem", &table).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_training_role_reads_data_and_writes_models_and_the_model_role_reads_models() {
    let marquee = Marquee::running();
    let outputs = marquee.outputs();
    let output = |name: &str| outputs[name].as_str().expect("an output").to_owned();
    let (training, model_role) = (output("TrainingRoleArn"), output("ModelRoleArn"));
    let bucket = output("RecommendationsBucketName");
    let object = |key: &str| format!("arn:aws:s3:::{bucket}/{key}");

    for key in [
        "interactions/dt=2026-03-05/any.jsonl",
        "titles/dt=2026-03-05/any.jsonl",
        "snapshots/any/titles.manifest",
    ] {
        assert!(may(&marquee, &training, "s3:GetObject", &object(key)).await, "{key}");
        assert!(!may(&marquee, &training, "s3:PutObject", &object(key)).await, "{key}");
        assert!(!may(&marquee, &model_role, "s3:GetObject", &object(key)).await, "{key}");
    }
    let model = object("models/any/output/model.tar.gz");
    assert!(may(&marquee, &training, "s3:PutObject", &model).await);
    assert!(may(&marquee, &model_role, "s3:GetObject", &model).await);
    assert!(!may(&marquee, &model_role, "s3:PutObject", &model).await);
    let media = format!("arn:aws:s3:::{}/media/any/1/hls/master.m3u8", output("MediaBucketName"));
    assert!(!may(&marquee, &training, "s3:GetObject", &media).await);
}

fn collect_functions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with("arn:aws:lambda:") => found.push(text.clone()),
        Value::Object(fields) => fields.values().for_each(|field| collect_functions(field, found)),
        Value::Array(items) => items.iter().for_each(|item| collect_functions(item, found)),
        _ => {}
    }
}

fn percent_decoded(text: &str) -> String {
    if text.trim_start().starts_with('{') {
        return text.to_owned();
    }
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = (byte == b'%').then(|| [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')]);
        let decoded = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok());
        bytes.push(decoded.unwrap_or(if byte == b'+' { b' ' } else { byte }));
    }

    String::from_utf8(bytes).expect("UTF-8")
}
