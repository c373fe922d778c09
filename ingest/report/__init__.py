"""Reports: figures in the forms that auditors accept."""
