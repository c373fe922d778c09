"""The schema of the database: numbered migrations, each run once."""
