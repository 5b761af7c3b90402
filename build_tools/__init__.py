"""Helpers of ``setup.py`` and of the Makefile; not part of the package that is installed."""
