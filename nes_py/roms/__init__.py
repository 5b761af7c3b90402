"""The bundled games' cartridges (see README.md in this folder)."""
