"""Structured logs on standard error: one event name per place, values beside it. Lines of libraries are included."""

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
"""Lines from one place of a library that are passed on in a window. The others are only counted."""
WINDOW_S = 60.0
LONGEST_TRACE = 4_000
MOST_PLACES = 500
"""Most places that are told apart. A library that makes up its texts seems to have more; those share one count."""


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
        # The terminal gets our own colours, which a guard would escape. Its values are escaped before.
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
        """Write one whole line."""
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
        """None if this line is one too many; else how many lines of its kind were suppressed since the last one."""
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
    """A logger for events that a stranger can cause at will. Each event is logged once in a window, with a count."""

    def __init__(self, log: Any, seconds: float = WINDOW_S) -> None:
        self._log = log
        self._window = Window(1, seconds)

    def warning(self, event: str, **values: object) -> None:
        """Log that something was refused."""
        self._say("warning", event, values)

    def error(self, event: str, **values: object) -> None:
        """Log that a resource is short."""
        self._say("error", event, values)

    def _say(self, level: str, event: str, values: dict[str, object]) -> None:
        unsaid = self._window.admit(event)
        if unsaid is not None:
            getattr(self._log, level)(event, **values, **({"not_told_before": unsaid} if unsaid else {}))


class Foreign(logging.Handler):
    """Logs lines of libraries and of Python itself (asyncio, uvicorn, psycopg.pool, paho, warnings) in our form."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._window = Window(FOREIGN_AT_ONCE, WINDOW_S)
        self._log = structlog.get_logger()

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record of a library, within the window of its place. Never raises."""
        with suppress(Exception):  # a line of a library that cannot be formatted is no reason to stop
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
    """Add our handler to the root logger, unless it is there, and have Python log its warnings."""
    root = logging.getLogger()
    if not any(isinstance(handler, Foreign) for handler in root.handlers):
        root.addHandler(Foreign())
    logging.captureWarnings(capture=True)


def _json(event: EventDict, **words: Any) -> str:
    """The event as one JSON object. Invisible characters are escaped, since a line may end up on a terminal."""
    return visible(json.dumps(event, ensure_ascii=False, **words))


def _visible_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape control characters in values of devices and brokers; a traceback keeps its line breaks."""
    for name, value in event.items():
        if name == "exception":
            event[name] = visible(str(value))
        elif isinstance(value, str):
            event[name] = one_line(value)
        elif not isinstance(value, (int, float, bool, type(None))):
            event[name] = one_line(repr(value))
    return event
