"""Tools: running hardware test ROMs and measuring accuracy."""
