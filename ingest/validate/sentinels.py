"""Numbers by which firmwares say "no sensor". They look like measurements."""

SENTINELS = frozenset({-327.68, 327.67, -3276.8, -32768.0, -999.0, -999.9, -9999.0, -127.0, 85.0, 65535.0, 32767.0})
"""Values that are refused as a sentinel, and not as out of range, where they lie outside the plausible range."""

RAW_SENTINELS = frozenset({-327.68, -3276.8, -32768.0, -999.0, -9999.0, 65535.0, 32767.0})
"""Those that stay sentinels in the publisher's own unit, whatever a conversion would make of them."""
