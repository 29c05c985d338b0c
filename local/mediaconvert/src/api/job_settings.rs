//! A job's settings: the request's settings merged over its template's, with presets applied.

use serde_json::{Map, Value, json};

use super::{
    super::{
        model::{self, Issue},
        names,
        service::Service,
        settings::JobSettings,
        store::Kind,
    },
    error::ApiError,
    request::text,
};

/// Members of the request that are returned with the job, and their supported values.
const ECHOED: [(&str, &[&str]); 3] = [
    ("billingTagsSource", &["QUEUE", "PRESET", "JOB_TEMPLATE", "JOB"]),
    ("simulateReservedQueue", &["DISABLED"]),
    ("jobTemplate", &[]),
];

/// The template of the request.
pub(super) fn template(service: &Service, request: &Value) -> Result<Option<Value>, ApiError> {
    let Some(name) = text(request, "jobTemplate") else {
        return Ok(None);
    };
    let mut templates = service.store.named(Kind::JobTemplates);
    let template = templates.remove(names::name_of("jobTemplates", &name));
    template
        .map(Some)
        .ok_or_else(|| ApiError::NotFound(format!("The job template {name} does not exist")))
}

/// The merged settings with presets applied; they are valid and supported.
pub(super) fn settings(service: &Service, request: &Value, template: Option<&Value>) -> Result<Value, ApiError> {
    let mut settings = template.map_or(Value::Null, |template| template["settings"].clone());
    merge(&mut settings, &request["settings"]);
    apply_presets(service, &mut settings)?;
    let mut issues = model::check("CreateJob", &json!({ "role": "", "settings": settings }));
    if issues.is_empty() {
        issues.extend(model::rules::check(&settings));
        issues.extend(model::supported::check(&settings));
    }
    if !issues.is_empty() {
        return Err(ApiError::invalid(&issues));
    }
    // Valid and supported settings have a type; if not, the message names the one that is missing.
    if let Err(error) = serde_json::from_value::<JobSettings>(settings.clone()) {
        return Err(ApiError::BadRequest(format!("/: {error}")));
    }
    Ok(settings)
}

/// Merges `over` into `under`: members by name, items by index.
fn merge(under: &mut Value, over: &Value) {
    match (under, over) {
        (_, Value::Null) => {}
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over.iter().filter(|(_, value)| !value.is_null()) {
                merge(under.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (Value::Array(under), Value::Array(over)) => {
            for (index, value) in over.iter().enumerate() {
                match under.get_mut(index) {
                    Some(under) => merge(under, value),
                    None => under.push(value.clone()),
                }
            }
        }
        (under, over) => *under = over.clone(),
    }
}

fn apply_presets(service: &Service, settings: &mut Value) -> Result<(), ApiError> {
    let presets = service.store.named(Kind::Presets);
    let groups = settings["outputGroups"]
        .as_array_mut()
        .map(Vec::as_mut_slice)
        .unwrap_or_default();
    for (group_index, group) in groups.iter_mut().enumerate() {
        let outputs = group["outputs"]
            .as_array_mut()
            .map(Vec::as_mut_slice)
            .unwrap_or_default();
        for (index, output) in outputs.iter_mut().enumerate() {
            let Some(name) = text(output, "preset") else { continue };
            let pointer = format!("/settings/outputGroups/{group_index}/outputs/{index}/preset");
            if output["containerSettings"].is_object() {
                let message = "You can specify either Preset or Container settings, but not both";
                return Err(ApiError::invalid(&[Issue::new(pointer, message)]));
            }
            let Some(preset) = presets.get(names::name_of("presets", &name)) else {
                let message = format!("The preset {name} does not exist");
                return Err(ApiError::invalid(&[Issue::new(pointer, message)]));
            };
            let mut merged = preset["settings"].clone();
            merge(&mut merged, output);
            if let Some(merged) = merged.as_object_mut() {
                merged.remove("preset");
            }
            *output = merged;
        }
    }
    Ok(())
}

/// The members of the request other than the settings, if they are supported.
pub(super) fn echoed(request: &Value) -> Result<Map<String, Value>, ApiError> {
    let mut echoed = Map::new();
    let mut issues = Vec::new();
    for (name, values) in ECHOED {
        let Some(value) = text(request, name) else { continue };
        if !values.is_empty() && !values.contains(&value.as_str()) {
            let message = format!("{value} is not supported by the local MediaConvert");
            issues.push(Issue::new(format!("/{name}"), message));
        }
        echoed.insert(name.to_owned(), json!(value));
    }
    let acceleration = &request["accelerationSettings"]["mode"];
    if acceleration.as_str().is_some_and(|mode| mode != "DISABLED") {
        let message = format!("{acceleration} is not supported by the local MediaConvert");
        issues.push(Issue::new("/accelerationSettings/mode", message));
    }
    echoed.insert("accelerationSettings".to_owned(), json!({ "mode": "DISABLED" }));
    for name in ["hopDestinations", "jobEngineVersion"] {
        let value = &request[name];
        if !value.is_null() && *value != json!([]) {
            issues.push(Issue::new(
                format!("/{name}"),
                "Is not supported by the local MediaConvert",
            ));
        }
    }
    if issues.is_empty() {
        Ok(echoed)
    } else {
        Err(ApiError::invalid(&issues))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_overrides_its_template_member_by_member() {
        let mut settings = json!({ "a": { "b": 1, "c": 2 }, "list": [{ "x": 1 }, { "x": 2 }] });
        merge(
            &mut settings,
            &json!({ "a": { "c": 3 }, "list": [{ "y": 9 }], "d": null }),
        );
        assert_eq!(
            settings,
            json!({ "a": { "b": 1, "c": 3 }, "list": [{ "x": 1, "y": 9 }, { "x": 2 }] })
        );
    }

    #[test]
    fn unsupported_members_of_the_request_are_named() {
        let refused = |request: Value| match echoed(&request) {
            Err(ApiError::BadRequest(message)) => message,
            other => format!("{other:?}"),
        };
        assert!(
            refused(json!({ "accelerationSettings": { "mode": "ENABLED" } })).contains("/accelerationSettings/mode")
        );
        assert!(refused(json!({ "hopDestinations": [{ "waitMinutes": 1 }] })).contains("/hopDestinations"));
        assert!(echoed(&json!({ "hopDestinations": [], "simulateReservedQueue": "DISABLED" })).is_ok());
    }
}
