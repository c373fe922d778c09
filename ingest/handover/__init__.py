"""Hand-over (引き継ぎ): a project as files that need no Noroshi to be read, and back into an empty installation."""
