"""Formats of other programs: FCEUX movies and savestates, stable-retro integrations, cheat codes."""
