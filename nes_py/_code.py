"""The code that the core runs for a declared game. ``csrc/env/program.hpp`` describes it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._expression import BINARY, COMPARISONS, parse_expression
from .errors import shown
from .game import Conditions, Game, Press, Statements, Variable

#: Of the stack in the core.
_DEPTH = 64
#: Characters of a condition in a message.
_LONGEST_SHOWN = 160
#: Computed variables that are this deep in each other are computed before the expression that needs them.
_DEEPEST_INLINE = 4
#: Operations of the core, by name.
OPERATIONS = (
    "constant",
    "load",
    "read",
    "negate",
    "absolute",
    "logical_not",
    "bit_not",
    "add",
    "subtract",
    "multiply",
    "divide",
    "floor_divide",
    "modulo",
    "bit_and",
    "bit_or",
    "bit_xor",
    "shift_left",
    "shift_right",
    "equal",
    "not_equal",
    "less",
    "less_equal",
    "greater",
    "greater_equal",
    "minimum",
    "maximum",
    "random",
    "jump",
    "jump_if_false",
    "jump_if_false_or_pop",
    "jump_if_true_or_pop",
    "store",
    "write",
    "frame",
    "remember",
    "fail",
    "stop",
)


@dataclass
class Compiled:
    """The code of a game, and where everything in it is. ``csrc/env/rules.hpp`` describes the fields.

    Attributes:
        code: instructions (operation, argument, constant).
        writes: bytes that programs write, numbered after the variables in memory.
        readings: the number of variables in memory.
        columns: expressions of ``info``, in the order of the core's output.
        places: what the numbers of ``fail`` mean: the statement that failed and why.
        conditions: the expressions that made a place fail, by its text.
        start_column: the column with the number of the start, -1 if info has no parameter.
    """

    code: list[tuple[str, int, float]] = field(default_factory=lambda: [("stop", 0, 0.0)])
    writes: list[Variable] = field(default_factory=list)
    readings: int = 0
    values: int = 0
    slots: int = 0
    parameters: int = 0
    memories: int = 0
    terms: int = 0
    entries: dict[str, int] = field(default_factory=dict)
    rewards: list[int] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    conditions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    start_column: int = -1
    lives: int = -1


class Compiler:
    """Translates a valid game."""

    def __init__(self, game: Game) -> None:
        self.game = game
        self.result = Compiled()
        self.emit_to = self.result.code
        in_memory = [name for name, one in game.variables.items() if not one.is_computed]
        computed = [name for name, one in game.variables.items() if one.is_computed]
        self.order = {name: number for number, name in enumerate((*in_memory, *computed))}
        self.in_memory = set(in_memory)
        self.depth = self.deepest = 0
        self.where = ""
        self.live = False
        # Of computed variables: their expressions, what those use, and how deep that is.
        self.trees: dict[str, ast.expr] = {}
        self.used: dict[str, Counter[str]] = {}
        self.levels: dict[str, int] = {}
        for name in computed:
            self.trees[name] = parse_expression(game.variables[name].value, "expression")
            self.used[name] = self.uses(self.trees[name])
            self.levels[name] = 1 + max((self.levels[one] for one in self.used[name]), default=0)
        # In programs: the slots of computed variables that an expression needs more than once.
        self.live_slots: dict[str, int] = {}
        self.shared: list[str] = []
        result = self.result
        result.readings, result.values = len(in_memory), len(self.order)
        result.parameters = 2 * result.values
        self.slots = {name: result.parameters + number for number, name in enumerate(game.parameters)}
        # The last parameter is the number of the start.
        result.memories = result.parameters + len(game.parameters) + 1
        self.slots |= {name: result.memories + number for number, name in enumerate(game.memories)}
        result.terms = result.memories + len(game.memories)
        self.slots |= {one.name: result.terms + number for number, one in enumerate(game.rewards) if one.name}
        self.slots["reward_sum"] = result.terms + len(game.rewards)
        self.slots["reward"] = self.slots["reward_sum"] + 1
        result.slots = self.slots["reward"] + 1

    def compile(self) -> Compiled:
        """Return the code."""
        game, result = self.game, self.result
        computed = [(name, one) for name, one in game.variables.items() if one.is_computed]
        if computed:
            self.begin("compute")
            for name, one in computed:
                self.expression(one.value)
                self.emit("store", self.order[name], pops=1)
            self.end()
        for number, reward in enumerate(game.rewards):
            self.where = f"rewards[{number}]"
            result.rewards.append(len(self.emit_to))
            self.condition(reward.condition) if reward.kind == "condition" else self.expression(
                f"delta({reward.variable})" if reward.kind == "delta" else reward.variable
            )
            self.end()
        self.memories("update", {name: one.update for name, one in game.memories.items() if one.update})
        self.memories("begin", {name: one.start for name, one in game.memories.items() if one.start})
        for name in ("terminated", "truncated"):
            if groups := getattr(game, name):
                self.begin(name)
                self.condition(groups)
                self.end()
        for info in game.info_expressions():
            if info not in result.columns:
                self.where = f"infos: {shown(info)}"
                result.columns[info] = len(self.emit_to)
                self.expression(info)
                self.end()
        if game.infos is not None and len(game.starts) > 1:
            # States have it whether info has a parameter or not.
            if any(one.has_parameter() for one in game.infos.values()):
                result.start_column = len(result.columns)
            # Not an expression, so that it is not one of the game's.
            result.columns["start number"] = len(self.emit_to)
            self.emit("load", result.memories - 1, pushes=1)
            self.end()
        self.live = True
        for name in ("start", "after_reset", "after_step"):
            if statements := getattr(game, name):
                self.begin(name)
                self.statements(statements, name)
                self.end()
        if game.lives:
            result.lives = self.order[game.lives]
        return result

    # --- instructions ---

    def begin(self, name: str) -> None:
        self.where = {"compute": "variables", "update": "memories", "begin": "memories"}.get(name, name)
        self.result.entries[name] = len(self.emit_to)

    def end(self) -> None:
        self.emit("stop")
        if self.deepest > _DEPTH:
            raise ValueError(
                f"{self.where}: an expression needs {self.deepest} intermediate results, and there is room for {_DEPTH}"
            )
        self.depth = 0

    def emit(self, operation: str, argument: int = 0, constant: float = 0.0, pushes: int = 0, pops: int = 0) -> int:
        self.depth += pushes - pops
        self.deepest = max(self.deepest, self.depth)
        self.emit_to.append((operation, argument, constant))
        return len(self.emit_to) - 1

    def jump(self, operation: str, target: int = 0, pops: int = 0) -> int:
        return self.emit(operation, target, pops=pops)

    def land(self, *jumps: int) -> None:
        """Let jumps go to the next instruction."""
        for place in jumps:
            operation, _, constant = self.emit_to[place]
            self.emit_to[place] = (operation, len(self.emit_to), constant)

    def work_slot(self) -> int:
        self.result.slots += 1
        return self.result.slots - 1

    def fail(self, reason: str, *conditions: str) -> None:
        self.emit("fail", len(self.result.places))
        self.result.places.append(reason)
        self.result.conditions[reason] = conditions

    # --- expressions ---

    def number(self, value: float) -> None:
        self.emit("constant", constant=float(value), pushes=1)

    def expression(self, text: str) -> None:
        tree = parse_expression(text, "expression")
        if self.live:
            self.shared = []
            for name in self.repeated(tree):
                self.node(self.trees[name])
                if name not in self.live_slots:
                    self.live_slots[name] = self.work_slot()
                self.emit("store", self.live_slots[name], pops=1)
                self.shared.append(name)
        self.node(tree)

    def uses(self, tree: ast.expr) -> Counter[str]:
        """Return how often an expression needs each computed variable, not counting what those need."""
        found: Counter[str] = Counter()
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                found[node.id] += 1
            elif isinstance(node, ast.Compare):
                # What is compared twice, or with each of a list.
                again = node.comparators[:-1]
                if isinstance(node.ops[0], (ast.In, ast.NotIn)):
                    again = [*again, node.left]
                found.update(one.id for one in again if isinstance(one, ast.Name))
        return Counter({name: count for name, count in found.items() if name in self.trees})

    def repeated(self, tree: ast.expr) -> list[str]:
        """Return computed variables that an expression needs more than once, or deep in others, in their order.

        Without this, variables that use others twice would double the code with each of them.
        """
        needed = self.uses(tree)
        if not needed:
            return []
        # A variable uses only those that were declared before it.
        for name in reversed(self.trees):
            if name in needed:
                needed.update(self.used[name])
        chosen = [name for name in needed if needed[name] > 1 or self.levels[name] >= _DEEPEST_INLINE]
        return sorted(chosen, key=self.order.__getitem__)

    def value(self, name: str) -> None:
        if name not in self.order:
            self.emit("load", self.slots[name], pushes=1)
        elif not self.live:
            self.emit("load", self.order[name], pushes=1)
        elif name in self.in_memory:
            self.emit("read", self.order[name], pushes=1)
        elif name in self.shared:
            self.emit("load", self.live_slots[name], pushes=1)
        else:
            self.node(self.trees[name])

    def node(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            self.number(node.value)  # type: ignore[arg-type]
        elif isinstance(node, ast.Name):
            self.value(node.id)
        elif isinstance(node, ast.UnaryOp):
            self.node(node.operand)
            names = {ast.USub: "negate", ast.Not: "logical_not", ast.Invert: "bit_not"}
            if type(node.op) in names:
                self.emit(names[type(node.op)])
        elif isinstance(node, ast.BinOp):
            self.node(node.left)
            self.node(node.right)
            self.emit(BINARY[type(node.op)], pops=1)
        elif isinstance(node, ast.BoolOp):
            operation = "jump_if_false_or_pop" if isinstance(node.op, ast.And) else "jump_if_true_or_pop"
            jumps = []
            for each in node.values[:-1]:
                self.node(each)
                jumps.append(self.jump(operation, pops=1))
            self.node(node.values[-1])
            self.land(*jumps)
        elif isinstance(node, ast.IfExp):
            self.node(node.test)
            otherwise = self.jump("jump_if_false", pops=1)
            self.node(node.body)
            self.depth -= 1
            out = self.jump("jump")
            self.land(otherwise)
            self.node(node.orelse)
            self.land(out)
        elif isinstance(node, ast.Compare):
            self.comparison(node)
        else:
            assert isinstance(node, ast.Call)
            self.call(node)

    def comparison(self, node: ast.Compare) -> None:
        left = node.left
        outs = []
        for number, (operator, right) in enumerate(zip(node.ops, node.comparators, strict=True)):
            if number:
                outs.append(self.jump("jump_if_false_or_pop", pops=1))
            if isinstance(operator, (ast.In, ast.NotIn)):
                found = []
                slot = None
                if not isinstance(left, (ast.Name, ast.Constant)):
                    # Computed once: it may be long, or draw a number.
                    slot = self.work_slot()
                    self.node(left)
                    self.emit("store", slot, pops=1)
                for place, each in enumerate(right.elts):  # type: ignore[attr-defined]
                    if place:
                        found.append(self.jump("jump_if_true_or_pop", pops=1))
                    if slot is None:
                        self.node(left)
                    else:
                        self.emit("load", slot, pushes=1)
                    self.node(each)
                    self.emit("equal", pops=1)
                self.land(*found)
                if isinstance(operator, ast.NotIn):
                    self.emit("logical_not")
            else:
                self.node(left)
                self.node(right)
                self.emit(COMPARISONS[type(operator)], pops=1)
            left = right
        self.land(*outs)

    def call(self, node: ast.Call) -> None:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name in ("before", "delta"):
            (one,) = node.args
            assert isinstance(one, ast.Name)
            if name == "delta":
                self.value(one.id)
            self.emit("load", self.result.values + self.order[one.id], pushes=1)
            if name == "delta":
                self.emit("subtract", pops=1)
            return
        self.node(node.args[0])
        if name in ("min", "max"):
            for each in node.args[1:]:
                self.node(each)
                self.emit("minimum" if name == "min" else "maximum", pops=1)
        else:
            self.emit({"abs": "absolute", "random": "random"}[name])

    def condition(self, groups: Any) -> None:
        """Any group of which all hold; no groups: never."""
        if not groups:
            self.number(0)
        found = []
        for number, group in enumerate(groups):
            if number:
                found.append(self.jump("jump_if_true_or_pop", pops=1))
            lost = []
            for place, one in enumerate(group):
                if place:
                    lost.append(self.jump("jump_if_false_or_pop", pops=1))
                self.expression(str(one))
            self.land(*lost)
        self.land(*found)

    def memories(self, name: str, expressions: Mapping[str, str]) -> None:
        """All are computed before any is changed."""
        if not expressions:
            return
        self.begin(name)
        work = [self.work_slot() for _ in expressions]
        for text, slot in zip(expressions.values(), work, strict=True):
            self.expression(text)
            self.emit("store", slot, pops=1)
        for memory, slot in zip(expressions, work, strict=True):
            self.emit("load", slot, pushes=1)
            self.emit("store", self.slots[memory], pops=1)
        self.end()

    # --- programs ---

    def statements(self, statements: Statements, where: str) -> None:
        for number, one in enumerate(statements):
            here = f"{where}[{number}]"
            if isinstance(one, Press):
                self.press(one, here)
            elif one.kind == "set":
                for name, text in one.assignments:
                    self.expression(text)
                    self.emit("store", self.slots[name], pops=1)
            elif one.kind == "write":
                for target, text in one.assignments:
                    self.expression(text)
                    self.emit("write", self.address(target), pops=1)
            elif one.kind == "if":
                self.expression(one.expression)
                otherwise = self.jump("jump_if_false", pops=1)
                self.statements(one.body, f"{here}.then")
                out = self.jump("jump")
                self.land(otherwise)
                self.statements(one.other, f"{here}.else")
                self.land(out)
            elif one.kind == "while":
                self.loop(one.expression, one.at_most, one.body, here)
            else:
                self.loop("", one.at_most, one.body, here)

    def loop(self, text: str, at_most: int, body: Statements, where: str) -> None:
        """While an expression is true, at most so many turns (0: any number)."""
        turns = self.work_slot() if at_most else None
        if turns is not None:
            self.number(at_most)
            self.emit("store", turns, pops=1)
        again = len(self.emit_to)
        outs = []
        if text:
            self.expression(text)
            outs.append(self.jump("jump_if_false", pops=1))
        if turns is not None:
            self.emit("load", turns, pushes=1)
            on = self.jump("jump_if_false", pops=1)
            self.emit("load", turns, pushes=1)
            self.number(1)
            self.emit("subtract", pops=1)
            self.emit("store", turns, pops=1)
        self.statements(body, f"{where}.do")
        self.jump("jump", again)
        if turns is not None:
            self.land(on)
            if text:
                self.fail(f"{where}: {_short(text)} still true after {at_most} turns", text)
        self.land(*outs)

    def press(self, one: Press, where: str) -> None:
        byte = one.byte
        if one.frames <= 2 and not one.until:
            for _ in range(one.frames):
                self.emit("frame", byte)
            return
        turns = self.work_slot()
        self.number(one.frames)
        self.emit("store", turns, pops=1)
        again = len(self.emit_to)
        met = None
        if one.until:
            self.emit("remember")
        self.emit("frame", byte)
        if one.until:
            self.condition(one.until)
            self.emit("logical_not")
            met = self.jump("jump_if_false", pops=1)
        self.emit("load", turns, pushes=1)
        self.number(1)
        self.emit("subtract", pops=1)
        self.emit("store", turns, pops=1)
        self.emit("load", turns, pushes=1)
        self.emit("logical_not")
        self.jump("jump_if_false", again, pops=1)
        if met is not None:
            texts = [str(condition) for group in one.until for condition in group]
            reason = f"{where}: {_short(_text_of(one.until))} not true within {one.frames} frames"
            self.fail(reason, *texts)
            self.land(met)

    def address(self, target: str) -> int:
        """Return the number of the variable for a byte that is written."""
        if target in self.in_memory:
            return self.order[target]
        byte = Variable.parse(target, "write")
        writes = self.result.writes
        if byte not in writes:
            writes.append(byte)
        return self.result.readings + writes.index(byte)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def _text_of(groups: Conditions) -> str:
    """Return groups of conditions as one expression."""

    def part(text: str, alone: bool) -> str:
        return text if alone or not re.search(r"\b(or|if)\b", text) else f"({text})"

    return " or ".join(" and ".join(part(str(one), len(group) == 1) for one in group) for group in groups)


def names_in(game: Game, expressions: Iterable[str]) -> list[str]:
    """Return the variables in memory, memories and parameters that expressions depend on."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = list(expressions)
    while waiting:
        for node in ast.walk(parse_expression(waiting.pop(0), "expression")):
            if not isinstance(node, ast.Name) or node.id in seen:
                continue
            seen.add(node.id)
            variable = game.variables.get(node.id)
            if variable is not None and variable.is_computed:
                waiting.append(variable.value)
            elif variable is not None or node.id in game.memories or node.id in game.parameters:
                found[node.id] = None
    return list(found)


def compile_game(game: Game) -> Compiled:
    """Return the code of a valid game.

    Raises:
        ValueError: an expression needs too many intermediate results.
    """
    return Compiler(game).compile()


__all__ = ["OPERATIONS", "Compiled", "Compiler", "compile_game", "names_in"]
