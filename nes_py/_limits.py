"""Limits of files from others, far above what a game needs. docs/reliability.md lists them."""

from __future__ import annotations

#: Bytes of a file: ROM, movie, savestate of another emulator, JSON, a list of hashes.
LARGEST_ROM = 64 * 2**20
LARGEST_MOVIE = 128 * 2**20
LARGEST_STATE = 4 * 2**20
#: Bytes of a state of this package in a movie or in a file, and of battery RAM.
LARGEST_SNAPSHOT = 16 * 2**20
LARGEST_HASHES = 2**16
LARGEST_PALETTE = 2**16
#: Bytes of a rollout, and of what it holds when it is unpacked.
LARGEST_ROLLOUT = 2**30
LARGEST_KEYS = 2**16

#: Characters of a name of a variable and of a condition.
LONGEST_NAME = 100
LONGEST_CONDITION = 200
#: Characters of an expression, and how deep operations may be in each other.
LONGEST_EXPRESSION = 1000
DEEPEST_EXPRESSION = 60
#: Characters of a text in a movie.
LONGEST_TEXT = 10_000
#: Entries of a game declaration; conditions are counted for each place that has some.
MOST_VARIABLES = 1024
MOST_REWARDS = 1024
MOST_CONDITIONS = 4096
MOST_INFOS = 4096
#: Sentences about what is left out of an integration.
MOST_REASONS = 1000
#: Parts of a script, and its frames: an hour of play.
MOST_PRESSES = 10_000
LONGEST_SCRIPT = 216_000
#: A factor of a reward, and any other number that is not an integer.
LARGEST_WEIGHT = 1e15
LARGEST_NUMBER = 1e18
#: A declaration of classes of tiles and objects: its classes, its maps and its tables, bytes that select one of these,
#: objects of a table, cells of a window's side, pixels of an offset.
MOST_CLASSES = 255
MOST_MAPS = 64
MOST_SELECTIONS = 16
MOST_OBJECTS = 256
LARGEST_WINDOW = 64
LARGEST_DISTANCE = 2**16
#: Chunks of a savestate.
MOST_CHUNKS = 10_000
