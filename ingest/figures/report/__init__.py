"""The figures of reports: equipment at the end of a period, causes of outages, batteries, people, the audit log."""
