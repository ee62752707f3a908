"""Holds every example in an OpenAPI document against the schema beside it."""

import json
import sys

from jsonschema import Draft202012Validator, FormatChecker

with open(sys.argv[1], encoding="utf-8") as file:
    DOCUMENT = json.load(file)


def examples(node, place):
    """Every example, the schema that it has to fit and where it stands."""
    if isinstance(node, list):
        for index, child in enumerate(node):
            yield from examples(child, f"{place}/{index}")
    if not isinstance(node, dict):
        return
    if "schema" in node:
        if "example" in node:
            yield node["example"], node["schema"], f"{place}/example"
        for name, example in node.get("examples", {}).items():
            yield example["value"], node["schema"], f"{place}/examples/{name}"
    elif isinstance(node.get("examples"), list):
        for index, example in enumerate(node["examples"]):
            yield example, node, f"{place}/examples/{index}"
    for name, child in node.items():
        if name not in ("example", "examples"):
            yield from examples(child, f"{place}/{name}")


count, wrong = 0, 0
for example, schema, place in examples(DOCUMENT, "#"):
    count += 1
    # References begin at the root, so the schema takes its place.
    schema = schema | {"components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    for error in validator.iter_errors(example):
        wrong += 1
        print(f"{place}: {error.json_path} {error.message}")
print(f"{count} examples, {wrong} wrong")
sys.exit(wrong > 0 or count < 50)
