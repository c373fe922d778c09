"""The database: the write path, the registry in it, rollups, retention, migrations, its state."""
