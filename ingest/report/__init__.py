"""Reports: figures in the form an auditor accepts."""
