"""The PDCA plan (運用計画): targets, work log, outages, what was frozen, improvement measures, the cycle of a year."""
