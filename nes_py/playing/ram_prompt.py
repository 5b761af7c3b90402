"""The prompt of ``nes_py ram``: searches a game's RAM by commands."""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py._files import read_regular_file, write_file
from nes_py._limits import LARGEST_SNAPSHOT, LONGEST_SCRIPT
from nes_py._png import to_png
from nes_py.errors import StateError, shown
from nes_py.game import buttons_to_byte, suggest
from nes_py.nes_env import NESEnv, emulator_of
from nes_py.ram import RAM_READ_ENCODINGS
from nes_py.ram_search import RamSearch

HELP = """\
The number is searched by what it does: play, filter, play, filter. Every filter compares with the last one.
If it leaves ten or fewer, it shows them: what it has compared with -> now.

  play                    open the window and play on; Esc returns to this prompt
  run [N] [BUTTONS ...]   run N frames (60) with buttons held: run 30 right a; up to an hour
  reset                   turn the console off and on
  save FILE, load FILE    the state of the game
  picture FILE.png        write the present picture: how to see the game without a window

  equal N, not N          keep the numbers that are, or are not, N
  less N, more N          keep the numbers below or above N
  changed, same           keep the numbers that differ from the last filter, or do not
  increased [N]           keep the numbers that are larger than at the last filter (by N)
  decreased [N]           keep the numbers that are smaller than at the last filter (by N)
  mark                    compare with the present numbers from now on
  undo                    take the last filter back
  new [SIZE] [ENCODING]   start over, with numbers of SIZE bytes: byte, little, big, bcd, digits

  list [N]                show the first N (20) candidates: now, and what the next filter compares with
  watch ADDRESS [NAME [SIZE [ENCODING]]]
                          show a number in the window and after each command: watch 0x1E score 3 little
  unwatch NAME            (default: a number as those that are searched)
  peek ADDRESS, poke ADDRESS N
  freeze ADDRESS [N]      hold a byte; thaw ADDRESS
  game [FILE]             the watches as a declared game, for NESVectorEnv(game=FILE)
  help, quit

Addresses: 0x75A, $75A or 1882. The commands =, !=, < and > work too."""

_OTHER_NAMES = {
    "=": "equal",
    "==": "equal",
    "!=": "not",
    "<": "less",
    ">": "more",
    "greater": "more",
    "unchanged": "same",
    "up": "increased",
    "down": "decreased",
    "exit": "quit",
    "q": "quit",
    "?": "help",
}


class Quit(Exception):
    """The command ``quit``."""


def number(text: str) -> int:
    """Return a number: decimal, ``0x`` or ``$`` before hexadecimal digits."""
    try:
        return int(text[1:], 16) if text.startswith("$") else int(text, 0)
    except ValueError:
        raise ValueError(f"{text!r} is not a number such as 26, 0x1A or $1A") from None


class RamPrompt:
    """Carries out the commands; ``HELP`` lists them.

    Args:
        env (NESEnv): the game.
        say (Callable): gets each line of output.
        play (Callable | None): opens a window, plays on and returns when it is closed; it gets the environment, and the
            arguments ``overlay`` and ``before_step`` of ``Player``.
    """

    def __init__(
        self, env: NESEnv, say: Callable[[str], object] = print, play: Callable[..., object] | None = None
    ) -> None:
        self.env = env
        self.search = RamSearch(env)
        self._say = say
        self._play_on = play
        self._commands: dict[str, Callable[..., None]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def run(self, line: str) -> None:
        """Carry out a line.

        Raises:
            ValueError: it cannot be understood, or not be done; the message says why.
            OSError: a file cannot be read or written.
            Quit: the command ``quit``.
        """
        words = line.partition("#")[0].split()
        if not words:
            return
        name = _OTHER_NAMES.get(words[0].lower(), words[0].lower())
        if name not in self._commands:
            raise ValueError(f"there is no command {words[0]!r}{suggest(name, self._commands)}; 'help' lists them")
        command = self._commands[name]
        try:
            command(*words[1:])
        except TypeError as error:
            if "positional argument" not in str(error):
                raise
            raise ValueError(f"{name}: wrong number of arguments; 'help' shows them") from None

    def loop(self, lines: Iterable[str]) -> None:
        """Carry out lines until they end or one is ``quit``; print errors and go on, also after Ctrl-C."""
        for line in lines:
            try:
                self.run(line)
            except Quit:
                return
            except (OSError, RuntimeError, ValueError, ImportError) as error:
                self._say(str(error))
            except KeyboardInterrupt:
                self._say("interrupted")

    # --- the game ---

    def _do_play(self) -> None:
        if self._play_on is None:
            raise ValueError("there is no window here; use run")
        self._play_on(self.env, overlay=self.overlay, before_step=self.search.hold)
        self._show_watches()

    def _do_run(self, *words: str) -> None:
        frames = 60
        if words and not words[0].isalpha():
            frames, words = number(words[0]), words[1:]
        if frames > LONGEST_SCRIPT:
            raise ValueError(f"run: at most {LONGEST_SCRIPT} frames, an hour of play, not {shown(frames)}")
        if any(word.isdecimal() for word in words):
            raise ValueError("run: the number of frames comes first: run 30 right a")
        known = {"a": "A", "b": "B"}
        self.search.run(frames, buttons_to_byte([known.get(word.lower(), word.lower()) for word in words], "run"))
        self._say(f"frame {emulator_of(self.env).frame_count}")
        self._show_watches()

    def _do_reset(self) -> None:
        self.env.reset()
        self._show_watches()

    def _do_save(self, path: str) -> None:
        write_file(path, bytes(self.env.dump_state()))

    def _do_load(self, path: str) -> None:
        content = read_regular_file(path, LARGEST_SNAPSHOT)
        try:
            self.env.load_state(content)
        except StateError as error:
            raise error.in_file(path) from None
        self._show_watches()

    def _do_picture(self, path: str) -> None:
        if not path.lower().endswith(".png"):
            raise ValueError(f"a picture is a .png file, unlike {path!r}")
        machine = emulator_of(self.env)
        write_file(path, to_png(machine.screen_rgb()))
        self._say(f"{path}: frame {machine.frame_count}")

    # --- filters ---

    def _count(self) -> int:
        count = len(self.search.candidates)
        self._say(f"{count} candidate{'s' * (count != 1)}")
        return count

    def _left(self, count: int) -> None:
        """Say what a filter has left."""
        if 0 < self._count() <= 10:
            for address, now, before in self._rows(self.search.compared):
                self._say(f"  ${address:04X}  {before:>6} -> {now:>6}")

    def _do_equal(self, value: str) -> None:
        self._left(self.search.equal(number(value)))

    def _do_not(self, value: str) -> None:
        self._left(self.search.not_equal(number(value)))

    def _do_less(self, value: str) -> None:
        self._left(self.search.less(number(value)))

    def _do_more(self, value: str) -> None:
        self._left(self.search.greater(number(value)))

    def _do_changed(self) -> None:
        self._left(self.search.changed())

    def _do_same(self) -> None:
        self._left(self.search.unchanged())

    def _do_increased(self, by: str | None = None) -> None:
        self._left(self.search.increased(None if by is None else number(by)))

    def _do_decreased(self, by: str | None = None) -> None:
        self._left(self.search.decreased(None if by is None else number(by)))

    def _do_mark(self) -> None:
        self.search.mark()

    def _do_undo(self) -> None:
        self.search.undo()
        if self._count() <= 10:
            self._do_list()

    def _do_new(self, *words: str) -> None:
        size = number(words[0]) if words and not words[0].isalpha() else None
        rest = words[size is not None :]
        if len(rest) > 1:
            raise ValueError("new takes a size and an encoding")
        self.search.restart(size, rest[0] if rest else "byte")
        self._count()

    # --- lists ---

    def _rows(self, before: NDArray[np.uint32]) -> Iterator[tuple[int, int, int]]:
        """Yield address, present number and another one of each candidate."""
        return zip(self.search.candidates.tolist(), self.search.values().tolist(), before.tolist(), strict=True)

    def _do_list(self, count: str = "20") -> None:
        search, most = self.search, number(count)
        if most < 0:
            raise ValueError(f"the number of candidates must not be negative: {most}")
        for address, now, before in itertools.islice(self._rows(search.before), most):
            held = "  frozen" if address in search.frozen else ""
            self._say(f"  ${address:04X}  {now:>6}  was {before:>6}{held}")
        if len(search.candidates) > most:
            self._say(f"  and {len(search.candidates) - most} more")

    def _do_watch(
        self, address: str, name: str | None = None, size: str | None = None, encoding: str | None = None
    ) -> None:
        if encoding is not None and encoding not in RAM_READ_ENCODINGS:
            raise ValueError(f"encoding must be one of {', '.join(RAM_READ_ENCODINGS)}, not {shown(encoding)}")
        self.search.watch(number(address), name, None if size is None else number(size), encoding)
        self._show_watches()

    def _do_unwatch(self, name: str) -> None:
        if name not in self.search.watches:
            raise ValueError(f"there is no watch {name!r}{suggest(name, self.search.watches)}")
        del self.search.watches[name]

    def _show_watches(self) -> None:
        for name, value in self.search.watched().items():
            self._say(f"  {name} ${self.search.watches[name][0]:04X} = {value}")

    def overlay(self) -> Sequence[str]:
        """Return the watches as lines for the window."""
        return [
            f"{self.search.watches[name][0]:04X} {name.replace('_', '-')[:16]} {value}"
            + (" - HELD" if self.search.watches[name][0] in self.search.frozen else "")
            for name, value in self.search.watched().items()
        ]

    # --- bytes ---

    def _do_peek(self, address: str) -> None:
        place = number(address)
        self._say(f"  ${place:04X} = {self.search.peek(place)}")

    def _do_poke(self, address: str, value: str) -> None:
        self.search.poke(number(address), number(value))

    def _do_freeze(self, address: str, value: str | None = None) -> None:
        place = number(address)
        self.search.freeze(place, None if value is None else number(value))
        self._say(f"  ${place:04X} is held at {self.search.frozen[place]}")

    def _do_thaw(self, address: str) -> None:
        self.search.thaw(number(address))

    def _do_game(self, path: str | None = None) -> None:
        text = json.dumps(self.search.game(), indent=4)
        if path is None:
            self._say(text)
            return
        write_file(path, f"{text}\n".encode())
        self._say(f"{path}: {', '.join(self.search.watches) or 'no watches'}; add rewards and ends of episodes to it")

    def _do_help(self) -> None:
        self._say(HELP)

    def _do_quit(self) -> None:
        raise Quit


def is_typed() -> bool:
    """Return whether somebody types the input."""
    return sys.stdin is not None and sys.stdin.isatty()


def typed_lines() -> Iterable[str]:
    """Yield lines as they are typed, with a prompt if somebody types them, until the end of the input or Ctrl-C."""
    if sys.stdin is None:  # closed by the caller
        return
    asks = is_typed()
    if asks:
        with contextlib.suppress(ImportError):  # not on Windows
            import readline  # noqa: F401, lets input() recall lines
    while True:
        try:
            yield input("ram> " if asks else "")
        except (EOFError, KeyboardInterrupt):
            if asks:
                print()
            return


def play_window(env: Any, **more: Any) -> None:
    """Open a window on an environment and play on; return when it is closed."""
    from nes_py.playing import keys
    from nes_py.playing.player import Player

    Player(env, keys=keys.choose(), hint=True, resume=True, **more).run()


__all__ = ["HELP", "Quit", "RamPrompt", "number", "play_window", "typed_lines"]
