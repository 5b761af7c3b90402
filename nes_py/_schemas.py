"""The schemas of the JSON files that this package reads, in the form of JSON Schema 2020-12.

``python -m nes_py.tools.schemas`` writes them to ``docs/schemas``, where editors can use them. What depends on more
than one entry, for instance whether a variable exists, is checked by the readers.
"""

from __future__ import annotations

from typing import Any

from ._limits import (
    LARGEST_NUMBER,
    LARGEST_WEIGHT,
    LONGEST_CONDITION,
    LONGEST_NAME,
    LONGEST_SCRIPT,
    MOST_CONDITIONS,
    MOST_PRESSES,
    MOST_REWARDS,
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

# --- game declarations: nes_py.game ---

_COUNT = _either(_integer(0, 2**32), _text(40))
_CONDITION = _text(LONGEST_CONDITION)
_RANGE = _list(_either(_NULL, _number(LARGEST_NUMBER)), 2, 2)

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
        "start": _either(_NULL, _list(_to("press"), MOST_PRESSES)),
    },
    "$defs": {
        "variable": _either(
            _COUNT,
            {
                "type": "object",
                "properties": {"address": _COUNT, "size": _COUNT, "encoding": _text(40), "signed": _BOOLEAN},
                "required": ["address"],
            },
        ),
        "conditions": _either(
            _NULL, _CONDITION, _list(_either(_CONDITION, _list(_CONDITION, MOST_CONDITIONS, 1)), MOST_CONDITIONS)
        ),
        "reward": {
            "type": "object",
            "properties": {
                "value": _text(LONGEST_NAME),
                "delta": _text(LONGEST_NAME),
                "condition": _to("conditions"),
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
    "retro-data": RETRO_DATA,
    "retro-scenario": RETRO_SCENARIO,
    "retro-metadata": RETRO_METADATA,
}

__all__ = ["GAME", "RETRO_DATA", "RETRO_METADATA", "RETRO_SCENARIO", "SCHEMAS"]
