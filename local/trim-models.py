"""Writes the stand-ins' `requests.json` from botocore's descriptions of MediaConvert and SageMaker.

Run it with a Python that has botocore: `python local/trim-models.py`. The files hold only what validation needs
(members, required, enum, min, max, pattern) of the shapes that requests reach, and no documentation. Of SageMaker,
which is large, they hold only the members that the stand-in supports, see `SAGEMAKER_MEMBERS`.
botocore is Apache-2.0, https://github.com/boto/botocore; the files are
`botocore/data/<service>/<date>/service-2.json.gz`. Patterns with Unicode classes are left out: `regex-lite` has none.
"""

import gzip
import json
import pathlib
import re

import botocore

HERE = pathlib.Path(__file__).parent
MEDIACONVERT = {
    "CreateJob": "CreateJobRequest",
    "CreateJobTemplate": "CreateJobTemplateRequest",
    "CreatePreset": "CreatePresetRequest",
    "CreateQueue": "CreateQueueRequest",
    "ListJobs": "ListJobsRequest",
    "ListJobTemplates": "ListJobTemplatesRequest",
    "ListPresets": "ListPresetsRequest",
    "ListQueues": "ListQueuesRequest",
    "Probe": "ProbeRequest",
    "UpdateQueue": "UpdateQueueRequest",
}
SAGEMAKER = {
    "CreateEndpoint": "CreateEndpointInput",
    "CreateEndpointConfig": "CreateEndpointConfigInput",
    "CreateModel": "CreateModelInput",
    "CreateTrainingJob": "CreateTrainingJobRequest",
    "DeleteEndpoint": "DeleteEndpointInput",
    "DeleteEndpointConfig": "DeleteEndpointConfigInput",
    "DeleteModel": "DeleteModelInput",
    "DescribeEndpoint": "DescribeEndpointInput",
    "DescribeEndpointConfig": "DescribeEndpointConfigInput",
    "DescribeModel": "DescribeModelInput",
    "DescribeTrainingJob": "DescribeTrainingJobRequest",
    "ListEndpoints": "ListEndpointsInput",
    "ListTrainingJobs": "ListTrainingJobsRequest",
    "StopTrainingJob": "StopTrainingJobRequest",
    "UpdateEndpoint": "UpdateEndpointInput",
}
# The supported members of these shapes; the stand-in refuses the others by name.
SAGEMAKER_MEMBERS = {
    "AlgorithmSpecification": {"TrainingImage", "TrainingInputMode", "MetricDefinitions"},
    "ContainerDefinition": {"Image", "ModelDataUrl", "Environment", "Mode"},
    "CreateEndpointConfigInput": {"EndpointConfigName", "ProductionVariants", "Tags"},
    "CreateEndpointInput": {"EndpointName", "EndpointConfigName", "Tags"},
    "CreateModelInput": {"ModelName", "PrimaryContainer", "ExecutionRoleArn", "Tags"},
    "CreateTrainingJobRequest": {
        "TrainingJobName",
        "HyperParameters",
        "AlgorithmSpecification",
        "RoleArn",
        "InputDataConfig",
        "OutputDataConfig",
        "ResourceConfig",
        "StoppingCondition",
        "Tags",
        "Environment",
    },
    "Channel": {"ChannelName", "DataSource", "ContentType", "CompressionType", "RecordWrapperType", "InputMode"},
    "DataSource": {"S3DataSource"},
    "ListEndpointsInput": {"NameContains", "StatusEquals", "MaxResults", "NextToken"},
    "ListTrainingJobsRequest": {
        "NextToken",
        "MaxResults",
        "CreationTimeAfter",
        "CreationTimeBefore",
        "LastModifiedTimeAfter",
        "LastModifiedTimeBefore",
        "NameContains",
        "StatusEquals",
        "SortBy",
        "SortOrder",
    },
    "OutputDataConfig": {"S3OutputPath", "CompressionType"},
    "ProductionVariant": {"VariantName", "ModelName", "ServerlessConfig", "InitialVariantWeight"},
    "ProductionVariantServerlessConfig": {"MemorySizeInMB", "MaxConcurrency"},
    "ResourceConfig": {"InstanceType", "InstanceCount", "VolumeSizeInGB"},
    "S3DataSource": {"S3DataType", "S3Uri", "S3DataDistributionType"},
    "StoppingCondition": {"MaxRuntimeInSeconds"},
    "UpdateEndpointInput": {"EndpointName", "EndpointConfigName"},
}
TYPES = {
    "structure": "object",
    "map": "object",
    "list": "array",
    "long": "integer",
    "double": "number",
    "float": "number",
    "timestamp": "number",
}


def bounds_in_name(name):
    """`__doubleMinNegative59Max0` has no min and max of its own: they are in its name."""
    found = {}
    for key in ("Min", "Max"):
        match = re.search(key + r"(Negative)?(\d+)", name)
        if match and name.startswith("__double"):
            found[key.lower()] = float(match[2]) * (-1 if match[1] else 1)
    return found


def trim(name, shapes, members, trimmed_shapes):
    if name in trimmed_shapes:
        return
    shape = shapes[name]
    trimmed = {"type": TYPES.get(shape["type"], shape["type"])}
    trimmed_shapes[name] = trimmed
    for key in ("enum", "min", "max", "pattern"):
        if key in shape and "\\p{" not in str(shape[key]):
            trimmed[key] = shape[key]
    trimmed.update(bounds_in_name(name))
    children = []
    if shape["type"] == "structure":
        wanted = {key: member for key, member in shape["members"].items() if key in members.get(name, shape["members"])}
        names = {key: member.get("locationName", key) for key, member in shape["members"].items()}
        trimmed["members"] = {names[key]: member["shape"] for key, member in wanted.items()}
        if shape.get("required"):
            trimmed["required"] = [names[key] for key in shape["required"]]
        children = [member["shape"] for member in wanted.values()]
    elif shape["type"] in ("list", "map"):
        child = shape["member" if shape["type"] == "list" else "value"]["shape"]
        trimmed["of"] = child
        children = [child]
        keys = shape.get("key", {}).get("shape")
        if keys and {"min", "max", "pattern"} & shapes[keys].keys():
            trimmed["keys"] = keys
            children.append(keys)
    for child in children:
        trim(child, shapes, members, trimmed_shapes)


def write(service, date, requests, members, target):
    source = pathlib.Path(botocore.__file__).parent / f"data/{service}/{date}/service-2.json.gz"
    shapes = json.loads(gzip.decompress(source.read_bytes()))["shapes"]
    trimmed_shapes = {}
    for shape in requests.values():
        trim(shape, shapes, members, trimmed_shapes)
    lines = [f"  {json.dumps(name)}: {json.dumps(shape)}" for name, shape in sorted(trimmed_shapes.items())]
    about = f"botocore {botocore.__version__}, Apache-2.0, trimmed by local/trim-models.py"
    (HERE / target).write_text(
        "{\n"
        + f'"source": {json.dumps(about)},\n'
        + f'"requests": {json.dumps(requests)},\n'
        + '"shapes": {\n'
        + ",\n".join(lines)
        + "\n}\n}\n"
    )


def main():
    write("mediaconvert", "2017-08-29", MEDIACONVERT, {}, "mediaconvert/src/model/requests.json")
    write("sagemaker", "2017-07-24", SAGEMAKER, SAGEMAKER_MEMBERS, "sagemaker/src/model/requests.json")


if __name__ == "__main__":
    main()
