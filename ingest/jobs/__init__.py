"""Background jobs: the runner, and the loop that wakes it."""
