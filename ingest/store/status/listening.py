"""When the service took messages: noted every few seconds, so that nobody is called silent whom it could not hear."""

from datetime import timedelta

from ingest.store.database import Database, translated

LISTENING = "listening"
"""The row of `watch_progress`: until when it was heard, and the spans in which it was not (`deaf`)."""

DEAF_AFTER = timedelta(seconds=20)
"""So long without a note, and nobody listened: notes are written every few seconds."""

_NOTE = """
insert into watch_progress (name, done_until) values (%(name)s, now())
on conflict (name) do update set done_until = excluded.done_until, updated_at = clock_timestamp(),
    details = case when excluded.done_until - watch_progress.done_until > %(after)s then jsonb_build_object(
        'deaf', (
            case when jsonb_array_length(coalesce(watch_progress.details -> 'deaf', '[]')) >= %(most)s
                then (watch_progress.details -> 'deaf') - 0 else coalesce(watch_progress.details -> 'deaf', '[]') end
        ) || jsonb_build_array(jsonb_build_array(watch_progress.done_until, excluded.done_until))
    ) else watch_progress.details end
where excluded.done_until > watch_progress.done_until
"""

MOST = 500
"""Spans that are kept; older ones are forgotten."""


def note_listening(connection: Database) -> None:
    """Note that messages are taken and can be stored now. Any process of the service may. Raises StoreUnavailable."""
    with translated(), connection.transaction():
        connection.execute(_NOTE, {"name": LISTENING, "after": DEAF_AFTER, "most": MOST})
