"""Where programs written for nes-py 8 find ``play_human``, ``play_random`` and the command line.

The work is done in ``nes_py.play`` and ``nes_py.cli``.
"""
