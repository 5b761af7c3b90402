"""What can be plugged into the controller ports.

What is done with it is a few bytes, ``NESEmulator.controller(0)`` and so on: those of the pads, with a bit for each of
A, B, Select, Start, Up, Down, Left and Right from bit 0 on, and then the values of the other device. They stay as they
are until they are changed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """Something in the controller ports.

    Attributes:
        pads: how many pads there are.
        values: what else is set from outside, a byte each: its name and how many values it has.
    """

    pads: int
    values: tuple[tuple[str, int], ...] = ()

    @property
    def inputs(self) -> int:
        """How many bytes say what is done with all of it."""
        return self.pads + len(self.values)


#: By the names that the option ``device`` knows.
#:
#: - ``joypads``: a pad in each port.
#: - ``four_score``: the adapter for four pads.
#: - ``zapper``: a pad, and in port 2 the light gun: the pixel that it points at (y from 240 on: none), and
#:   the trigger. With it every frame is drawn, because the gun sees the picture; ``render=False`` saves nothing.
#: - ``arkanoid``: a pad, and in port 2 the NES version of Arkanoid's paddle: its knob, as the game reads
#:   it (Arkanoid expects 0x54 to 0xF4), and the button.
DEVICES = {
    "joypads": Device(2),
    "four_score": Device(4),
    "zapper": Device(1, (("x", 256), ("y", 241), ("trigger", 2))),
    "arkanoid": Device(1, (("position", 256), ("button", 2))),
}

__all__ = ["DEVICES", "Device"]
