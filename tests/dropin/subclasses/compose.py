"""Composes random programs with a subclass of ``NESEnv`` each, as source text.

The programs use only features of nes-py 8 or 9. Intended differences of this package (docs/migrating.md) are left out:
``_restore`` before ``_backup``, ``close`` again, and drawing into a picture after it was returned.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

BUTTONS_1, FRAMES, BUTTON_SUM, FREE = 0x10, 0x12, 0x13, 0x300


class Composer:
    """Composes one program.

    Args:
        seed: of the program.
        interface: 8 or 9, of nes-py.
        names: what a subclass may call its own.
    """

    def __init__(self, seed: int, interface: int, names: Sequence[str]) -> None:
        self.random = random.Random(f"{interface} {seed}")
        self.interface = interface
        self.names = names
        # Whether the picture is looked at before the end of a step: then it is drawn in another way.
        self.looks = self.random.random() < 0.5
        self.own: list[str] = []
        self.methods: list[str] = []

    # --- pieces ---

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def byte(self) -> int:
        return self.random.choice([0, 1, 2, 8, 0x80, 0xFF, self.random.randrange(256)])

    def address(self) -> int:
        return self.random.choice([BUTTONS_1, BUTTONS_1 + 1, FRAMES, BUTTON_SUM, FREE, FREE + 1, 0x7FF])

    def attribute(self) -> str:
        if not self.own or self.chance(0.3):
            self.own.append(self.random.choice(self.names))
        return self.random.choice(self.own)

    def value(self) -> str:
        return self.random.choice(["None", "True", "False", "3", "'mine'", "[1, 2]", "{}", "self.ram.copy()"])

    def statement(self, *, draws: bool = True, runs: bool = True) -> str:
        """Returns something that a hook does; without ``draws`` it leaves the picture alone."""
        pieces: list[Callable[[], str]] = [
            lambda: f"self.ram[{self.address():#x}] = {self.byte()}",
            lambda: f"note('ram', self.ram[{self.address():#x}])",
            lambda: f"self.ram[{self.address():#x}] ^= {self.byte()}",
            lambda: f"self.controllers[{self.random.randrange(2)}][:] = {self.byte()}",
            lambda: "note('pads', self.controllers)",
            lambda: f"self.{self.attribute()} = {self.value()}",
            lambda: "note('done', self.done, self._has_backup)",
            self.read_attribute,
        ]
        if self.looks:
            pieces.append(lambda: "note('screen', self.screen)")
            if draws:
                pieces.append(self.drawing)
                pieces.append(self.drawing)
        if runs and draws:
            pieces += [
                lambda: f"call('frame', self._frame_advance, {self.byte()})",
                lambda: "call('backup', self._backup)",
                lambda: "if self.backed_up: call('restore', self._restore)",
                lambda: f"self.done = {self.chance(0.5)}",
                lambda: f"if self.ram[{FRAMES:#x}] % 8 == {self.random.randrange(8)}: self.done = {self.chance(0.5)}",
            ]
            if self.chance(0.3):
                pieces += [
                    lambda: f"call('step', self.step, {self.byte()})",
                    lambda: "call('reset', self.reset)",
                    lambda: "self._has_backup = False",
                    lambda: f"self.reward_range = {self.random.choice(['(-1, 1)', '(0, 5)', '[-3.5, 2]'])}",
                    lambda: f"if self.ram[{FRAMES:#x}] % 8 == {self.random.randrange(8)}: raise {self.error()}('x')",
                    self.generator,
                    self.state,
                    self.instance,
                ]
            if self.looks and self.interface == 9:
                pieces += [
                    lambda: "note('gray', Base.observation(self, 'grayscale'))",
                    lambda: "note('copy', Base.observation(self, 'rgb_array_contiguous'))",
                    lambda: "note('same', Base.observation(self))",
                ]
            if self.looks and self.chance(0.1):
                pieces += [
                    lambda: "self.screen = self.screen.copy()",
                    lambda: f"self.screen = np.full((4, 5), {self.byte()}, np.uint8)",
                    lambda: "self.ram = self.ram.copy()",
                    lambda: (
                        "self.controllers = [pad.copy() for pad in self.controllers]" if self.interface == 9 else "pass"
                    ),
                ]
        return self.random.choice(pieces)()

    def read_attribute(self) -> str:
        name = self.random.choice(self.own) if self.own else "backed_up"
        return f"note('own', {name!r} in self.__dict__ and self.{name})"

    def drawing(self) -> str:
        y, x = self.random.randrange(200), self.random.randrange(200)
        return f"self.screen[{y}:{y + 9}, {x}:{x + 9}] = {self.byte()}"

    def error(self) -> str:
        return self.random.choice(["ValueError", "KeyError", "RuntimeError", "StopIteration", "ZeroDivisionError"])

    def generator(self) -> str:
        if self.interface == 8:
            return self.random.choice(["note('random', self.np_random.randint(99))", "note('seed', self.seed(5))"])
        return self.random.choice(["call('seed', self.seed, 5)", "note('random', self.np_random.integers(1) * 99)"])

    def state(self) -> str:
        if self.interface == 8:
            return "note('viewer', self.viewer)"
        return self.random.choice(
            ["self.saved = type(self).dump(self)", "if self.saved is not None: Base.load_state(self, self.saved)"]
        )

    def instance(self) -> str:
        """Puts a hook on the instance."""
        name = self.random.choice(["_get_reward", "_get_done", "_get_info", "_did_reset", "_will_reset", "_did_step"])
        result = {"_get_reward": "2.5", "_get_done": f"self.ram[{FRAMES:#x}] % 16 == 5", "_get_info": "{'a': 1}"}.get(
            name
        )
        return f"self.{name} = lambda *given: (note('instance', *given), {result})[1]"

    def body(self, most: int, **limits: bool) -> list[str]:
        return [self.statement(**limits) for _ in range(self.random.randrange(most + 1))]

    # --- methods ---

    def method(self, name: str, parameters: str, lines: Sequence[str]) -> None:
        self.methods.append(
            "\n".join([f"    def {name}({parameters}):", *(f"        {line}" for line in lines or ["pass"])])
        )

    def hook(self, name: str, results: Sequence[str] = (), parameters: str = "self", noted: str = "") -> None:
        lines = [f"note({name!r}{noted})", *self.body(3)]
        if results:
            lines.append(f"return {self.random.choice(results)}")
        self.method(name, parameters, lines)

    def override(self, name: str, parameters: str, arguments: str, *, after: bool = True, draws: bool = True) -> None:
        """Overrides a public method: something before, the original, something after."""
        lines = [f"note({name!r})", *self.body(2)]
        times = self.random.choice([1, 1, 1, 2])
        call = f"super().{name}({arguments})"
        if name == "_frame_advance" and self.chance(0.2):
            call = f"call('step', self.step, {arguments})"
        # Closing again is no error here.
        lines += [f"result = {call}"] * (1 if name == "close" else times)
        if after:
            lines += self.body(2, draws=draws, runs=draws)
        # A step's picture that is looked at after another frame is nes-py's live one, and a copy here.
        self.method(name, parameters, lines if name == "_frame_advance" else [*lines, "return result"])

    def compose(self) -> str:
        pick = self.chance
        ends = [
            f"self.ram[{FRAMES:#x}] % 16 == 9",
            f"self.ram[{BUTTONS_1:#x}] == 0xFF",
            "0",
            "None",
            "False",
            "np.bool_(True)",
            "[]",
            "'x'",
        ]
        if pick(0.5):
            numbers = [
                "1",
                "-2.5",
                "99",
                "-99",
                "True",
                "np.float32(0.1)",
                "np.uint8(200)",
                "float('nan')",
                "'7'",
                "None",
            ]
            self.hook("_get_reward", [f"float(self.ram[{BUTTON_SUM:#x}]) - 100", *numbers])
        if pick(0.4):
            self.hook("_get_done", ends)
        if self.interface == 9 and pick(0.4):
            self.hook("_get_terminated", [*ends, "super()._get_terminated()"])
        if self.interface == 9 and pick(0.3):
            self.hook("_get_truncated", ends)
        if pick(0.4):
            self.hook(
                "_get_info",
                [
                    f"dict(a=self.ram[{BUTTON_SUM:#x}])",
                    "dict(done=self.done)",
                    "{}",
                    "dict(self.__dict__.get('kept', {}))",
                ],
            )
        if pick(0.5):
            self.hook("_did_step", parameters="self, done", noted=", done")
        for name in ("_will_reset", "_did_reset"):
            if pick(0.4):
                self.hook(name)
        if pick(0.2):
            self.override("_frame_advance", "self, action", "action")
        for name in ("_backup", "_restore"):
            if pick(0.2):
                self.override(name, "self", "")
        if pick(0.15):
            self.override("step", "self, action", "action", draws=False)
        if pick(0.15):
            if self.interface == 9:
                self.override("reset", "self, *, seed=None, options=None", "seed=seed, options=options", draws=False)
            else:
                self.override(
                    "reset",
                    "self, seed=None, options=None, return_info=None",
                    "seed, options, return_info",
                    draws=False,
                )
        if pick(0.1):
            self.override("seed", "self, seed=None", "seed", draws=False)
        if pick(0.1):
            self.override("close", "self", "", after=False)
        # Methods of names of its own, with one argument or none; nobody calls them.
        for _ in range(self.random.randrange(3)):
            name = self.random.choice(
                [name for name in self.names if name not in ("_will_step", "_will_restore", "_did_restore")]
            )
            if name not in self.own:
                self.method(
                    name,
                    self.random.choice(["self", "self, path", "self, *arguments"]),
                    ["raise AssertionError('mine')"],
                )
        for name in ("_will_step", "_will_restore", "_did_restore"):
            if pick(0.1) and name not in self.own:
                self.method(name, "self, action", ["raise AssertionError('mine')"])
        lines = ["class Composed(Base):"]
        if pick(0.3):
            bounds = self.random.choice(["(-15, 15)", "(-1.5, 1)", "(0, 0)", "[-2, 2, 9]"])
            lines.append(
                f"    reward_range = property(lambda self: {bounds})" if pick(0.2) else f"    reward_range = {bounds}"
            )
        lines += [
            f"    {self.random.choice(self.names)} = {self.random.choice(['None', '5', 'True'])}"
            for _ in range(self.random.randrange(2))
        ]
        if self.interface == 9:
            lines += ["    def dump(self):", "        return Base.dump_state(self)"]
        before = [
            f"self.{self.attribute()} = {self.random.choice(['None', '5', 'True'])}"
            for _ in range(self.random.randrange(2))
        ]
        after = [f"self.{self.attribute()} = {self.value()}" for _ in range(self.random.randrange(3))] + self.body(3)
        lines += [
            "    def __init__(self, rom_path):",
            "        self.backed_up, self.saved = False, None",
            *(f"        {line}" for line in before),
            "        super().__init__(rom_path)",
            *(f"        {line}" for line in after),
            *self.methods,
        ]
        return "\n".join([*lines, *self.program()]) + "\n"

    # --- what is done with it ---

    def action(self) -> str:
        # A fraction is refused where nes-py 9 truncates it.
        fraction = "3.7" if self.interface == 8 else "3.0"
        odd = ["True", fraction, "np.uint8(3)", "np.int64(200)", "np.array(5)", "'a'", "None", "2**70", "float('inf')"]
        if self.interface == 8:
            odd += ["-1", "256", "300", "[3]", "np.array([3])"]
        else:
            odd += ["-1", "256", "300", "[3]", "'7'"]
        return self.random.choice(odd) if self.chance(0.05) else str(self.byte())

    def program(self) -> list[str]:
        lines = ["env = Composed(ROM)"]
        watch = ["note('state', env.ram, env.controllers, env.done, env._has_backup)"]
        if self.looks:
            watch.append("note('picture', env.screen)")
        lines += watch
        if self.chance(0.9):
            lines.append("attempt('reset', env.reset)")
        for _ in range(self.random.randrange(8, 25)):
            lines += [self.use(), *watch]
            if self.chance(0.8):
                lines.append("if env.done: attempt('reset', env.reset)")
        if self.chance(0.5):
            lines.append("attempt('close', env.close)")
            if self.interface == 9:
                lines.append("note('after', env.ram, env.done)")
                if self.looks:
                    lines.append("note('after', env.screen, Base.observation(env))")
        return lines

    def use(self) -> str:
        uses: list[Callable[[], str]] = [
            *[lambda: f"attempt('step', env.step, {self.action()})"] * 12,
            lambda: f"attempt('frame', env._frame_advance, {self.byte()})",
            lambda: "attempt('backup', env._backup)",
            lambda: "if env.backed_up: attempt('restore', env._restore)",
            lambda: "if env.backed_up: attempt('restore', env._restore); env.done = False",
            lambda: f"attempt('reset', env.reset, seed={self.random.randrange(9)})",
            lambda: "attempt('reset', env.reset)",
            lambda: f"env.ram[{self.address():#x}] = {self.byte()}",
            lambda: f"env.controllers[1][:] = {self.byte()}",
            lambda: f"env.done = {self.chance(0.3)}",
        ]
        if self.interface == 8:
            uses += [
                lambda: "attempt('render', env.render, 'rgb_array')",
                lambda: f"attempt('reset', env.reset, {self.random.randrange(9)}, None, True)",
                lambda: "attempt('seed', env.seed, 3); note('random', env.np_random.randint(99))",
            ]
        else:
            uses += [
                lambda: "env.render_mode = 'rgb_array'; attempt('render', env.render)",
                lambda: "env.saved = Base.dump_state(env)",
                lambda: "if env.saved is not None: attempt('load', Base.load_state, env, env.saved)",
                lambda: "attempt('values', Base.ram_values, env, [0x12, (0x10, 2, 'little')])",
                lambda: "attempt('seed', env.seed, 3); note('random', env.np_random.integers(99))",
            ]
        return self.random.choice(uses)()


def compose(seed: int, interface: int, names: Sequence[str]) -> str:
    """Returns the source of a program."""
    return Composer(seed, interface, names).compose()
