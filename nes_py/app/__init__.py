"""``play_human``, ``play_random`` and the command line for programs written for nes-py 8.

The implementations are in ``nes_py.play`` and ``nes_py.cli``.
"""
