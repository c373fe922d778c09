"""Proof of frozen reports: digests, signatures and the audit log, of what is kept here and of what is handed over."""
