"""The command line: one file per command, which parses, calls and sets the exit code."""
