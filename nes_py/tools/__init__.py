"""Tools around the emulator: judging hardware test ROMs and measuring accuracy."""
