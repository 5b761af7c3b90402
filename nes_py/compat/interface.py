"""Decides which interface a class or a program was written for: that of nes-py 8, on ``gym``, or Gymnasium's.

The decision is made per module: a module written for nes-py 8 imports a different ``NESEnv`` and a different
``JoypadSpace`` from this package (``nes_py.compat.gym_env``). If the import does not tell, the class of an
environment decides when it is created, or the program when the first environment is constructed.

The criteria, in this order:

1. ``import nes_py.gym_compat`` and the environment variable ``NES_PY_GYM_COMPAT``;
2. a class that overrides ``_get_terminated`` or ``_get_truncated`` is for Gymnasium;
3. the distribution of the module: the version of nes-py that it requires;
4. whether the module uses ``gym`` or Gymnasium; if both, a class that overrides ``_get_done`` is for nes-py 8;
5. the same for ``__main__``;
6. whether any module uses ``gym``, and none except this package uses Gymnasium.

An installed ``gym``, or a library that supports both and imports it, does not count.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import importlib.util
import os
import re
import sys
import warnings
import weakref
from collections.abc import Callable, Mapping
from types import FrameType, FunctionType, ModuleType
from typing import Any

import gymnasium

from ..errors import shown
from .numpy1 import lend_numpy_1

SWITCH = "NES_PY_GYM_COMPAT"

# Set by nes_py.compat.gym_compat.
_whole_program = False

# Imports nes_py.compat.gym_env; set by the package.
_import_twins: Callable[[], ModuleType]

_warned = False

# What a package's distribution requires: whether that is nes-py 8, and the text for the warning.
_clients: dict[str, tuple[bool | None, str]] = {}
_distributions: dict[str, dict[str, tuple[bool, str]]] = {}

# Top-level packages that got nes-py 8's or Gymnasium's classes because of their distribution.
_known: dict[str, bool] = {}

_modules: dict[str, tuple[int, bool | None]] = {}
# Modules that were undecided when they imported a class of this package, and the names of the classes.
_undecided: dict[str, set[str]] = {}

# Direct subclasses of NESEnv that are known to be for Gymnasium.
_settled: weakref.WeakSet[type] = weakref.WeakSet()

# The classes' attributes before programs patched them, by class name.
_pristine: dict[str, dict[str, Any]] = {}
_originals: dict[str, Any] = {}
# The twins' original values of attributes that were patched since.
_followed: dict[type, dict[str, Any]] = {}


def switch() -> bool | None:
    """Return the program's explicit choice: whether all of it is for nes-py 8; None without one."""
    if _whole_program:
        return True
    value = os.environ.get(SWITCH, "")
    if value not in ("", "0", "1"):
        raise ValueError(f"{SWITCH} must be 0 or 1, not {shown(value)}")
    return None if value == "" else value == "1"


def choose_for_whole_program() -> None:
    """Treat all classes from now on as written for nes-py 8, also in child processes."""
    global _whole_program
    _whole_program = True
    os.environ[SWITCH] = "1"


@functools.cache
def _finds_gym() -> bool:
    spec = importlib.util.find_spec("gym")
    # A folder of that name without an __init__.py is not the package.
    return spec is not None and spec.origin is not None


def _has_gym() -> bool:
    """Return whether the program can have the classes on ``gym``; raise ImportError if something else has its name."""
    if "gym" not in sys.modules and not _finds_gym():
        if switch():
            raise ModuleNotFoundError(
                f"{SWITCH}=1 chooses the interface of nes-py 8, which needs the package gym: pip install gym",
                name="gym",
            )
        return False
    module = sys.modules.get("gym")
    spec = importlib.util.find_spec("gym") if module is None else getattr(module, "__spec__", None)
    # Python imports a file gym.py or a folder gym beside the program in place of the package. A file may be the
    # program itself, which must not run twice.
    package = spec is None or spec.submodule_search_locations is not None
    if not package or not hasattr(importlib.import_module("gym"), "Env"):
        place = spec.origin if spec is not None and spec.origin else sys.modules["gym"]
        raise ImportError(f"{place} hides the package gym, which nes-py needs here: rename it", name="gym")
    return True


# --- distributions ---


def _asks_for_8(requirement: str) -> bool | None:
    """Return whether a requirement such as ``nes-py (>=8.1.4)`` accepts nes-py 8."""
    # Without extras and markers.
    versions = re.findall(r"([<>=~!]=?=?)\s*(\d+)(?:\.(\d+))?", requirement.partition(";")[0])
    lowest = [int(major) for sign, major, _ in versions if sign in (">=", ">", "==", "===", "~=")]
    if lowest:
        return max(lowest) < 9
    for sign, major, minor in versions:
        if sign in ("<", "<=") and (int(major) < 9 or (sign == "<" and int(major) == 9 and int(minor or 0) == 0)):
            return True
    return None


def _read_distributions(directory: str) -> dict[str, tuple[bool, str]]:
    """Return the top-level packages in a directory whose distributions require a version of nes-py."""
    found: dict[str, tuple[bool, str]] = {}
    for distribution in importlib.metadata.distributions(path=[directory]):
        # Most do not mention it, so their metadata need not be parsed.
        text = (distribution.read_text("METADATA") or "") + (distribution.read_text("requires.txt") or "")
        if re.search(r"(?im)^(?:Requires-Dist:\s*)?nes[-_.]py\b", text) is None:
            continue
        name = distribution.metadata["Name"]
        for requirement in distribution.requires or ():
            asks = _asks_for_8(requirement) if re.match(r"(?i)nes[-_.]py\b", requirement) else None
            if asks is None:
                continue
            tops = (distribution.read_text("top_level.txt") or "").split()
            tops += [file.parts[0] for file in distribution.files or () if file.name == "__init__.py"]
            asked = requirement.partition(";")[0].strip()
            for top in tops or [name.replace("-", "_")]:
                found[top] = asks, f"{name} {distribution.version} requires {asked}"
    return found


def _client(top: str) -> tuple[bool | None, str]:
    """Return whether the distribution of a top-level package requires nes-py 8, and the text for the warning."""
    if top in _clients:
        return _clients[top]
    asks: tuple[bool | None, str] = None, ""
    file = getattr(sys.modules.get(top), "__file__", None)
    if top not in sys.stdlib_module_names and top != "__main__" and file:
        directory = os.path.dirname(os.path.abspath(file))
        if os.path.basename(file).startswith("__init__."):
            directory = os.path.dirname(directory)
        if directory not in _distributions:
            try:
                _distributions[directory] = _read_distributions(directory)
            except Exception:  # invalid metadata of other packages counts as none
                _distributions[directory] = {}
        asks = _distributions[directory].get(top, asks)
    _clients[top] = asks
    if asks[0] is not None:
        _known[top] = asks[0]
    return asks


# --- modules ---


def _is_standard(name: str) -> bool:
    """Return whether a module belongs to Python."""
    return name != "__main__" and name.partition(".")[0] in sys.stdlib_module_names


def _uses(namespace: Mapping[str, Any]) -> tuple[bool, bool]:
    """Return whether a module uses ``gym``, and whether it uses Gymnasium."""
    gym = gymnasium = False
    for value in list(namespace.values()):
        if isinstance(value, ModuleType):
            name = value.__name__
        elif isinstance(value, (type, FunctionType)):
            name = value.__module__
        else:
            continue
        top = str(name).partition(".")[0]
        gym = gym or top == "gym" or _known.get(top) is True
        gymnasium = gymnasium or top == "gymnasium" or _known.get(top) is False
    return gym, gymnasium


def _of_module(name: str, namespace: Mapping[str, Any]) -> tuple[bool | None, str]:
    """Return whether a module is for nes-py 8, None if undecided, and why."""
    top = name.partition(".")[0]
    if top == "nes_py" and not name.startswith("nes_py.tests"):
        return False, ""
    said = switch()
    if said is not None:
        return said, ""
    if top == "gym":
        return True, "gym makes it"
    if top in ("gymnasium", "shimmy"):
        return False, ""
    asks = _client(top)
    if asks[0] is not None:
        return asks
    gym, gymnasium = _uses(namespace)
    return (gym, "it uses gym and not Gymnasium") if gym != gymnasium else (None, "")


def _of_program() -> tuple[bool, str]:
    """Return whether the program is for nes-py 8, according to its modules."""
    if "gym" not in sys.modules:
        return False, ""
    gym, gymnasium = _uses(vars(sys.modules["__main__"]))
    if gym != gymnasium:
        return gym, "the program uses gym and not Gymnasium"
    anywhere = False
    skipped = {"nes_py", "gym", "gymnasium", "shimmy", "numpy", "torch", *sys.stdlib_module_names}
    for name, module in list(sys.modules.items()):
        skip = name.partition(".")[0] in skipped and not name.startswith("nes_py.tests")
        if skip or not isinstance(module, ModuleType):
            continue
        gym, gymnasium = _uses(vars(module))
        if gymnasium:
            return False, ""
        anywhere = anywhere or gym
    return anywhere, "the program uses gym and not Gymnasium"


# --- what programs import ---


def twins_from(import_module: Callable[[], ModuleType]) -> None:
    """Set the function that imports ``nes_py.compat.gym_env``, which imports this module and ``gym``."""
    global _import_twins
    _import_twins = import_module


def watch(module_name: str, class_name: str) -> None:
    """Give importers of a class of this package the one that they were written for."""
    module = sys.modules[module_name]
    original = vars(module)[class_name]
    if class_name not in _originals:
        _originals[class_name] = original
        _pristine[class_name] = dict(vars(original))

    def get(module: ModuleType) -> Any:
        value = vars(module).get(class_name)
        if value is None:
            raise AttributeError(f"module {module.__name__!r} has no attribute {class_name!r}")
        if value is not original:  # the program replaced it
            return value
        # Not unittest.mock or importlib, but who calls it.
        caller = sys._getframe(1)
        while caller.f_back is not None and _is_standard(str(caller.f_globals.get("__name__"))):
            caller = caller.f_back
        name = str(caller.f_globals.get("__name__"))
        for_8 = _of_importer(name, caller.f_globals, caller.f_locals)
        if for_8 is None and not _is_standard(name):
            _undecided.setdefault(name, set()).add(class_name)
        return _twin(class_name) if for_8 and _has_gym() else original

    def put(module: ModuleType, value: Any) -> None:
        vars(module)[class_name] = value

    def delete(module: ModuleType) -> None:
        del vars(module)[class_name]

    module.__class__ = type("module", (type(module),), {class_name: property(get, put, delete)})


def _of_importer(name: str, names: Mapping[str, Any], local: Mapping[str, Any]) -> bool | None:
    """Return whether code that imports a class is for nes-py 8; None if undecided."""
    # The names of a module grow while it is executed.
    known = _modules.get(name)
    if known is not None and known[0] == len(names) and local is names and switch() is None:
        return known[1]
    for_8, why = _of_module(name, names if local is names else {**names, **local})
    if for_8 and switch() is None and _has_gym():
        _warn(name, why)
    if local is names:
        _modules[name] = len(names), for_8
    return for_8


def decide_late() -> None:
    """Update modules that imported a class before the decision."""
    for name, classes in list(_undecided.items()):
        names = getattr(sys.modules.get(name), "__dict__", {})
        for_8, _ = _of_module(name, names)
        if for_8:
            for class_name in classes:
                _rebind(names, class_name)
        if for_8 is not None:
            del _undecided[name]


def _rebind(names: dict[str, Any], class_name: str) -> None:
    for name, value in list(names.items()):
        if value is _originals[class_name]:
            names[name] = _twin(class_name)


def _twin(class_name: str) -> type:
    """Return the class of that name for nes-py 8, with the program's patches of the one for Gymnasium."""
    twin: type = getattr(_import_twins(), class_name)
    follow_patches(twin)
    return twin


def follow_patches(twin: type) -> None:
    """Copy a program's patches of Gymnasium's class to the class for nes-py 8."""
    pristine = _pristine[twin.__name__]
    now = vars(_originals[twin.__name__])
    followed = _followed.setdefault(twin, {})
    for name, value in list(now.items()):
        if value is not pristine.get(name) and not (name.startswith("__") and name != "__init__"):
            if name not in followed:
                followed[name] = vars(twin).get(name)
            setattr(twin, name, value)
    for name in [name for name in followed if now.get(name) is pristine.get(name)]:
        before = followed.pop(name)
        if before is None:
            delattr(twin, name)
        else:
            setattr(twin, name, before)


# --- classes ---


def _roots(cls: type, base: type) -> list[type]:
    """Return the classes among a class and its ancestors that derive from ``base`` directly."""
    return [ancestor for ancestor in cls.__mro__ if base in ancestor.__bases__]


def _overrides(cls: type, base: type, *names: str) -> bool:
    for ancestor in cls.__mro__:
        if ancestor is base:
            return False
        if any(name in vars(ancestor) for name in names):
            return True
    return False


def _swap(cls: type, old: type, new: type) -> bool:
    """Replace a base class of this package in a class's ancestors; return whether that was possible."""
    for root in _roots(cls, old):
        try:
            root.__bases__ = tuple(new if base is old else base for base in root.__bases__)
        except TypeError:  # incompatible bases
            return False
    return True


def _of_class(cls: type, base: type) -> tuple[bool | None, str]:
    if _overrides(cls, base, "_get_terminated", "_get_truncated") and switch() is None:
        return False, ""
    namespace = getattr(sys.modules.get(cls.__module__), "__dict__", {})
    for_8, why = _of_module(cls.__module__, namespace)
    if for_8 is None and all(_uses(namespace)) and _overrides(cls, base, "_get_done"):
        return True, "it overrides _get_done, and its module uses gym"
    return for_8, why


def class_made(cls: type, base: type) -> None:
    """Decide for a new class derived from Gymnasium's ``NESEnv``, if possible."""
    roots = _roots(cls, base)
    if any(root in _settled for root in roots):
        return
    for_8, why = _of_class(cls, base)
    if for_8:
        _make_8(cls, base, why)
    elif for_8 is not None:
        _settled.update(roots)


def class_of_8_made(cls: type, twin: type, base: type) -> None:
    """Return a class to Gymnasium if the class is for Gymnasium although its module is not."""
    if switch() is None and twin in cls.__bases__ and _overrides(cls, twin, "_get_terminated", "_get_truncated"):
        _swap(cls, twin, base)
        _settled.add(cls)
    elif _client(cls.__module__.partition(".")[0])[0]:
        lend_numpy_1(vars(sys.modules[cls.__module__]))


def _make_8(cls: type, base: type, why: str) -> bool:
    roots = _roots(cls, base)
    if not _has_gym() or not _swap(cls, base, _twin(base.__name__)):
        _settled.update(roots)
        return False
    for kind in (cls, *roots):
        names = getattr(sys.modules.get(kind.__module__), "__dict__", {})
        if not _uses(names)[1]:
            # It may call NESEnv.step(self, action).
            _rebind(names, base.__name__)
    if switch() is None:
        _warn(f"{roots[0].__module__}.{roots[0].__qualname__}", why)
    return True


def class_for(cls: type, base: type, name: str, namespace: Mapping[str, Any]) -> type:
    """Return the class of a new instance: the class itself, or the twin of ``NESEnv``.

    Args:
        cls (type): the called class; a subclass of ``NESEnv`` that is undecided is decided now.
        base (type): Gymnasium's ``NESEnv``.
        name (str): the calling module.
        namespace (Mapping): the names in this module.
    """
    if cls is base:
        for_8, why = _of_module(name, namespace)
        if for_8 is None:
            for_8, why = (False, "") if all(_uses(namespace)) else _of_program()
        if not for_8 or not _has_gym():
            return base
        if switch() is None:
            _warn(f"{name}, which builds an NESEnv,", why)
        twin: type = _twin(base.__name__)
        return twin
    roots = _roots(cls, base)
    if any(root in _settled for root in roots):
        return cls
    for_8, why = _of_class(cls, base)
    if for_8 is None and cls.__module__ == name:
        gym, gymnasium = _uses(namespace)
        if gym != gymnasium:
            for_8, why = gym, "it uses gym and not Gymnasium"
    if for_8 is None:
        for_8, why = _of_program()
        if not for_8 and all(_uses(vars(sys.modules["__main__"]))) and _overrides(cls, base, "_get_done"):
            for_8, why = True, "it overrides _get_done, and the program uses gym"
    if for_8:
        _make_8(cls, base, why)
    else:
        _settled.update(roots)
    return cls


def convert_classes(base: type) -> None:
    """Convert the classes that programs have derived from ``NESEnv`` to nes-py 8."""
    subclasses: list[type] = base.__subclasses__()
    for cls in subclasses:
        if not cls.__module__.startswith("nes_py."):
            _swap(cls, base, _twin(base.__name__))


def wrapper_for(cls: type, env: Any) -> type:
    """Return the class of a new ``JoypadSpace``: the one for the library of ``env``.

    Args:
        cls (type): the called class, of either library.
        env: the environment to wrap.
    """
    gym = getattr(sys.modules.get("gym"), "Env", None)
    if gym is None or env is None:
        return cls
    base: type = _originals["JoypadSpace"]
    if isinstance(env, gymnasium.Env):
        for_8 = False
    elif isinstance(env, gym):
        for_8 = True
    else:  # the wrapper decides
        return cls
    twin: type = _twin("JoypadSpace")
    old, new = (base, twin) if for_8 else (twin, base)
    if cls is old:
        return new
    if _roots(cls, old) and not _swap(cls, old, new):
        raise TypeError(f"{cls.__qualname__} cannot wrap an environment of {'gym' if for_8 else 'Gymnasium'}")
    return cls


def only_gymnasium(make_env: Callable[[], Any], index: int) -> Callable[[], Any]:
    """Return the function wrapped so that it refuses to create an environment that ``vectorize`` cannot step."""

    def make() -> Any:
        env = make_env()
        gym = getattr(sys.modules.get("gym"), "Env", None)
        if gym is not None and isinstance(env, gym) and not isinstance(env, gymnasium.Env):
            raise TypeError(
                f"vectorize needs environments of Gymnasium; number {index}, {type(env.unwrapped).__qualname__}, has "
                "the interface of nes-py 8, of gym"
            )
        return env

    return make


def _warn(what: str, why: str) -> None:
    global _warned
    if _warned:
        return
    _warned = True
    # The line in the program.
    level = 1
    frame: FrameType | None = sys._getframe()
    while frame is not None and str(frame.f_globals.get("__name__")).partition(".")[0] == "nes_py":
        level, frame = level + 1, frame.f_back
    warnings.warn(
        f"{what} was written for nes-py 8 ({why}) and gets its interface: reset() returns the picture, step() four "
        f"values, spaces are those of gym. {SWITCH}=0 in the environment turns this off; {SWITCH}=1, or "
        "`import nes_py.gym_compat` before other imports, chooses it for the whole program, without this warning.",
        stacklevel=level,
    )
