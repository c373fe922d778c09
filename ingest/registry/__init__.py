"""The registry (台帳) as files: read, compared with the database's rows, written again. Opens no database itself."""
