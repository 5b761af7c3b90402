"""Reads JSON files against a schema.

A schema is a document of JSON Schema 2020-12 as a dict; those of the package are in ``nes_py._schemas``. This module
evaluates the keywords in ``KEYWORDS``. The packages that evaluate all of JSON Schema cost 3 to 14 times the import of
Python's ``json`` and bring compiled code; ``docs/reliability.md`` has the reasons for this one. A test compares it with
one of them on thousands of altered files.

The first thing that does not fit is reported as a ``FileFormatError`` that names the file, the place in it, what was
found and what was expected.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ._files import read_regular_file
from .errors import FileFormatError, shown

#: Limits of every JSON file: bytes, nested lists and objects, digits of a number.
LARGEST_FILE = 2**20
DEEPEST = 32
LONGEST_NUMBER = 320

#: The keywords that are evaluated, and those that are for readers only.
KEYWORDS = frozenset(
    [
        "$ref",
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "items",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "type",
    ]
)
ANNOTATIONS = frozenset(("$defs", "$id", "$schema", "description", "title"))

Schema = Mapping[str, Any]

# A string that does not end goes to the end: trying again inside of it would take quadratic time.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{]|[\]}]', re.DOTALL)
_HEXADECIMAL = re.compile(r"(?<![\w.])(?:0[xX]|\$)[0-9A-Fa-f]{1,16}\b")
_NAMES = {
    "object": "an object",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


# --- the text ---


def read_json(path: str | os.PathLike[str], schema: Schema, repeated: list[str] | None = None) -> Any:
    """Return the contents of a JSON file that fits a schema.

    Args:
        path: the file.
        schema: its schema.
        repeated: receives the keys that an object has twice; the last one counts. None: they are an error.

    Raises:
        FileFormatError: it is not JSON, has another form than the schema, or exceeds a limit.
        OSError: the file cannot be read.
    """
    content = read_regular_file(path, LARGEST_FILE)
    try:
        value = parse_json(content, repeated)
        check(value, schema)
    except FileFormatError as error:
        raise error.in_file(path) from None
    return value


def parse_json(content: bytes, repeated: list[str] | None = None) -> Any:
    """Return the value that a JSON text stands for; see ``read_json``."""
    try:
        text = content.decode(json.detect_encoding(content))
    except UnicodeDecodeError as error:
        raise FileFormatError(f"not valid JSON: byte {error.start} is not {error.encoding.upper()}") from None
    _check_depth(content if text.isascii() else text.encode("utf-8", "replace"))

    def pairs(entries: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(entries)
        if len(mapping) < len(entries):
            seen: set[str] = set()
            for key, _ in entries:
                if key in seen:
                    if repeated is None:
                        raise FileFormatError(f"not valid JSON: the key {shown(key)} is there twice")
                    repeated.append(key)
                seen.add(key)
        return mapping

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_constant=_refuse, parse_int=_read_integer, parse_float=_read_float
        )
    except FileFormatError:
        raise
    except RecursionError:
        raise FileFormatError("not valid JSON: nested too deeply") from None
    except json.JSONDecodeError as error:
        raise FileFormatError(f"not valid JSON: {error}{_hint(error)}") from None
    except ValueError as error:
        raise FileFormatError(f"not valid JSON: {error}") from None


def _hint(error: json.JSONDecodeError) -> str:
    """Return what to do about a hexadecimal number without quotes, else an empty string.

    The decoder reads ``0x11`` as 0 and finds the x behind it, and it finds no value at ``$11``.
    """
    match = _HEXADECIMAL.match(error.doc, max(error.pos - 1, 0)) or _HEXADECIMAL.match(error.doc, error.pos)
    return f'; hexadecimal numbers need quotes: "{match[0]}"' if match else ""


def _check_depth(content: bytes) -> None:
    """Refuse what is nested deeply before a recursive function sees it."""
    if content.count(b"[") + content.count(b"{") <= DEEPEST:
        return
    depth = 0
    for match in _TOKEN.finditer(content):
        mark = match[0]
        if mark in b"[{":
            depth += 1
            if depth > DEEPEST:
                raise FileFormatError(f"not valid JSON for this package: nested more than {DEEPEST} times")
        elif mark in b"]}":
            depth -= 1


def _refuse(text: str) -> Any:
    raise FileFormatError(f"not valid JSON: {text} is not a number of JSON")


def _read_integer(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise FileFormatError(f"a number has {len(text)} digits, the limit is {LONGEST_NUMBER}")
    return int(text)


def _read_float(text: str) -> float:
    number = float(text)
    if len(text) > LONGEST_NUMBER or math.isinf(number):
        raise FileFormatError(f"the number {shown(text)} is too long or too large")
    return number


# --- the values ---


def check(value: Any, schema: Schema, where: str = "", root: Schema | None = None) -> None:
    """Raise a FileFormatError if a value does not fit a schema.

    Args:
        value: what ``json.loads`` returns.
        schema: the schema, or a part of ``root``.
        where: the place of the value.
        root: the document in which the schema's references are found.
    """
    root = schema if root is None else root
    while "$ref" in schema:
        schema = _definition(schema["$ref"], root)
    if "anyOf" in schema:
        _check_any(value, schema, where, root)
    kinds = schema.get("type")
    if kinds is not None and not any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        raise _mismatch(value, schema, where, root)
    if "const" in schema and not _same(value, schema["const"]):
        raise _mismatch(value, schema, where, root)
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        raise _mismatch(value, schema, where, root)
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", math.inf):
            raise _mismatch(value, schema, where, root)
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise _mismatch(value, schema, where, root)
    elif _is(value, "number"):
        if not schema.get("minimum", -math.inf) <= value <= schema.get("maximum", math.inf):
            raise _mismatch(value, schema, where, root)
    elif isinstance(value, list):
        _check_count(len(value), schema, where, "items", "entries")
        if "items" in schema:
            for index, one in enumerate(value):
                check(one, schema["items"], f"{where}[{index}]", root)
    elif isinstance(value, dict):
        _check_object(value, schema, where, root)


def _check_object(value: dict[str, Any], schema: Schema, where: str, root: Schema) -> None:
    _check_count(len(value), schema, where, "properties", "keys")
    for key in schema.get("required", ()):
        if key not in value:
            raise FileFormatError(f"the key {key!r} is missing", where=where)
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    for key, one in value.items():
        here = _place(where, key)
        if key in known:
            check(one, known[key], here, root)
        elif other is False:
            raise FileFormatError(f"the key {shown(key)} is unknown (known: {', '.join(known)})", where=where)
        elif other is not True:
            check(one, other, here, root)


def _check_count(count: int, schema: Schema, where: str, kind: str, name: str) -> None:
    kind = kind.capitalize()
    low, high = schema.get(f"min{kind}", 0), schema.get(f"max{kind}", math.inf)
    if not low <= count <= high:
        limit = f"at least {low}" if count < low else f"at most {high}"
        raise FileFormatError(f"{count} {name}, expected {limit}", where=where)


def _check_any(value: Any, schema: Schema, where: str, root: Schema) -> None:
    """Check alternatives. If the value is meant to be one of them, as far as can be told, its reason is reported."""
    reasons: list[tuple[FileFormatError, bool]] = []
    for one in _alternatives(schema, root):
        try:
            check(value, one, where, root)
            return
        except FileFormatError as error:
            kinds = one.get("type", ())
            if any(_is(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
                # Objects are told apart by the keys that they must have.
                named = isinstance(value, dict) and any(key in value for key in one.get("required", ()))
                reasons.append((error, named))
    meant = [error for error, named in reasons if named] or [error for error, _ in reasons]
    if len(meant) == 1 or (meant and isinstance(value, dict)):
        raise meant[0]
    raise _mismatch(value, schema, where, root)


def _alternatives(schema: Schema, root: Schema) -> Iterator[Schema]:
    """Yield the alternatives of ``anyOf``, and those of which an alternative only consists."""
    for one in schema["anyOf"]:
        while "$ref" in one:
            one = _definition(one["$ref"], root)
        if set(one) == {"anyOf"}:
            yield from _alternatives(one, root)
        else:
            yield one


def _definition(reference: str, root: Schema) -> Schema:
    found: Schema = root["$defs"][reference.rpartition("/")[2]]
    return found


def _is(value: Any, kind: str) -> bool:
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "null":
        return value is None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def _same(value: Any, constant: Any) -> bool:
    return type(value) is type(constant) and bool(value == constant)


def _place(where: str, key: str) -> str:
    if not key.isidentifier() or len(key) > 60:
        return f"{where}[{shown(key, 60)}]"
    return f"{where}.{key}" if where else key


def _mismatch(value: Any, schema: Schema, where: str, root: Schema) -> FileFormatError:
    return FileFormatError(f"found {_found(value)}, expected {_expected(schema, root)}", where=where)


def _found(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return (
        {None: "null", True: "true", False: "false"}[value]
        if value is None or isinstance(value, bool)
        else shown(value)
    )


def _expected(schema: Schema, root: Schema) -> str:
    while "$ref" in schema:
        schema = _definition(schema["$ref"], root)
    if "title" in schema:
        return str(schema["title"])
    if "anyOf" in schema:
        return " or ".join(_expected(one, root) for one in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return " or ".join(json.dumps(one) for one in schema.get("enum", [schema.get("const")]))
    kinds = schema.get("type", ())
    text = " or ".join(_NAMES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    if "minimum" in schema or "maximum" in schema:
        text += f" in {schema.get('minimum', '')}..{schema.get('maximum', '')}"
    if "maxLength" in schema:
        text += f" of at most {schema['maxLength']} characters"
    return text


__all__ = [
    "ANNOTATIONS",
    "DEEPEST",
    "KEYWORDS",
    "LARGEST_FILE",
    "LONGEST_NUMBER",
    "Schema",
    "check",
    "parse_json",
    "read_json",
]
