"""Expressions of declared games.

An expression is a subset of Python's: numbers, names, arithmetic, bits, comparisons, ``in``, ``and``, ``or``, ``not``,
``a if b else c`` and the functions ``min``, ``max``, ``abs``, ``before``, ``delta`` and ``random``. It has Python's
meaning, but a division by zero is 0.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ._limits import DEEPEST_EXPRESSION, LONGEST_EXPRESSION
from .errors import shown

_LARGEST = 2**53
#: The core's operations for those of Python.
BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.FloorDiv: "floor_divide",
    ast.Mod: "modulo",
    ast.BitAnd: "bit_and",
    ast.BitOr: "bit_or",
    ast.BitXor: "bit_xor",
    ast.LShift: "shift_left",
    ast.RShift: "shift_right",
}
_BITS = ("bit_and", "bit_or", "bit_xor")
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "equal",
    ast.NotEq: "not_equal",
    ast.Lt: "less",
    ast.LtE: "less_equal",
    ast.Gt: "greater",
    ast.GtE: "greater_equal",
}
FUNCTIONS = ("min", "max", "abs", "before", "delta", "random")
#: Names that infos, ends and updates can use beside those of a declaration.
REWARD_NAMES = ("reward", "reward_sum")
_DELTA = re.compile(r"\bdelta\s+([A-Za-z_]\w*)")


class NotAnExpressionError(ValueError):
    """A text that has not the form of an expression."""


def parse_expression(text: Any, where: str) -> ast.expr:
    """Return the tree of an expression.

    Raises:
        TypeError: it is neither a string nor a number.
        ValueError: it is not an expression.
    """
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise TypeError(f"{where} must be an expression such as 'lives == 0', not {shown(text)}")
    text = text if isinstance(text, str) else shown(text)
    if len(text) > LONGEST_EXPRESSION:
        raise ValueError(f"{where} has {len(text)} characters, the limit is {LONGEST_EXPRESSION}")
    try:
        tree = ast.parse(_DELTA.sub(r"delta(\1)", text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise NotAnExpressionError(
            f"{where}: {shown(text)} is not an expression such as 'lives == 0' or 'page * 256 + x'"
        ) from None
    if _depth(tree) > DEEPEST_EXPRESSION:
        raise ValueError(f"{where}: operations are nested more than {DEEPEST_EXPRESSION} times")
    return tree


def _depth(tree: ast.AST) -> int:
    deepest = 0
    waiting: list[tuple[ast.AST, int]] = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node)]
    return deepest


@dataclass(frozen=True)
class Names:
    """What the names in an expression are.

    Attributes:
        known: all names that it can use.
        values: those of them that ``before`` and ``delta`` take.
        random: whether it can draw random numbers.
    """

    known: Collection[str]
    values: Collection[str] = ()
    random: bool = False


def check_expression(text: Any, where: str, names: Names, suggest: Any) -> str:
    """Return the text of a valid expression.

    Raises:
        TypeError: it is neither a string nor a number.
        ValueError: it is not an expression, or has something that it cannot have.
    """
    tree = parse_expression(text, where)
    _Checker(where, names, suggest).check(tree)
    return str(text)


class _Checker:
    def __init__(self, where: str, names: Names, suggest: Any) -> None:
        self.where, self.names, self.suggest = where, names, suggest

    def refuse(self, reason: str) -> ValueError:
        return ValueError(f"{self.where}: {reason}")

    def name(self, name: str, known: Iterable[str]) -> None:
        if name not in known:
            names = list(known)
            listed = ", ".join(names[:20]) + ", ..." * (len(names) > 20) or "none"
            raise self.refuse(f"there is no variable {shown(name)}{self.suggest(name, names)} (declared: {listed})")

    def check(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            _number(node.value, self.where)
        elif isinstance(node, ast.Name):
            self.name(node.id, list(self.names.known))
        elif isinstance(node, ast.UnaryOp):
            self.check(node.operand)
        elif isinstance(node, ast.BinOp):
            if type(node.op) not in BINARY:
                raise self.refuse("there is no ** in expressions")
            self.check(node.left)
            self.check(node.right)
        elif isinstance(node, ast.BoolOp):
            for each in node.values:
                self.check(each)
        elif isinstance(node, ast.IfExp):
            for each in (node.test, node.body, node.orelse):
                self.check(each)
        elif isinstance(node, ast.Compare):
            self.comparison(node)
        elif isinstance(node, ast.Call):
            self.call(node)
        else:
            raise self.refuse(f"{shown(ast.unparse(node))} cannot be part of an expression")

    def comparison(self, node: ast.Compare) -> None:
        self.check(node.left)
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, (ast.In, ast.NotIn)):
                if not isinstance(right, (ast.Tuple, ast.List, ast.Set)) or not right.elts or len(node.ops) > 1:
                    raise self.refuse("'in' needs a list of numbers such as (1, 2), and nothing compared after it")
                for each in right.elts:
                    self.check(each)
            elif type(operator) not in COMPARISONS:
                raise self.refuse("numbers are compared with ==, not with 'is'")
            else:
                self.check(right)
        if len(node.ops) > 1 and not all(isinstance(one, (ast.Name, ast.Constant)) for one in node.comparators[:-1]):
            raise self.refuse("in a chain of comparisons the middle must be a name or a number")

    def call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name not in FUNCTIONS:
            raise self.refuse(
                f"there is no function {shown(name)}{self.suggest(name, FUNCTIONS)} (there are {', '.join(FUNCTIONS)})"
            )
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise self.refuse(f"{name}() takes plain values")
        if name in ("before", "delta"):
            if len(node.args) != 1 or not isinstance(node.args[0], ast.Name):
                raise self.refuse(f"{name}() takes the name of one variable")
            self.name(node.args[0].id, list(self.names.values))
            return
        if name == "random" and not self.names.random:
            raise self.refuse("random() can only be used in after_reset and after_step")
        if len(node.args) < 2 if name in ("min", "max") else len(node.args) != 1:
            raise self.refuse(f"{name}() takes {'two values or more' if name in ('min', 'max') else 'one value'}")
        for each in node.args:
            self.check(each)


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool):
        return float(value)
    if not isinstance(value, (int, float)) or not abs(value) <= _LARGEST:
        raise ValueError(f"{where}: {shown(value)} is not a number of at most 2**53")
    return float(value)


def kind_of(text: str, games_kind: Mapping[str, str]) -> str:
    """Return the type of an expression's value in Python: ``"bool"``, ``"int"`` or ``"float"``.

    Args:
        text: a valid expression.
        games_kind: the types of names that are not int.
    """
    return _kind(parse_expression(text, "expression"), games_kind)


def _kind(node: ast.expr, named: Mapping[str, str]) -> str:
    def together(nodes: Iterable[ast.expr]) -> str:
        kinds = {_kind(each, named) for each in nodes}
        return kinds.pop() if len(kinds) == 1 else "float" if "float" in kinds else "int"

    if isinstance(node, ast.Constant):
        return type(node.value).__name__
    if isinstance(node, ast.Name):
        return named.get(node.id, "int")
    if isinstance(node, ast.UnaryOp):
        kind = _kind(node.operand, named)
        return "bool" if isinstance(node.op, ast.Not) else "int" if kind == "bool" else kind
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div):
            return "float"
        kind = together((node.left, node.right))
        return "int" if kind == "bool" and BINARY[type(node.op)] not in _BITS else kind
    if isinstance(node, ast.BoolOp):
        return together(node.values)
    if isinstance(node, ast.IfExp):
        return together((node.body, node.orelse))
    if isinstance(node, ast.Compare):
        return "bool"
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    kind = together(node.args)
    return "int" if node.func.id in ("delta", "random") and kind == "bool" else kind


def is_number(value: Any) -> bool:
    """Return whether a value is a finite number or a truth value."""
    return isinstance(value, (bool, int, float)) and math.isfinite(value)


__all__ = [
    "BINARY",
    "COMPARISONS",
    "FUNCTIONS",
    "REWARD_NAMES",
    "Names",
    "NotAnExpressionError",
    "check_expression",
    "is_number",
    "kind_of",
    "parse_expression",
]
