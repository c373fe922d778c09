"""The forms of a report: xlsx, PDF, CSV and JSON of the same document, the same bytes each time."""
