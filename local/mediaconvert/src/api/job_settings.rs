//! A job's settings: the request's over its template's, with presets put in.

use serde_json::{Map, Value, json};

use super::{
    super::{
        model::{self, Complaint},
        names,
        service::Service,
        settings::JobSettings,
        store::Kind,
    },
    error::ApiError,
    request::text,
};

/// Members of the request that are kept to be shown again, and the values that are supported.
const ECHOED: [(&str, &[&str]); 3] = [
    ("billingTagsSource", &["QUEUE", "PRESET", "JOB_TEMPLATE", "JOB"]),
    ("simulateReservedQueue", &["DISABLED"]),
    ("jobTemplate", &[]),
];

/// The template that the request names.
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

/// The request's settings over the template's, with presets put in; valid, and supported.
pub(super) fn settings(service: &Service, request: &Value, template: Option<&Value>) -> Result<Value, ApiError> {
    let mut settings = template.map_or(Value::Null, |template| template["settings"].clone());
    merge(&mut settings, &request["settings"]);
    apply_presets(service, &mut settings)?;
    let mut complaints = model::check("CreateJob", &json!({ "role": "", "settings": settings }));
    if complaints.is_empty() {
        complaints.extend(model::rules::check(&settings));
        complaints.extend(model::supported::check(&settings));
    }
    if !complaints.is_empty() {
        return Err(ApiError::invalid(&complaints));
    }
    // What is valid and supported has a type; if not, the sentence says which part we forgot.
    if let Err(error) = serde_json::from_value::<JobSettings>(settings.clone()) {
        return Err(ApiError::BadRequest(format!("/: {error}")));
    }
    Ok(settings)
}

/// Puts `over` over `under`: members one by one, items by their place.
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
                let sentence = "You can specify either Preset or Container settings, but not both";
                return Err(ApiError::invalid(&[Complaint::new(pointer, sentence)]));
            }
            let Some(preset) = presets.get(names::name_of("presets", &name)) else {
                let sentence = format!("The preset {name} does not exist");
                return Err(ApiError::invalid(&[Complaint::new(pointer, sentence)]));
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

/// Members of the request beside the settings, if they are supported.
pub(super) fn echoed(request: &Value) -> Result<Map<String, Value>, ApiError> {
    let mut echoed = Map::new();
    let mut complaints = Vec::new();
    for (name, values) in ECHOED {
        let Some(value) = text(request, name) else { continue };
        if !values.is_empty() && !values.contains(&value.as_str()) {
            let sentence = format!("{value} is not supported by the local MediaConvert");
            complaints.push(Complaint::new(format!("/{name}"), sentence));
        }
        echoed.insert(name.to_owned(), json!(value));
    }
    let acceleration = &request["accelerationSettings"]["mode"];
    if acceleration.as_str().is_some_and(|mode| mode != "DISABLED") {
        let sentence = format!("{acceleration} is not supported by the local MediaConvert");
        complaints.push(Complaint::new("/accelerationSettings/mode", sentence));
    }
    echoed.insert("accelerationSettings".to_owned(), json!({ "mode": "DISABLED" }));
    for name in ["hopDestinations", "jobEngineVersion"] {
        let value = &request[name];
        if !value.is_null() && *value != json!([]) {
            complaints.push(Complaint::new(
                format!("/{name}"),
                "Is not supported by the local MediaConvert",
            ));
        }
    }
    if complaints.is_empty() {
        Ok(echoed)
    } else {
        Err(ApiError::invalid(&complaints))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_overrides_its_template_place_by_place() {
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
    fn what_is_not_supported_beside_the_settings_is_named() {
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
