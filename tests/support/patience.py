"""How long a test waits for what may hang."""

# Seconds. It ends a test that hangs and no other: on an idle machine everything that is waited for takes less than a
# hundredth of it, and a busy machine may take fifty times as long.
PATIENCE = 1800
