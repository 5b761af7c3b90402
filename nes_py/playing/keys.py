"""The keys of the play window: their names, what they do, and files that change it.

A file of keys is an INI file. Each line names a button or a command and its keys::

    [player 1]
    a = x o
    start = enter

    [window]
    rewind = backspace

``nes_py keys`` prints all of them in this form.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from nes_py._files import read_regular_file
from nes_py._limits import LARGEST_KEYS
from nes_py.errors import FileFormatError
from nes_py.game import suggest

#: The buttons from bit 0 on.
BUTTONS = ("a", "b", "select", "start", "up", "down", "left", "right")

#: The keys of nes-py 8 and 9 for the buttons from bit 0 on. ``get_keys_to_action`` of environments uses them.
NES_PY_KEYS = tuple(map(ord, "op \rwsad"))

# Key codes of pyglet, which are those of X11 on every platform (keysymdef.h).
_CODES = {
    "backspace": 0xFF08,
    "tab": 0xFF09,
    "enter": 0xFF0D,
    "pause": 0xFF13,
    "home": 0xFF50,
    "left": 0xFF51,
    "up": 0xFF52,
    "right": 0xFF53,
    "down": 0xFF54,
    "page_up": 0xFF55,
    "page_down": 0xFF56,
    "end": 0xFF57,
    "insert": 0xFF63,
    "keypad_enter": 0xFF8D,
    **{f"keypad_{digit}": 0xFFB0 + digit for digit in range(10)},
    **{f"f{number}": 0xFFBD + number for number in range(1, 13)},
    "left_shift": 0xFFE1,
    "right_shift": 0xFFE2,
    "left_ctrl": 0xFFE3,
    "right_ctrl": 0xFFE4,
    "left_alt": 0xFFE9,
    "right_alt": 0xFFEA,
    "delete": 0xFFFF,
    "space": ord(" "),
    "comma": ord(","),
    "period": ord("."),
    "slash": ord("/"),
    "semicolon": ord(";"),
    "quote": ord("'"),
    "minus": ord("-"),
    "equal": ord("="),
    "left_bracket": ord("["),
    "right_bracket": ord("]"),
    "backslash": ord("\\"),
    "backquote": ord("`"),
    **{letter: ord(letter) for letter in "abcdefghijklmnopqrstuvwxyz"},
}
_NAMES = {code: name for name, code in _CODES.items()}
_OTHER_NAMES = {
    "return": ("enter",),
    "shift": ("left_shift", "right_shift"),
    "ctrl": ("left_ctrl", "right_ctrl"),
    "control": ("left_ctrl", "right_ctrl"),
    "alt": ("left_alt", "right_alt"),
    "period": ("period",),
    ".": ("period",),
    ",": ("comma",),
    "/": ("slash",),
    ";": ("semicolon",),
}

_PLAYERS = ("player 1", "player 2")
_DEFAULTS: dict[str, dict[str, str]] = {
    "player 1": {
        "a": "x o",
        "b": "z p",
        "select": "shift space",
        "start": "enter",
        "up": "up w",
        "down": "down s",
        "left": "left a",
        "right": "right d",
    },
    "player 2": {
        "a": "period",
        "b": "comma",
        "select": "slash",
        "start": "right_ctrl",
        "up": "i",
        "down": "k",
        "left": "j",
        "right": "l",
    },
    "window": {
        "help": "f1",
        "pause": "f2",
        "next_frame": "f3",
        "fast_forward": "tab",
        "rewind": "backspace",
        "save": "f5",
        "load": "f7",
        "sound": "f8",
        "screenshot": "f9",
        "record": "f10",
        "full_screen": "f11",
        "reset": "f12",
    },
}


def key_codes(text: str) -> tuple[int, ...]:
    """Return the codes of keys, separated by spaces, commas or plus signs: ``"x left_shift"``.

    Raises:
        ValueError: there is no key of that name.
    """
    codes: list[int] = []
    for name in text.replace("+", " ").replace(",", " ").lower().split():
        for one in _OTHER_NAMES.get(name, (name,)):
            if one not in _CODES:
                raise ValueError(
                    f"there is no key {name!r}{suggest(name, _CODES)}; keys are letters, enter, space, shift, tab, "
                    "left, up, keypad_0, f1 and others: 'nes_py keys --names' lists them"
                )
            codes.append(_CODES[one])
    return tuple(codes)


def key_names() -> list[str]:
    """Return the names of all keys."""
    return [*_CODES, *(name for name in _OTHER_NAMES if name.isalpha() and name not in _CODES)]


def label(codes: Iterable[int]) -> str:
    """Return keys as text, as in the help: ``"LEFT SHIFT"``; both of a pair without the side."""
    names = [_NAMES.get(code, "?") for code in codes]
    for name in ("shift", "ctrl", "alt"):
        pair = [f"left_{name}", f"right_{name}"]
        if set(pair) <= set(names):
            names[names.index(pair[0])] = name
            names.remove(pair[1])
    return " ".join(name.replace("_", " ").upper() for name in names)


class KeyMap:
    """Which keys press which buttons and give which commands.

    Args:
        changes (Mapping): sections as in a file of keys, ``{"player 1": {"a": "k"}}``: the new keys of those buttons
            and commands. They are taken from whatever has them by default.

    Raises:
        ValueError: there is no such section, button, command or key, or a key is given twice.
    """

    def __init__(self, changes: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self._codes = {
            section: {name: key_codes(keys) for name, keys in lines.items()} for section, lines in _DEFAULTS.items()
        }
        given: dict[int, str] = {}
        for section, lines in (changes or {}).items():
            if section not in self._codes:
                raise ValueError(
                    f"there is no section [{section}]{suggest(section, self._codes)}; "
                    f"the sections are {', '.join(self._codes)}"
                )
            known = self._codes[section]
            for name, keys in lines.items():
                if name not in known:
                    kind = "command" if section == "window" else "button"
                    raise ValueError(
                        f"[{section}]: there is no {kind} {name!r}{suggest(name, known)}; they are {', '.join(known)}"
                    )
                where = f"[{section}] {name}"
                for code in key_codes(keys):
                    if given.setdefault(code, where) != where:
                        raise ValueError(f"the key {_NAMES[code]} is given twice: {given[code]} and {where}")
        for section, known in self._codes.items():
            for name, codes in known.items():
                changed = (changes or {}).get(section, {}).get(name)
                if changed is None:
                    known[name] = tuple(code for code in codes if code not in given)
                else:
                    known[name] = key_codes(changed)

    def keys_of(self, section: str, name: str) -> tuple[int, ...]:
        """Return the codes of the keys of a button or a command."""
        return self._codes[section][name]

    def first_player(self) -> dict[int, int]:
        """Return the first player's keys: key codes to nes-py's keys for the same buttons."""
        return self._to_numbers("player 1", NES_PY_KEYS)

    def second_player(self) -> dict[int, int]:
        """Return the second player's keys: key codes to bits of the controller."""
        return self._to_numbers("player 2", tuple(range(8)))

    def _to_numbers(self, section: str, numbers: tuple[int, ...]) -> dict[int, int]:
        return {
            code: number for name, number in zip(BUTTONS, numbers, strict=True) for code in self._codes[section][name]
        }

    def commands(self) -> dict[int, int]:
        """Return the keys of the commands: key codes to the default keys for the same commands."""
        return {
            code: key_codes(_DEFAULTS["window"][name])[0]
            for name, codes in self._codes["window"].items()
            for code in codes
        }

    def to_text(self) -> str:
        """Return all keys as a file of keys."""
        blocks = []
        for section, lines in self._codes.items():
            blocks.append(f"[{section}]")
            blocks += [f"{name} = {' '.join(_NAMES[code] for code in codes)}" for name, codes in lines.items()]
            blocks.append("")
        return "\n".join(blocks)

    def hint(self, sign: str = " = ") -> list[str]:
        """Return the first player's most important keys: ``["arrows", "X = A", ...]``."""
        first = {name: label(codes[:1]) for name, codes in self._codes["player 1"].items() if codes}
        moves = [first.get(name, "-") for name in ("up", "down", "left", "right")]
        arrows = moves == ["UP", "DOWN", "LEFT", "RIGHT"]
        others = [
            f"{first[name].removeprefix('LEFT ').title()}{sign}{name.title()}"
            for name in ("a", "b", "start", "select")
            if name in first
        ]
        return ["arrows" if arrows else " ".join(moves), *others]


def _read_lines(text: str) -> dict[str, dict[str, str]]:
    """Return the sections of a file of keys."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}


def default_file() -> Path:
    """Return where the file of keys is looked for."""
    if sys.platform == "win32":
        folder = os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming"
    else:
        folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "nes_py" / "keys.ini"


def load(path: str | os.PathLike[str]) -> dict[str, dict[str, str]]:
    """Return the changes in a file of keys.

    Raises:
        FileFormatError: a ``ValueError``: it is not such a file; the message names it and the line.
        OSError: it cannot be read.
    """
    content = read_regular_file(path, LARGEST_KEYS)
    try:
        changes = _read_lines(content.decode("utf-8-sig"))
        KeyMap(changes)
    except (configparser.Error, ValueError) as error:
        raise FileFormatError(f"not a file of keys: {' '.join(str(error).split())}", path) from None
    return changes


def parse(text: str) -> dict[str, dict[str, str]]:
    """Return the changes in a text like ``"a=k,b=j"``, ``"2.a=m"`` for the second player, or ``"rewind=r"``.

    Raises:
        ValueError: it cannot be understood, or names what does not exist.
    """
    changes: dict[str, dict[str, str]] = {}
    for part in text.split(","):
        name, equal, keys = (word.strip().lower() for word in part.partition("="))
        player, dot, button = name.rpartition(".")
        if not equal or not keys or (dot and player not in ("1", "2")):
            raise ValueError(
                f"keys must look like 'a=k,b=j', '2.a=m' for player 2, or 'rewind=r', not {part.strip()!r}"
            )
        section = "window" if name in _DEFAULTS["window"] else f"player {player or 1}"
        changes.setdefault(section, {})[button] = keys
    KeyMap(changes)
    return changes


def choose(text: str | None = None) -> KeyMap:
    """Return the keys to play with: those of the file in ``default_file``, if there is one, changed as ``text`` says.

    Args:
        text (str | None): the path of a file of keys, or changes as for ``parse``.

    Raises:
        ValueError: a file, or the text, cannot be understood.
        OSError: a file cannot be read.
    """
    changes: dict[str, dict[str, str]] = {}
    if text is not None and os.path.exists(text):
        return KeyMap(load(text))
    if text is not None and "=" not in text:
        raise ValueError(f"there is no file of keys {text!r}; changes of keys look like 'a=k,b=j'")
    if default_file().exists():
        changes = load(default_file())
    if text is not None:
        for section, lines in parse(text).items():
            # What the file gives these keys to loses them.
            taken = {code for keys in lines.values() for code in key_codes(keys)}
            for other in changes.values():
                for name, keys in list(other.items()):
                    if taken & set(key_codes(keys)):
                        del other[name]
            changes.setdefault(section, {}).update(lines)
    return KeyMap(changes)


__all__ = [
    "BUTTONS",
    "NES_PY_KEYS",
    "KeyMap",
    "choose",
    "default_file",
    "key_codes",
    "key_names",
    "label",
    "load",
    "parse",
]
