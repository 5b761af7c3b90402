"""Game cartridges made for this package (see README.md in this folder)."""
