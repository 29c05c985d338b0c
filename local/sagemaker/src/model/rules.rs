//! Rules between members, and the choices that are supported here.

use regex_lite::Regex;

use super::super::api::{
    CreateEndpointConfig,
    training::{CreateTrainingJob, OutputCompression},
};

/// The reason why AWS or the stand-in refuses a request.
pub(crate) type Checked = Result<(), String>;

pub(crate) fn endpoint_config(request: &CreateEndpointConfig) -> Checked {
    let [variant] = request.production_variants.as_slice() else {
        return Err("a serverless endpoint has one production variant".into());
    };
    let memory = variant.serverless_config.memory_size_in_mb;
    if memory.is_multiple_of(1024) {
        return Ok(());
    }
    Err(format!(
        "MemorySizeInMB: {memory} is not valid: a serverless endpoint has 1024, 2048, 3072, 4096, 5120 or 6144"
    ))
}

pub(crate) fn training_job(request: &CreateTrainingJob) -> Checked {
    if request.algorithm_specification.training_image.is_none() {
        return Err("AlgorithmSpecification must have a TrainingImage or an AlgorithmName".into());
    }
    for metric in &request.algorithm_specification.metric_definitions {
        let captures = Regex::new(&metric.regex).map(|regex| regex.captures_len());
        match captures {
            Err(error) => {
                return Err(format!(
                    "the Regex of the metric {} cannot be read: {error}",
                    metric.name
                ));
            }
            Ok(1) => return Err(format!("the Regex of the metric {} captures nothing", metric.name)),
            Ok(_) => {}
        }
    }
    let mut channels: Vec<&str> = request
        .input_data_config
        .iter()
        .map(|channel| channel.channel_name.as_str())
        .collect();
    channels.sort_unstable();
    if let Some([twice, _]) = channels.array_windows().find(|[one, next]| one == next) {
        return Err(format!("the channel {twice} is given twice"));
    }
    if let Some(url) = urls(request).find(|url| parse_s3(url).is_none()) {
        return Err(format!(
            "the local SageMaker does not support this: {url} is not s3://bucket/…"
        ));
    }
    if request.output_data_config.compression_type == Some(OutputCompression::None) {
        return Err("the local SageMaker does not support this: OutputDataConfig.CompressionType NONE".into());
    }
    let machines = &request.resource_config;
    if machines.instance_count != 1 {
        return Err("the local SageMaker does not support this: more or less than one instance".into());
    }
    if machines.volume_size_in_gb == 0 {
        return Err("ResourceConfig: VolumeSizeInGB must be at least 1".into());
    }
    Ok(())
}

fn urls(request: &CreateTrainingJob) -> impl Iterator<Item = &str> {
    let inputs = request
        .input_data_config
        .iter()
        .map(|channel| channel.data_source.s3_data_source.s3_uri.as_str());
    inputs.chain([request.output_data_config.s3_output_path.as_str()])
}

/// Bucket and key of `s3://bucket/key`; the key may be empty.
pub(crate) fn parse_s3(url: &str) -> Option<(&str, &str)> {
    let path = url.strip_prefix("s3://")?;
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    (!bucket.is_empty()).then_some((bucket, key))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked(change: impl FnOnce(&mut Value)) -> Checked {
        let source = |uri: &str| json!({ "S3DataSource": { "S3DataType": "S3Prefix", "S3Uri": uri } });
        let mut request = json!({
            "TrainingJobName": "night-1",
            "AlgorithmSpecification": {
                "TrainingImage": "marquee-recommender:latest", "TrainingInputMode": "File",
                "MetricDefinitions": [{ "Name": "ndcg", "Regex": "metric ndcg=([0-9.]+)" }],
            },
            "RoleArn": "arn:aws:iam::000000000000:role/training",
            "InputDataConfig": [
                { "ChannelName": "titles", "DataSource": source("s3://b/titles/") },
                { "ChannelName": "interactions", "DataSource": source("s3://b/interactions/") },
            ],
            "OutputDataConfig": { "S3OutputPath": "s3://b/models" },
            "ResourceConfig": { "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5 },
            "StoppingCondition": { "MaxRuntimeInSeconds": 60 },
        });
        change(&mut request);
        training_job(&serde_json::from_value(request).map_err(|error| error.to_string())?)
    }

    #[test]
    fn a_training_job_has_what_it_needs() {
        assert_eq!(checked(|_| ()), Ok(()));
        let all: [(&str, Value, &str); 9] = [
            ("/AlgorithmSpecification/TrainingImage", Value::Null, "TrainingImage"),
            ("/AlgorithmSpecification/TrainingInputMode", json!("Pipe"), "Pipe"),
            ("/AlgorithmSpecification/MetricDefinitions/0/Regex", json!("("), "ndcg"),
            (
                "/AlgorithmSpecification/MetricDefinitions/0/Regex",
                json!("no group"),
                "captures nothing",
            ),
            ("/InputDataConfig/0/ChannelName", json!("interactions"), "twice"),
            (
                "/InputDataConfig/0/DataSource/S3DataSource/S3Uri",
                json!("https://b/titles"),
                "https://b/titles",
            ),
            ("/OutputDataConfig/CompressionType", json!("NONE"), "NONE"),
            ("/ResourceConfig/InstanceCount", json!(2), "one instance"),
            ("/ResourceConfig/VolumeSizeInGB", json!(0), "VolumeSizeInGB"),
        ];
        for (pointer, value, expected) in all {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let refusal = checked(|request| request.pointer_mut(parent).unwrap()[member] = value.clone());
            assert!(
                refusal.as_ref().is_err_and(|refusal| refusal.contains(expected)),
                "{pointer} {value}: {refusal:?}"
            );
        }
    }

    #[test]
    fn endpoint_configurations_are_serverless() {
        let config = |variants: Value| {
            let request = json!({ "EndpointConfigName": "c", "ProductionVariants": variants });
            let request = serde_json::from_value(request).map_err(|error| error.to_string())?;
            endpoint_config(&request)
        };
        let variant = |memory: u32| {
            let serverless = json!({ "MemorySizeInMB": memory, "MaxConcurrency": 5 });
            json!({ "VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": serverless })
        };

        assert_eq!(config(json!([variant(2048)])), Ok(()));
        assert!(config(json!([variant(1025)])).is_err_and(|message| message.contains("MemorySizeInMB")));
        assert!(
            config(json!([variant(1024), variant(1024)]))
                .is_err_and(|message| message.contains("one production variant"))
        );
        assert!(config(json!([{ "VariantName": "v", "ModelName": "m" }])).is_err());
    }

    #[test]
    fn an_address_in_s3_has_a_bucket() {
        assert_eq!(parse_s3("s3://b/a/c"), Some(("b", "a/c")));
        assert_eq!(parse_s3("s3://b"), Some(("b", "")));
        assert_eq!(parse_s3("s3:///a"), None);
        assert_eq!(parse_s3("https://b/a"), None);
    }
}
