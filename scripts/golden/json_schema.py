"""What python-jsonschema says of schemas and values of our own, draft 2020-12 and draft 7, keyword by keyword.

The cases are ours, the verdicts are the reference's:

    python -m venv venv && venv/bin/pip install jsonschema
    venv/bin/python scripts/golden/json_schema.py      # rewrites json_schema.json
"""

import json
import pathlib
import platform
from importlib.metadata import version

from jsonschema import Draft7Validator, Draft202012Validator

VALUES = [None, True, False, 0, 1, 1.0, 1.5, -3, 12, "", "a", "abc", "äöü", "2026-11-21", [], [1], [1, 2], [1, 1], ["a", 1],
          [1, "a", True], [[1], [1]], {}, {"a": 1}, {"a": "x"}, {"a": 1, "b": 2}, {"b": 2}, {"a": {"b": 1}}, {"x-y": 1}, {"a": None}]
BOTH = [
    {"type": "integer"}, {"type": "number"}, {"type": ["string", "null"]}, {"enum": [1, "a", None, [1, 2], {"a": 1}]}, {"const": 1},
    {"minimum": 1, "exclusiveMaximum": 12}, {"multipleOf": 0.5}, {"minLength": 1, "maxLength": 3}, {"pattern": "^a"},
    {"minItems": 1, "maxItems": 2}, {"uniqueItems": True}, {"contains": {"type": "string"}}, {"items": {"type": "integer"}},
    {"required": ["a"]}, {"properties": {"a": {"type": "integer"}}}, {"additionalProperties": False, "properties": {"a": {}}},
    {"patternProperties": {"-": {"type": "string"}}}, {"propertyNames": {"maxLength": 1}}, {"minProperties": 1, "maxProperties": 1},
    {"not": {"type": "object"}}, {"anyOf": [{"type": "string"}, {"minimum": 5}]}, {"oneOf": [{"type": "integer"}, {"minimum": 1}]},
    {"allOf": [{"type": "number"}, {"maximum": 1}]}, {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "integer"}},
    {"properties": {"a": {"$ref": "#"}}, "type": ["object", "integer"]}, True, False,
]
NEW = [
    {"prefixItems": [{"type": "integer"}, {"type": "string"}]}, {"prefixItems": [{"type": "integer"}], "items": False},
    {"contains": {"type": "integer"}, "minContains": 2}, {"contains": {"type": "integer"}, "maxContains": 1},
    {"dependentRequired": {"a": ["b"]}}, {"dependentSchemas": {"a": {"required": ["b"]}}},
    {"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False},
    {"prefixItems": [{"type": "integer"}], "unevaluatedItems": False},
    {"$defs": {"word": {"type": "string", "minLength": 1}}, "additionalProperties": {"$ref": "#/$defs/word"}, "items": {"$ref": "#/$defs/word"}},
]
OLD = [{"items": [{"type": "integer"}, {"type": "string"}]}, {"items": [{"type": "integer"}], "additionalItems": False},
       {"dependencies": {"a": ["b"]}}, {"definitions": {"n": {"type": "integer"}}, "items": {"$ref": "#/definitions/n"}}]


def cases(validator, uri, schemas):
    for schema in schemas:
        named = schema if isinstance(schema, bool) else {"$schema": uri, **schema}
        check = validator(named)
        # A bare true or false has no $schema to choose a draft by: wrapped, it is the same.
        shown = {"$schema": uri, "allOf": [named]} if isinstance(named, bool) else named
        yield {"schema": shown, "valid": [check.is_valid(value) for value in VALUES]}


result = {
    "madeBy": "scripts/golden/json_schema.py",
    "versions": {"python": platform.python_version(), "jsonschema": version("jsonschema")},
    "values": VALUES,
    "cases": [*cases(Draft202012Validator, "https://json-schema.org/draft/2020-12/schema", BOTH + NEW),
              *cases(Draft7Validator, "http://json-schema.org/draft-07/schema#", BOTH + OLD)],
}
path = pathlib.Path(__file__).with_name("json_schema.json")
path.write_text(json.dumps(result, separators=(",", ":")) + "\n")
