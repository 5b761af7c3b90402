"""The exceptions of the vector environments: Gymnasium's, which are also what Python people expect."""

from __future__ import annotations

from typing import Any

from gymnasium.error import AlreadyPendingCallError, ClosedEnvironmentError, NoAsyncCallError, ResetNeeded


class ClosedError(ClosedEnvironmentError, ValueError):
    """The vector environment was closed."""


class ResetMaskValueError(ValueError, AssertionError):
    """A ``reset_mask`` of the wrong shape, or one that selects nothing. Gymnasium before 1.4 asserts it."""


class ResetMaskTypeError(TypeError, AssertionError):
    """A ``reset_mask`` that is no array of bool. Gymnasium before 1.4 asserts it."""


class NotResetError(ResetNeeded, ValueError):
    """An environment that was never reset, or whose episode is over, was to be stepped."""


class PendingCallError(AlreadyPendingCallError, RuntimeError):
    """An environment was to be stepped before the result of its last action was received.

    Attributes:
        name (str): the method whose results are waited for.
    """

    def __init__(self, message: str, name: str = "send") -> None:
        super().__init__(message, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.name)


class NoPendingCallError(NoAsyncCallError, RuntimeError):
    """Results were to be received that nobody has asked for.

    Attributes:
        name (str): the method that was called too early.
    """

    def __init__(self, message: str, name: str = "recv") -> None:
        super().__init__(message, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.name)


__all__ = [
    "ClosedError",
    "NoPendingCallError",
    "NotResetError",
    "PendingCallError",
    "ResetMaskTypeError",
    "ResetMaskValueError",
]
