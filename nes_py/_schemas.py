"""The schemas of the JSON files that this package reads, in the form of JSON Schema 2020-12.

``python -m nes_py.tools.schemas`` writes them to ``docs/schemas``, where editors can use them. What depends on more
than one entry, for instance whether a variable exists, is checked by the readers.
"""

from __future__ import annotations

from typing import Any

from ._limits import (
    LARGEST_DISTANCE,
    LARGEST_NUMBER,
    LARGEST_WEIGHT,
    LONGEST_EXPRESSION,
    LONGEST_NAME,
    LONGEST_SCRIPT,
    LONGEST_TEXT,
    MOST_CLASSES,
    MOST_CONDITIONS,
    MOST_INFOS,
    MOST_MAPS,
    MOST_PRESSES,
    MOST_REWARDS,
    MOST_SELECTIONS,
    MOST_VARIABLES,
)

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _integer(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def _number(limit: float) -> dict[str, Any]:
    return {"type": "number", "minimum": -limit, "maximum": limit}


def _text(length: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": length}


def _list(of: dict[str, Any], most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": of, "maxItems": most} | ({"minItems": least} if least else {})


def _either(*kinds: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": list(kinds)}


def _to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_NULL = {"type": "null"}
_BOOLEAN = {"type": "boolean"}

# --- parts of several schemas ---

_COUNT = _either(_integer(0, 2**32), _text(40))
_CONDITION = _text(LONGEST_EXPRESSION)
_EXPRESSION = _either(_text(LONGEST_EXPRESSION), _number(LARGEST_NUMBER))
_PLAIN = _either(_NULL, _BOOLEAN, _number(LARGEST_NUMBER), _text(LONGEST_TEXT))
_TURNS = _either(_integer(1, LONGEST_SCRIPT), _text(40))


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def _mapping(of: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "object", "maxProperties": most, "additionalProperties": of}


_RANGE = _list(_either(_NULL, _number(LARGEST_NUMBER)), 2, 2)

# --- what tiles and objects mean: nes_py.semantic ---

_POSITION = _either(_NULL, _COUNT, _list(_COUNT, 2, 2))
_OFFSET = _list(_either(_integer(-LARGEST_DISTANCE, LARGEST_DISTANCE), _text(40)), 2, 2)
_SIZE = _list(_COUNT, 2, 2)
_KINDS = _mapping(_either(_COUNT, _list(_COUNT, 512)), MOST_CLASSES)
_CLASS = _text(LONGEST_NAME)
_WHEN = _either(_NULL, _mapping(_either(_COUNT, _list(_COUNT, 256)), MOST_SELECTIONS))

_SEMANTIC: dict[str, Any] = {
    "type": "object",
    "properties": {
        "classes": _list(_CLASS, MOST_CLASSES, 1),
        "tiles": _either(_NULL, _KINDS),
        "tile_rows": _SIZE,
        "sprites": _either(_NULL, _KINDS),
        "maps": _either(_NULL, _list(_to("semantic_map"), MOST_MAPS)),
        "objects": _either(_NULL, _list(_to("semantic_objects"), MOST_MAPS)),
        "camera": _either(_NULL, _object({"x": _POSITION, "y": _POSITION})),
        "cell": _COUNT,
        "window": _either(
            _NULL,
            _object({"around": _CLASS, "rows": _COUNT, "columns": _COUNT}, "around", "rows", "columns"),
            _object(
                {"row": _COUNT, "column": _COUNT, "rows": _COUNT, "columns": _COUNT}, "row", "column", "rows", "columns"
            ),
        ),
    },
}
_SEMANTIC_PARTS: dict[str, Any] = {
    "semantic_map": _object(
        {
            "address": _COUNT,
            "rows": _COUNT,
            "columns": _COUNT,
            "row_stride": _COUNT,
            "column_stride": _COUNT,
            "page": _either(_NULL, _SIZE),
            "kinds": _KINDS,
            "position": _OFFSET,
            "size": _SIZE,
            "in_level": _BOOLEAN,
            "wraps": _BOOLEAN,
            "when": _WHEN,
        },
        "address",
        "rows",
        "columns",
        "kinds",
    ),
    "semantic_objects": _object(
        {
            "class": _CLASS,
            "kind": _COUNT,
            "kinds": _KINDS,
            "active": _either(_NULL, _COUNT),
            "count": _COUNT,
            "stride": _COUNT,
            "x": _POSITION,
            "y": _POSITION,
            "offset": _OFFSET,
            "size": _SIZE,
            "in_level": _BOOLEAN,
            "when": _WHEN,
        }
    ),
}

#: What tiles and objects of a game mean. The same is an entry of a game declaration.
SEMANTICS: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "classes of tiles and objects for nes_py",
    **_SEMANTIC,
    "$defs": _SEMANTIC_PARTS,
}

# --- game declarations: nes_py.game ---

#: A game declaration. The reader names unknown keys, with suggestions.
GAME: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "a game declaration of nes_py",
    "type": "object",
    "properties": {
        "variables": {"type": "object", "maxProperties": MOST_VARIABLES, "additionalProperties": _to("variable")},
        "rewards": _list(_to("reward"), MOST_REWARDS),
        "reward_range": _RANGE,
        "terminated": _to("conditions"),
        "truncated": _to("conditions"),
        "lives": _either(_NULL, _text(LONGEST_NAME)),
        "parameters": _either(_NULL, _mapping(_PLAIN, MOST_VARIABLES)),
        "memories": _either(_NULL, _mapping(_object({"start": _EXPRESSION, "update": _EXPRESSION}), MOST_VARIABLES)),
        "start": _either(_NULL, _to("program")),
        "starts": _either(_NULL, _mapping(_mapping(_PLAIN, MOST_VARIABLES), MOST_VARIABLES)),
        "after_reset": _either(_NULL, _to("program")),
        "after_step": _either(_NULL, _to("program")),
        "infos": _either(_NULL, _to("infos")),
        "semantic": _either(_NULL, _to("semantic")),
    },
    "$defs": {
        "semantic": _SEMANTIC,
        **_SEMANTIC_PARTS,
        "variable": _either(
            _COUNT,
            _object(
                {
                    "address": _COUNT,
                    "size": _COUNT,
                    "encoding": _text(40),
                    "signed": _BOOLEAN,
                    "group": _COUNT,
                    "of": _list(_COUNT, 256),
                    "not": _list(_COUNT, 256),
                },
                "address",
            ),
            _object({"value": _EXPRESSION}, "value"),
        ),
        "conditions": _either(
            _NULL, _CONDITION, _list(_either(_CONDITION, _list(_CONDITION, MOST_CONDITIONS, 1)), MOST_CONDITIONS)
        ),
        "reward": {
            "type": "object",
            "properties": {
                "value": _EXPRESSION,
                "delta": _text(LONGEST_NAME),
                "condition": _to("conditions"),
                "name": _either(_NULL, _text(LONGEST_NAME)),
                "weight": _number(LARGEST_WEIGHT),
                "clip": _RANGE,
            },
        },
        "press": _either(
            _list({}, 2, 2),
            {
                "type": "object",
                "properties": {
                    "buttons": _list(_text(LONGEST_NAME), 64),
                    "frames": _either(_integer(1, LONGEST_SCRIPT), _text(40)),
                    "until": _to("conditions"),
                },
                "required": ["buttons", "frames"],
            },
        ),
        "program": _list(_to("statement"), MOST_PRESSES),
        "statement": _either(
            _to("press"),
            _object({"while": _EXPRESSION, "do": _to("program"), "at_most": _TURNS}, "while", "do"),
            _object({"repeat": _TURNS, "do": _to("program")}, "repeat", "do"),
            _object({"if": _EXPRESSION, "then": _to("program"), "else": _either(_NULL, _to("program"))}, "if", "then"),
            _object({"set": _mapping(_EXPRESSION, MOST_VARIABLES)}, "set"),
            _object({"write": _mapping(_EXPRESSION, MOST_VARIABLES)}, "write"),
        ),
        "infos": _mapping(_to("info"), MOST_INFOS),
        "info": _either(
            _EXPRESSION,
            _object(
                {
                    "value": _EXPRESSION,
                    "type": _text(40),
                    "names": _either(_list(_PLAIN, 4096), _mapping(_PLAIN, 4096)),
                    "else": _PLAIN,
                    "format": _text(LONGEST_TEXT),
                },
                "value",
            ),
            _object({"list": _list(_EXPRESSION, 256, 1)}, "list"),
            _object({"parameter": _text(LONGEST_NAME)}, "parameter"),
            _object({"constant": _PLAIN}, "constant"),
            _object({"infos": _to("infos")}, "infos"),
        ),
    },
}

# --- integrations of stable-retro: nes_py.formats.retro ---

_AMOUNT = _number(LARGEST_WEIGHT)

#: ``data.json``. The reader lists unknown keys and types as unsupported, as it does for the scenario.
RETRO_DATA: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "data.json of an integration of stable-retro",
    "type": "object",
    "properties": {
        "info": {
            "type": "object",
            "maxProperties": 4096,
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "address": _integer(0, 2**63 - 1),
                    "type": _text(40),
                    "mask": _either(_NULL, _integer(0, 2**128 - 1)),
                },
            },
        }
    },
}

#: ``scenario.json``, or another scenario.
RETRO_SCENARIO: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "scenario.json of an integration of stable-retro",
    "type": "object",
    "properties": {
        "reward": {
            "type": "object",
            "properties": {
                "variables": _to("terms"),
                "time": {"type": "object", "properties": {"reward": _AMOUNT, "penalty": _AMOUNT}},
                "script": _text(1000),
            },
        },
        "done": _to("done"),
        "crop": _either(_NULL, _list(_integer(0, 4096), 4, 4)),
        "actions": _either(_NULL, _list(_list(_list(_text(LONGEST_NAME), 64), 4096), 256)),
        "scripts": _list(_text(1000), 256),
    },
    "$defs": {
        "terms": {"type": "object", "maxProperties": 4096, "additionalProperties": _to("term")},
        "term": {
            "type": "object",
            "properties": {
                "op": _either(_NULL, _text(40)),
                "reference": _number(LARGEST_NUMBER),
                "measurement": _text(40),
                "reward": _AMOUNT,
                "penalty": _AMOUNT,
            },
        },
        "done": {
            "type": "object",
            "properties": {
                "variables": _to("terms"),
                "nodes": {"type": "object", "maxProperties": 4096, "additionalProperties": _to("done")},
                "condition": _text(40),
                "script": _text(1000),
            },
        },
    },
}

#: ``metadata.json``.
RETRO_METADATA: dict[str, Any] = {
    "$schema": _DIALECT,
    "title": "metadata.json of an integration of stable-retro",
    "type": "object",
    "properties": {"default_state": _either(_NULL, _text(1000), _list(_text(1000), 16))},
}

#: All of them by the name of their file in ``docs/schemas``.
SCHEMAS = {
    "game": GAME,
    "semantic": SEMANTICS,
    "retro-data": RETRO_DATA,
    "retro-scenario": RETRO_SCENARIO,
    "retro-metadata": RETRO_METADATA,
}

__all__ = ["GAME", "RETRO_DATA", "RETRO_METADATA", "RETRO_SCENARIO", "SCHEMAS", "SEMANTICS"]
