"""The service of the demonstration: `noroshi ingest` as a process of its own, watched from outside."""

import asyncio
import http.client
import json
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import ingest
from ingest.embedded.brokers import Broker
from ingest.embedded.processes import DID_NOT_START, Child, Children
from schemas.bilingual import Bilingual

_OURS = ("NOROSHI_BROKER__", "NOROSHI_DATABASE__", "NOROSHI_WEB__", "NOROSHI_ROUTES")
_SAMPLE = re.compile(rb"^noroshi_(\w+?)(?:_total)? ([0-9.e+]+)$", re.MULTILINE)
_HTTP_OK = 200

Counts = Mapping[str, int]
"""The account of the service by the names of its metrics, e.g. `messages_received`."""


class Ingester:
    """The running service."""

    def __init__(self, child: Child, port: int, summary_file: Path) -> None:
        self.child = child
        self.port = port
        self._summary_file = summary_file

    @property
    def url(self) -> str:
        """The address of its pages."""
        return f"http://127.0.0.1:{self.port}/"

    async def until_ready(self, deadline_s: float = 60.0) -> None:
        """Wait until the service takes and stores messages. Raises ServerError."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + deadline_s
        answer = b""
        while loop.time() < give_up:
            if not self.child.running:
                raise self.child.failure(DID_NOT_START)
            status, answer = await asyncio.to_thread(_get, self.port, "/readyz")
            if status == _HTTP_OK:
                return
            await asyncio.sleep(0.1)
        why = answer.decode(errors="replace")
        raise self.child.failure(
            Bilingual(
                f"が {deadline_s:g} 秒たっても準備できません: {why}", f"is not ready after {deadline_s:g} s: {why}"
            )
        )

    async def counts(self) -> Counts | None:
        """The account of the service now; None if it does not answer."""
        status, text = await asyncio.to_thread(_get, self.port, "/metrics")
        if status != _HTTP_OK:
            return None
        return {name.decode(): int(float(value)) for name, value in _SAMPLE.findall(text)}

    async def gauge(self, name: str) -> float:
        """One metric, unrounded; 0 if the service does not answer."""
        status, text = await asyncio.to_thread(_get, self.port, "/metrics")
        found = {key.decode(): float(value) for key, value in _SAMPLE.findall(text)}
        return found.get(name, 0.0) if status == _HTTP_OK else 0.0

    async def stop(self) -> dict[str, object] | None:
        """Stop the service with SIGTERM. Returns the summary that it writes after draining; None if it wrote none."""
        await self.child.stop(grace_s=40)
        try:
            summary = json.loads(self._summary_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return summary if isinstance(summary, dict) else None


async def start_ingester(
    folder: Path,
    children: Children,
    database_url: str,
    broker: Broker,
    port: int,
    settings: Mapping[str, str] | None = None,
    *,
    workers: int = 1,
) -> Ingester:
    """Start the service. Its URLs are passed in the environment, because every user can read a command line.

    `settings`: further NOROSHI_… variables.
    """
    summary = folder / "service-summary.json"
    summary.unlink(missing_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    # The history of the field is old by design. With a fresh lane all of it would be received twice.
    environment.setdefault("NOROSHI_INTAKE__FRESH_LAG_S", "0")
    environment |= {
        "NOROSHI_DATABASE__URL": database_url,
        "NOROSHI_BROKER__URL": broker.url,
        "NOROSHI_BROKER__PROTOCOL": broker.protocol,
        "NOROSHI_REPORT__KEY_FILE": str(folder / "report-key.pem"),
        "PYTHONPATH": os.pathsep.join(filter(None, (_our_root(), os.environ.get("PYTHONPATH")))),
    }
    environment |= settings or {}
    child = await children.start(
        "noroshi ingest",
        [
            sys.executable,
            "-m",
            "ingest",
            "ingest",
            "--port",
            str(port),
            "--summary",
            str(summary),
            "--workers",
            str(workers),
        ],
        folder / "service.log",
        env=environment,
    )
    return Ingester(child, port, summary)


def _our_root() -> str:
    """The folder that `ingest` is imported from, so that the service runs this version and no other."""
    return str(Path(ingest.__file__).parent.parent)


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
