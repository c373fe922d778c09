"""Tells every page that the year is still being made, and for about how long."""

import time

from ingest.store.database import Database
from schemas.bilingual import Bilingual

TOPIC = "demo-year"
MONTHS_SHARE = 0.8
"""The share of the whole work that the messages of all months are; the rest is what people wrote, and frozen months."""
FIRST_GUESS_S = 45.0

_NOTE = """
insert into notice (topic, ja, en) values (%s, %s, %s)
on conflict (topic) do update set ja = excluded.ja, en = excluded.en
"""


class Told:
    """The notice of one run, on its connection in autocommit mode."""

    def __init__(self, connection: Database) -> None:
        self._connection = connection
        self._began = time.monotonic()

    def begin(self) -> None:
        """Say that the work has begun."""
        self._began = time.monotonic()
        self._say(FIRST_GUESS_S)

    def months(self, share: float) -> None:
        """Say how long the rest takes, once this share of the months is written."""
        done = share * MONTHS_SHARE
        self._say((time.monotonic() - self._began) * (1 - done) / done)

    def unfinished(self) -> None:
        """Say that the run ended before its work, which a later one goes on with."""
        self._note(
            Bilingual(
                "デモの1年分は途中までです。まだない月の数字は、実際より小さく出ます。次にデモを起動すると続きを作ります。",
                "The year of this demonstration is only partly there: figures of the months that are missing are too "
                "low. The next start of the demonstration goes on with it.",
            )
        )

    def done(self) -> None:
        """Say nothing any more."""
        self._connection.execute("delete from notice where topic = %s", (TOPIC,))

    def _say(self, rest_s: float) -> None:
        rounded = max(5, 5 * round(rest_s / 5))
        self._note(
            Bilingual(
                f"デモの1年分を作成中です(あとおよそ{rounded}秒)。過去の月と計画の数字は、まだ出そろっていません。"
                "依頼した報告書は、その後に作ります。",
                f"The year of this demonstration is being made (about {rounded} s left). "
                "Figures of past months and of the plans are not complete yet. "
                "Reports that are ordered are made after that.",
            )
        )

    def _note(self, text: Bilingual) -> None:
        self._connection.execute(_NOTE, (TOPIC, text.ja, text.en))
