"""Devices for the controller ports.

A device is controlled by a few bytes, ``NESEmulator.controller(0)`` and so on. First come the pads, with one bit each
for A, B, Select, Start, Up, Down, Left and Right from bit 0 on, then the values of the other device. The bytes keep
their values until you change them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Device:
    """The devices in the controller ports.

    Attributes:
        pads: the number of pads.
        values: the other inputs, one byte each: its name and its number of values.
    """

    pads: int
    values: tuple[tuple[str, int], ...] = ()

    @property
    def inputs(self) -> int:
        """The total number of input bytes."""
        return self.pads + len(self.values)


#: Keyed by the values of the option ``device``.
#:
#: - ``joypads``: a pad in each port.
#: - ``four_score``: the adapter for four pads.
#: - ``zapper``: a pad, and the light gun in port 2: the pixel that it points at (y >= 240: none), and
#:   the trigger. Every frame is drawn, because the gun needs the picture; ``render=False`` saves no time.
#: - ``arkanoid``: a pad, and the NES version of Arkanoid's paddle in port 2: the position that the game
#:   reads (Arkanoid expects 0x54 to 0xF4), and the button.
#: - ``vs_system``: two sticks as pads (Select and Start are buttons 1 or 2 and 3 or 4), the DIP switches from bit 0
#:   on, and the coin slots: bits 0 and 1, held for two or three frames; bit 2 is the service button.
DEVICES = {
    "joypads": Device(2),
    "four_score": Device(4),
    "zapper": Device(1, (("x", 256), ("y", 241), ("trigger", 2))),
    "arkanoid": Device(1, (("position", 256), ("button", 2))),
    "vs_system": Device(2, (("dip_switches", 256), ("coins", 8))),
}

__all__ = ["DEVICES", "Device"]
