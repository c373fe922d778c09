"""Shows what to open and try in a running demonstration: lines to paste, and a file of addresses for programs."""

import shlex
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from ingest.demo.accounts import Accounts
from ingest.simulator.town import FARM, Kind, Town
from schemas.bilingual import Bilingual, joined, quoted
from schemas.japan import JST

ADDRESSES = "addresses.env"
"""The file of addresses in the data folder. It exists as long as the demonstration runs."""

_TRY = '{"readings": {"gate_opening": 40}}'


class Signposts(NamedTuple):
    """The addresses of a demonstration that is ready. `url` ends with a slash; `database_url` holds a password."""

    folder: Path
    url: str
    broker_url: str
    protocol: str
    database_url: str
    town: Town
    accounts: Accounts | None = None

    @property
    def file(self) -> Path:
        """The path of the file of addresses."""
        return self.folder / ADDRESSES

    def write(self) -> None:
        """Write the file, readable by the owner only: NAME=VALUE, as a shell and `docker --env-file` take it."""
        draft = self.file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{name}={value}\n" for name, value in self._addresses()), encoding="utf-8")
        draft.replace(self.file)

    def remove(self) -> None:
        """Remove the file: the servers are gone."""
        self.file.unlink(missing_ok=True)

    def lines(self, now_s: float) -> list[Bilingual]:
        """The lines to print: pages worth opening, a message to send, a report, the file of addresses."""
        gate = self._gate()
        month = datetime.fromtimestamp(now_s, JST).strftime("%Y-%m")
        noroshi = shlex.quote(str(Path(sys.executable).with_name("noroshi")))
        named = (("", "概況", "overview"), (f"devices/{gate}", "水門", "gate"), ("quarantine", "隔離", "quarantine"))
        pages = joined([*(Bilingual(f"{self.url}{path} {ja}", f"{self.url}{path} {en}") for path, ja, en in named),
                        quoted(f"{self.url}api/v1/ API")], " · ")  # fmt: skip
        publish = f"mosquitto_pub {self._publisher()} -q 1 -t noroshi/v1/{gate}/up -m {shlex.quote(_TRY)}"
        report = f"{noroshi} report usage --project {FARM} --month {month} -o noroshi-report.xlsx"
        reported = f"(set -a; . {shlex.quote(str(self.file))}; {report})"
        return [
            Bilingual(f"見る: {pages.ja}", f"look:      {pages.en}"),
            Bilingual(f"送る: {publish}", f"publish:   {publish}"),
            Bilingual(f"報告: {reported}", f"report:    {reported}"),
            Bilingual(f"宛先: {self.file}", f"addresses: {self.file}"),
        ]

    def guests(self) -> Iterator[Bilingual]:
        """The lines with a link for each role. A link signs in once."""
        if self.accounts is None:
            yield Bilingual(
                "利用者: このデータベースには管理者がいるため、作りませんでした",
                "accounts:  none are made, for this database has an admin already",
            )
            return
        yield Bilingual("入る: それぞれ一度だけ使えるリンク", "sign in:   by these links, each of which works once")
        for guest, _ in self.accounts.secrets:
            link = self.accounts.link_of(guest.login, self.url)
            yield Bilingual(f"  {link} {guest.what.ja}", f"  {link} {guest.what.en}")

    def _gate(self) -> str:
        """A device that publishes seldom and by itself, so that a visitor's message for it is visible."""
        site = next(site for site in self.town.sites if site.kind is Kind.GATE)
        return f"{site.project}/{site.code}"

    def _publisher(self) -> str:
        parts = urlsplit(self.broker_url)
        version = "311" if self.protocol == "3.1.1" else "5"
        return f"-V {version} -h {parts.hostname} -p {parts.port or 1883}"

    def _addresses(self) -> Iterator[tuple[str, str]]:
        parts = urlsplit(self.broker_url)
        yield "NOROSHI_DATABASE__URL", self.database_url
        yield "NOROSHI_BROKER__URL", self.broker_url
        yield "NOROSHI_BROKER__PROTOCOL", self.protocol
        yield "DEMO_PAGES_URL", self.url
        if self.accounts is not None:
            yield "DEMO_TOKEN", self.accounts.token
        yield "DEMO_API_URL", f"{self.url}api/v1/"
        yield "DEMO_METRICS_URL", f"{self.url}metrics"
        yield "DEMO_BROKER_HOST", parts.hostname or ""
        yield "DEMO_BROKER_PORT", str(parts.port or 1883)
