"""Gamepads, through pyglet: the controllers of pyglet 2, or the joysticks that pyglet 1.5 knows."""

from __future__ import annotations

import importlib
from typing import Any

# Bits of a controller byte.
_A, _B, _SELECT, _START, _UP, _DOWN, _LEFT, _RIGHT = (1 << bit for bit in range(8))

# How far a stick must be from its centre.
_THRESHOLD = 0.5

# The names of pyglet's controllers, which are those of an Xbox pad. The lower button is where the NES has B and the
# right one where it has A; the other two repeat them.
_CONTROLLER_BUTTONS = (
    ("b", _A),
    ("y", _A),
    ("a", _B),
    ("x", _B),
    ("back", _SELECT),
    ("start", _START),
    ("dpup", _UP),
    ("dpdown", _DOWN),
    ("dpleft", _LEFT),
    ("dpright", _RIGHT),
)
# The numbers of a joystick's buttons, as most pads of this kind have them.
_JOYSTICK_BUTTONS = ((1, _A), (3, _A), (0, _B), (2, _B), (6, _SELECT), (8, _SELECT), (7, _START), (9, _START))


def _axes(x: float, y: float) -> int:
    """Return the directions of a stick whose upper end is 1."""
    return (
        (_LEFT if x < -_THRESHOLD else 0)
        | (_RIGHT if x > _THRESHOLD else 0)
        | (_UP if y > _THRESHOLD else 0)
        | (_DOWN if y < -_THRESHOLD else 0)
    )


def _number(device: Any, name: str) -> float:
    value = getattr(device, name, 0)
    return float(value) if isinstance(value, (bool, int, float)) else 0.0


def controller_buttons(controller: Any) -> int:
    """Return the byte of buttons that one of pyglet's controllers holds."""
    byte = _axes(_number(controller, "leftx"), _number(controller, "lefty"))
    byte |= _axes(_number(controller, "dpadx"), _number(controller, "dpady"))
    for name, bit in _CONTROLLER_BUTTONS:
        if _number(controller, name):
            byte |= bit
    return byte


def joystick_buttons(joystick: Any) -> int:
    """Return the byte of buttons that one of pyglet's joysticks holds. Its y axis points down, its hat up."""
    byte = _axes(_number(joystick, "x"), -_number(joystick, "y"))
    byte |= _axes(_number(joystick, "hat_x"), _number(joystick, "hat_y"))
    buttons = getattr(joystick, "buttons", None) or ()
    for number, bit in _JOYSTICK_BUTTONS:
        if number < len(buttons) and buttons[number]:
            byte |= bit
    return byte


class Gamepads:
    """The gamepads that are plugged in when it is made.

    Args:
        pyglet: the module.
    """

    def __init__(self, pyglet: Any) -> None:
        self._pyglet = pyglet
        self._pads: list[tuple[Any, Any]] = []
        try:
            pads = importlib.import_module("pyglet.input")
            found: list[tuple[Any, Any]] = [
                (pad, controller_buttons) for pad in getattr(pads, "get_controllers", list)()
            ]
            found = found or [(pad, joystick_buttons) for pad in pads.get_joysticks()]
        except Exception:  # whatever the system's drivers answer, playing with the keyboard works
            return
        for pad, read in found:
            try:
                pad.open()
            except Exception:  # another program has it, or it may not be read
                continue
            self._pads.append((pad, read))
        if self._pads:
            self._pyglet.app.platform_event_loop.start()

    def __len__(self) -> int:
        return len(self._pads)

    def read(self) -> list[int]:
        """Return the byte of buttons that each gamepad holds."""
        if not self._pads:
            return []
        # Without pyglet's own loop nobody else reads the devices.
        self._pyglet.app.platform_event_loop.step(0)
        return [read(pad) for pad, read in self._pads]

    def close(self) -> None:
        """Release the gamepads."""
        for pad, _ in self._pads:
            try:
                pad.close()
            except Exception:  # it was unplugged
                continue
        self._pads = []


__all__ = ["Gamepads", "controller_buttons", "joystick_buttons"]
