"""Structured logs on standard error: one event name per place, values beside it. What others say is in there too."""

import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from ingest.settings.model import LogSettings
from schemas.foreign import one_line, unguarded, visible

FOREIGN_AT_ONCE = 5
"""So many lines from one place of a library are passed on in a window; of the others the number is told."""
WINDOW_S = 60.0
LONGEST_TRACE = 4_000
MOST_PLACES = 500
"""Texts that are put together differently each time are no places: beyond so many, all are one."""


def configure(settings: LogSettings) -> None:
    """JSON, one object a line, for machines; readable text for a terminal."""
    chain: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(_json)
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    if settings.format == "console":
        chain.append(_visible_values)
    structlog.configure(
        processors=[*chain, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.level.upper()]),
        # What is rendered for a terminal has our own colours in it; its values are visible already.
        logger_factory=lambda *_names: Lines(unguarded(sys.stderr) if settings.format == "console" else sys.stderr),
        cache_logger_on_first_use=True,
    )
    _listen_to_libraries()


class Lines:
    """Writes lines to standard error. A log that cannot be written, on a full disk, stops nothing."""

    _lock = threading.Lock()

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        """One line, whole."""
        with self._lock, suppress(OSError, ValueError):  # ValueError: standard error is closed
            self._stream.write(line + "\n")
            self._stream.flush()

    log = debug = info = warning = error = critical = fatal = failure = exception = msg


class Window:
    """Lets a few lines of each kind through in a while, and counts the others."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: dict[object, tuple[float, int]] = {}

    def admit(self, kind: object) -> int | None:
        """None if this line is one too many; else how many were before it that nobody has been told of."""
        with self._lock:
            now_s = self._clock()
            key = kind if kind in self._seen or len(self._seen) < MOST_PLACES else None
            began_s, count = self._seen.get(key, (now_s, 0))
            if now_s - began_s >= self._seconds:
                self._seen[key] = (now_s, 1)
                return max(count - self._most, 0)
            self._seen[key] = (began_s, count + 1)
            return 0 if count < self._most else None


class Seldom:
    """A logger for what a stranger can make happen as often as he likes: each event once in a while, with a count."""

    def __init__(self, log: Any, seconds: float = WINDOW_S) -> None:
        self._log = log
        self._window = Window(1, seconds)

    def warning(self, event: str, **values: object) -> None:
        """Something was refused."""
        self._say("warning", event, values)

    def error(self, event: str, **values: object) -> None:
        """Something is short."""
        self._say("error", event, values)

    def _say(self, level: str, event: str, values: dict[str, object]) -> None:
        unsaid = self._window.admit(event)
        if unsaid is not None:
            getattr(self._log, level)(event, **values, **({"not_told_before": unsaid} if unsaid else {}))


class Foreign(logging.Handler):
    """What libraries and Python itself say (asyncio, uvicorn, psycopg.pool, paho, warnings), in our form."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._window = Window(FOREIGN_AT_ONCE, WINDOW_S)
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        """Never raises, and never floods."""
        with suppress(Exception):  # a library that cannot write its own line is no reason to stop
            unsaid = self._window.admit((record.name, record.levelno, record.pathname, record.lineno))
            if unsaid is None:
                return
            values: dict[str, object] = {"logger": record.name, "said": record.getMessage()[:LONGEST_TRACE]}
            if record.exc_info:
                values["trace"] = logging.Formatter().formatException(record.exc_info)[-LONGEST_TRACE:]
            if unsaid:
                values["not_told_before"] = unsaid
            say = self._log.error if record.levelno >= logging.ERROR else self._log.warning
            say("library", **values)


def _listen_to_libraries() -> None:
    """In the place of whatever was there, once."""
    root = logging.getLogger()
    if not any(isinstance(handler, Foreign) for handler in root.handlers):
        root.addHandler(Foreign())
    logging.captureWarnings(capture=True)


def _json(event: EventDict, **words: Any) -> str:
    """One object a line; what is not seen is escaped as JSON escapes it, wherever the line goes."""
    return visible(json.dumps(event, ensure_ascii=False, **words))


def _visible_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Nothing that a device or a broker said moves the cursor; a traceback keeps its lines."""
    for name, value in event.items():
        if name == "exception":
            event[name] = visible(str(value))
        elif isinstance(value, str):
            event[name] = one_line(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            event[name] = one_line(repr(value))
    return event
