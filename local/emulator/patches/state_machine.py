"""AWS::StepFunctions::StateMachine accepts a definition file only as JSON; `sam` uploads ours as YAML."""

import json

from patches.wrap import wrap


def apply():
    from ministack.services.cloudformation import provisioners

    wrap(provisioners, "_sfn_definition", _as_json)


def _as_json(original, properties):
    import yaml

    definition = original(properties)
    try:
        json.loads(definition)
    except ValueError:
        return json.dumps(yaml.safe_load(definition))
    return definition
