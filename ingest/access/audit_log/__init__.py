"""The audit log (監査ログ) behind `ingest/access/audit.py`: its tables, its chain of hashes, how long it stays."""
