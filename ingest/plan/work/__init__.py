"""What people did and saw: the work log, planned stops and manual observations. Added, listed, voided, signed."""
