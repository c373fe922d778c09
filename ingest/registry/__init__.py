"""The registry (台帳) as files: read, compared with what is known, written again. Knows no database."""
