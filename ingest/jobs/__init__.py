"""Background jobs: the runner, its lanes, the one table of jobs."""
