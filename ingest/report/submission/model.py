"""Words of submissions that pages know too, without the libraries that make files."""

DIFFERENCE = "difference"
"""The form of the file that says what a revision changed."""
