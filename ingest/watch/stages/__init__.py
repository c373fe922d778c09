"""From readings to stages: measures, and the machine that says when one is reached and left. Pure: no clock, no I/O."""
