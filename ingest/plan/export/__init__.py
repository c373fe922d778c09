"""Everything of the plan of a project as files that the next vendor can read without this program."""
