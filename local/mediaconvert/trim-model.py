"""Makes `src/mediaconvert/model/requests.json` from botocore's description of the MediaConvert API.

Run it with a Python that has botocore: `python local/mediaconvert/trim-model.py`. Only what validation needs is kept
(members, required, enum, min, max, pattern) of the shapes that requests reach; documentation is dropped.
botocore is Apache-2.0, https://github.com/boto/botocore; the file it is made from is
`botocore/data/mediaconvert/2017-08-29/service-2.json.gz`.
"""

import gzip
import json
import pathlib
import re

import botocore

REQUESTS = {
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
TYPES = {
    "structure": "object",
    "map": "object",
    "list": "array",
    "long": "integer",
    "double": "number",
    "timestamp": "number",
}


def bounds_in_name(name):
    """`__doubleMinNegative59Max0` has no min and max of its own: its name says them."""
    found = {}
    for key in ("Min", "Max"):
        match = re.search(key + r"(Negative)?(\d+)", name)
        if match and name.startswith("__double"):
            found[key.lower()] = float(match[2]) * (-1 if match[1] else 1)
    return found


def trim(name, shapes, kept):
    if name in kept:
        return
    shape = shapes[name]
    trimmed = {"type": TYPES.get(shape["type"], shape["type"])}
    kept[name] = trimmed
    if shape["type"] == "structure":
        names = {key: member.get("locationName", key) for key, member in shape["members"].items()}
        trimmed["members"] = {names[key]: member["shape"] for key, member in shape["members"].items()}
        if shape.get("required"):
            trimmed["required"] = [names[key] for key in shape["required"]]
        children = [member["shape"] for member in shape["members"].values()]
    elif shape["type"] in ("list", "map"):
        child = shape["member" if shape["type"] == "list" else "value"]["shape"]
        trimmed["of"] = child
        children = [child]
    else:
        for key in ("enum", "min", "max", "pattern"):
            if key in shape:
                trimmed[key] = shape[key]
        trimmed.update(bounds_in_name(name))
        children = []
    for child in children:
        trim(child, shapes, kept)


def main():
    source = pathlib.Path(botocore.__file__).parent / "data/mediaconvert/2017-08-29/service-2.json.gz"
    shapes = json.loads(gzip.decompress(source.read_bytes()))["shapes"]
    kept = {}
    for shape in REQUESTS.values():
        trim(shape, shapes, kept)
    lines = [f"  {json.dumps(name)}: {json.dumps(shape)}" for name, shape in sorted(kept.items())]
    target = pathlib.Path(__file__).parent.parent / "src/mediaconvert/model/requests.json"
    about = f"botocore {botocore.__version__}, Apache-2.0, trimmed by local/mediaconvert/trim-model.py"
    target.write_text(
        "{\n"
        + f'"source": {json.dumps(about)},\n'
        + f'"requests": {json.dumps(REQUESTS)},\n'
        + '"shapes": {\n'
        + ",\n".join(lines)
        + "\n}\n}\n"
    )


if __name__ == "__main__":
    main()
