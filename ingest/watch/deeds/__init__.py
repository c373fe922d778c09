"""What people do in the watch: take incidents, note, mark, maintain, change the duty, hold drills. All on record.

A deed of one project is done in a transaction of its own, with an entry in the audit log, and once: the same again
changes nothing. Who may do it is asked before: pages and API by `ingest/web/rules.py` (Verb.OPERATE).
"""
