"""Watching a running batch in a browser: ``NESVectorEnv.watch()`` and ``nes_py watch``.

A page of the local machine shows the emulators, their rewards and their speed. The thread that steps the environments
copies pictures only when a page has asked for them; everything else happens in a thread of its own.
"""

from .monitor import PAGE, Monitor
from .watch import Frame, Watch, watch

__all__ = ["PAGE", "Frame", "Monitor", "Watch", "watch"]
