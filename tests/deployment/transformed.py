"""The template as CloudFormation gets it: packaged, and transformed by AWS's
own translator, which the SAM CLI brings."""

import copy
import json
import logging
from pathlib import Path

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# Of its own metrics and feature toggles.
logging.disable(logging.CRITICAL)

ROOT = Path(__file__).resolve().parents[2]

# Those without a default.
GIVEN = {"DatabaseUrlSecret": "database-url", "DatabaseUrlDirectSecret": "database-url-direct"}


def template(path="template.yaml"):
    return yaml_parse((ROOT / path).read_text())


def packaged(prefix="first", contents=None):
    """What `sam deploy` has uploaded takes the place of local paths: a prefix,
    and a hash of the content."""
    source = template()
    for name, resource in source["Resources"].items():
        for path in ("CodeUri", "ContentUri"):
            if path in resource.get("Properties", {}):
                content = (contents or {}).get(name, "0")
                resource["Properties"][path] = f"s3://bucket/{prefix}/{name}{content}"
    return source


SESSION = boto3.Session(region_name="eu-central-1")


def transform(source, parameters):
    translator = Translator({}, Parser(), boto_session=SESSION)
    return translator.translate(copy.deepcopy(source), {**GIVEN, **parameters})["Resources"]


def values(source, parameters):
    """All parameters, the defaults among them."""
    defaults = {name: parameter.get("Default") for name, parameter in source["Parameters"].items()}
    return {**defaults, **GIVEN, **parameters}


def resolved(node, known):
    """The node with parameters replaced, as CloudFormation does."""
    if isinstance(node, list):
        return [resolved(item, known) for item in node]
    if not isinstance(node, dict):
        return node
    if list(node) == ["Ref"] and node["Ref"] in known:
        return str(known[node["Ref"]])
    return {key: resolved(value, known) for key, value in node.items()}


def versions(source, parameters):
    """What each function's version is known by: its name, and a description
    that is a hash of the properties of Migrations."""
    # Versions are not about routes, which are most of the work.
    source = copy.deepcopy(source)
    for resource in source["Resources"].values():
        resource.get("Properties", {}).pop("Events", None)
    resources = transform(source, parameters)
    migrations = resolved(resources["Migrations"]["Properties"], values(source, parameters))
    deployment = {"Fn::GetAtt": ["Migrations", "Deployment"]}
    found = {}
    for name, resource in resources.items():
        if resource["Type"] != "AWS::Lambda::Version":
            continue
        function = resource["Properties"]["FunctionName"]["Ref"]
        description = resource["Properties"].get("Description")
        if description == deployment:
            description = json.dumps(migrations, sort_keys=True)
        found[function] = (name, json.dumps(description))
    return found
