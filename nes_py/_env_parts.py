"""What ``NESEnv`` is made with: attributes whose names stay free, its one private attribute, hooks, and its window."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from .emulator import NESEmulator, Snapshot
    from .formats.movie import Movie

_T = TypeVar("_T")


class _Free(Generic[_T]):
    """A read-only attribute that a subclass may nevertheless assign to."""

    def __init__(self, get: Callable[[Any], _T]) -> None:
        self.get = get
        self.__doc__ = get.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, env: None, owner: type) -> _Free[_T]: ...

    @overload
    def __get__(self, env: object, owner: type) -> _T: ...

    def __get__(self, env: object | None, owner: type) -> _Free[_T] | _T:
        return self if env is None else self.get(env)


class _ForkName(_Free[_T]):
    """An attribute of the fork that programs assign to from outside.

    A value assigned by the environment's own methods belongs to the subclass, as does a value that the fork would not
    assign.
    """

    def setter(self, put: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
        """Decorate the setter; it returns False for a value that is not the fork's."""
        self.put = put
        return put

    def __get__(self, env: Any, owner: type) -> Any:
        if env is not None and self.name in env.__dict__:
            return env.__dict__[self.name]
        return super().__get__(env, owner)

    def __set__(self, env: Any, value: Any) -> None:
        frame = sys._getframe(1)
        own = frame.f_code.co_varnames[:1] == ("self",) and frame.f_locals.get("self") is env
        if own or self.name in env.__dict__ or not self.put(env, value):
            env.__dict__[self.name] = value

    def __delete__(self, env: Any) -> None:
        try:
            del env.__dict__[self.name]
        except KeyError:
            raise AttributeError(self.name) from None


class _Private:
    """Private data of an environment, in one attribute, so that all names not in nes-py 8 and 9 stay free."""

    __slots__ = (
        "audio",
        "begun",
        "eager",
        "fields",
        "keeps_memory",
        "kept",
        "movie",
        "plain",
        "players",
        "screen",
        "slots",
        "views",
        "warned_of_render",
    )

    def __init__(self, players: int, fields: tuple[tuple[str, int], ...], keeps_memory: bool) -> None:
        self.players = players
        # What a reset without a backup does to the console's memory.
        self.keeps_memory = keeps_memory
        # Whether it has been reset.
        self.begun = False
        # Samples per second of the sound in the info dicts; None for none.
        self.audio: int | None = None
        # Names and numbers of values of the fields of an action; empty if the action is a byte.
        self.fields = fields
        self.slots: dict[int, Snapshot] = {}
        self.movie: Movie | None = None
        self.warned_of_render = False
        # An open handle to the machine of a closed environment, for its last picture and for reopening it.
        self.kept: NESEmulator | None = None
        # Whether a subclass defines its own `screen`.
        self.eager = False
        # The live view of the picture once it exists, and the other arrays that show this machine's memory.
        self.screen: Any = None
        self.views: tuple[Any, ...] = ()
        self.choose_way()

    def choose_way(self) -> None:
        """Record whether a step is exactly a byte on the first controller and one frame."""
        self.plain = not self.fields and self.movie is None

    def twin(self) -> _Private:
        """Return the initial private data of a copy of the environment."""
        twin = _Private(self.players, self.fields, self.keeps_memory)
        twin.begun, twin.slots, twin.audio = self.begun, self.slots.copy(), self.audio
        twin.warned_of_render, twin.eager, twin.kept = self.warned_of_render, self.eager, self.kept
        return twin


# Inspecting a signature takes as long as a short frame.
_KNOWN_HOOKS: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


def _is_hook(function: Any) -> bool:
    """Whether a method of this name is a hook: in nes-py 8 and 9 it may be any method, also one with arguments."""
    if not callable(function):
        return False
    key = function.__func__ if isinstance(function, types.MethodType) else None
    if isinstance(key, types.FunctionType) and key in _KNOWN_HOOKS:
        return _KNOWN_HOOKS[key]
    takes_none = True
    try:
        inspect.signature(function).bind()
    except TypeError:
        takes_none = False
    except ValueError:  # built in
        pass
    if isinstance(key, types.FunctionType):
        _KNOWN_HOOKS[key] = takes_none
    return takes_none


def image_viewer() -> Any:
    """Return the class of windows; looked up when one opens, because programs put a module of their own in its place.

    Raises:
        ImportError: it cannot be imported; the message says what to install.
    """
    try:
        from ._image_viewer import ImageViewer
    except ImportError as error:
        raise ImportError(
            f"render mode 'human' needs pyglet ({error}): pip install 'nes-py[human]', or use render mode 'rgb_array'"
        ) from error
    return ImageViewer
