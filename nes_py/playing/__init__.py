"""Playing an environment: a human at the keyboard or random buttons, with a window, sound and recordings."""
