"""Environments for the games that come with the package."""
