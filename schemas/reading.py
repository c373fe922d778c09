"""Quality: what there is to remark about a stored reading. The row of a reading is `ingest.rows.ReadingRow`."""

from enum import IntFlag


class Quality(IntFlag):
    """Remarks about a stored reading. 0 (NULL in the table) means: nothing to remark.

    Flags state what was seen: a flagged value is stored and counts, and every report says how many of its readings
    were flagged. One thing a flag forbids: a value marked RANGE, CLAMPED or PUBLISHER reaches no stage of a level (the
    view `figure_sound`).
    """

    RANGE = 1
    """Outside the range expected in Japanese fields, inside what is physically possible."""
    TIME_ABSENT = 2
    """The device gave no time; the time of receipt stands in."""
    CLOCK_UNSET = 4
    """The device's clock had never been set (1970, 1980, 2000); the time of receipt stands in."""
    CLOCK_AHEAD = 8
    """The device's clock was ahead by more than the tolerance; the time of receipt stands in.

    Where a message says several times of a clock that is not believed, the newest stands at the time of receipt, and
    the others keep their distance to it.
    """
    CLAMPED = 16
    """Slightly beyond the physical limit by sensor error and stored as the limit (humidity 103 % -> 100 %)."""
    PUBLISHER = 32
    """The publisher itself marked the value as doubtful."""
    UNKNOWN_KEY = 64
    """The device wrote a time under a key that its format does not know (`time` for `ts`); it was not taken as one."""
