//! What botocore's model of SageMaker says about the members that the stand-in knows.

use super::api::{CreateEndpointConfig, CreateModel, PutEndpoint, Variant};

/// A request that AWS would refuse, and why.
pub(super) type Checked = Result<(), String>;

pub(super) fn model(request: &CreateModel) -> Checked {
    name("ModelName", &request.model_name)?;
    let container = &request.primary_container;
    let image = &container.image;
    pattern(
        "Image",
        image,
        255,
        !image.is_empty() && !image.contains(char::is_whitespace),
    )?;
    if let Some(url) = &container.model_data_url {
        pattern(
            "ModelDataUrl",
            url,
            1024,
            url.starts_with("s3://") && url.len() > "s3://".len(),
        )?;
    }
    if container.environment.len() > 100 {
        return Err("Value at 'Environment' failed to satisfy constraint: at most 100 entries".into());
    }
    for (key, value) in &container.environment {
        let first = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let rest = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        pattern("Environment", key, 1024, first && rest)?;
        pattern("Environment", value, 1024, true)?;
    }
    match &request.execution_role_arn {
        Some(role) => pattern(
            "ExecutionRoleArn",
            role,
            2048,
            role.starts_with("arn:aws") && role.contains(":role/"),
        ),
        None => Ok(()),
    }
}

pub(super) fn endpoint_config(request: &CreateEndpointConfig) -> Checked {
    name("EndpointConfigName", &request.endpoint_config_name)?;
    match request.production_variants.as_slice() {
        [] => Err("Value at 'ProductionVariants' failed to satisfy constraint: at least 1 member".into()),
        [one] => variant(one),
        _ => Err("a serverless endpoint has one production variant".into()),
    }
}

pub(super) fn endpoint(request: &PutEndpoint) -> Checked {
    name("EndpointName", &request.endpoint_name)?;
    name("EndpointConfigName", &request.endpoint_config_name)
}

fn variant(variant: &Variant) -> Checked {
    name("VariantName", &variant.variant_name)?;
    name("ModelName", &variant.model_name)?;
    let memory = variant.serverless_config.memory_size_in_mb;
    if !(1024..=6144).contains(&memory) || !memory.is_multiple_of(1024) {
        return Err(format!(
            "Value '{memory}' at 'MemorySizeInMB' must be one of 1024, 2048, 3072, 4096, 5120, 6144"
        ));
    }
    let concurrency = variant.serverless_config.max_concurrency;
    if !(1..=200).contains(&concurrency) {
        return Err(format!(
            "Value '{concurrency}' at 'MaxConcurrency' must be between 1 and 200"
        ));
    }
    match variant.initial_variant_weight {
        Some(weight) if weight < 0.0 => Err(format!(
            "Value '{weight}' at 'InitialVariantWeight' must not be negative"
        )),
        _ => Ok(()),
    }
}

/// `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}`.
pub(super) fn name(member: &str, value: &str) -> Checked {
    let letters = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let ends = !value.is_empty() && !value.starts_with('-') && !value.ends_with('-');
    pattern(member, value, 63, letters && ends)
}

fn pattern(member: &str, value: &str, longest: usize, matches: bool) -> Checked {
    if value.chars().count() > longest {
        return Err(format!(
            "Value at '{member}' failed to satisfy constraint: at most {longest} characters"
        ));
    }
    matches
        .then_some(())
        .ok_or_else(|| format!("Value '{value}' at '{member}' failed to satisfy constraint: its pattern"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn checked_model(change: impl FnOnce(&mut Value)) -> Checked {
        let mut request = json!({
            "ModelName": "marquee-recommender",
            "PrimaryContainer": { "Image": "marquee-recommender:latest", "Environment": { "A_1": "x" } },
            "ExecutionRoleArn": "arn:aws:iam::000000000000:role/sagemaker",
        });
        change(&mut request);
        model(&serde_json::from_value(request).map_err(|error| error.to_string())?)
    }

    #[test]
    fn models_are_checked_as_the_api_does() {
        assert_eq!(checked_model(|_| ()), Ok(()));
        for (pointer, value, told) in [
            ("/ModelName", json!("-x"), "ModelName"),
            ("/ModelName", json!("a".repeat(64)), "ModelName"),
            ("/ModelName", json!("a_b"), "ModelName"),
            ("/PrimaryContainer/Image", json!("a b"), "Image"),
            (
                "/PrimaryContainer/ModelDataUrl",
                json!("file:///etc/passwd"),
                "ModelDataUrl",
            ),
            ("/PrimaryContainer/Environment", json!({ "1A": "x" }), "Environment"),
            ("/PrimaryContainer/Mode", json!("MultiModel"), "MultiModel"),
            ("/ExecutionRoleArn", json!("admin"), "ExecutionRoleArn"),
            ("/PrimaryContainer/ImageConfig", json!({}), "ImageConfig"),
            ("/VpcConfig", json!({}), "VpcConfig"),
        ] {
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            let refusal = checked_model(|request| request.pointer_mut(parent).unwrap()[member] = value.clone());
            assert!(
                refusal.as_ref().is_err_and(|refusal| refusal.contains(told)),
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
        let variant = |memory: u32, concurrency: u32| {
            let serverless = json!({ "MemorySizeInMB": memory, "MaxConcurrency": concurrency });
            json!({ "VariantName": "AllTraffic", "ModelName": "m", "ServerlessConfig": serverless })
        };

        assert_eq!(config(json!([variant(2048, 5)])), Ok(()));
        for (variants, told) in [
            (json!([]), "ProductionVariants"),
            (json!([variant(1024, 1), variant(1024, 1)]), "one production variant"),
            (json!([variant(1000, 1)]), "MemorySizeInMB"),
            (json!([variant(1024, 201)]), "MaxConcurrency"),
            (
                json!([{ "VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large" }]),
                "InstanceType",
            ),
        ] {
            let refusal = config(variants.clone());
            assert!(
                refusal.as_ref().is_err_and(|refusal| refusal.contains(told)),
                "{variants}: {refusal:?}"
            );
        }
    }
}
