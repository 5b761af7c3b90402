"""The output of a worker: a sequence of records for each job.

A record is a header, the kind and three lengths, and three fields: RAM, picture, and JSON text.
"""

from __future__ import annotations

import struct

HEADER = struct.Struct("<cIII")
#: The ids that there are; an environment was made; ``reset`` and ``step`` returned; the job is done; it failed.
HELLO, MADE, RESET, STEP, END, FAILURE = b"H", b"M", b"R", b"S", b"E", b"F"
