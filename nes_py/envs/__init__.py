"""Environments for the bundled games."""
