"""The forms of a report: what each shows of one document."""
