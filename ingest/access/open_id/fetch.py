"""HTTP with the provider, within bounds: of bytes, of time, and of threads that wait. Redirects are not followed."""

import asyncio
import ssl
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import httpx
import orjson

from ingest.access.open_id.refused import AnswerRefused, Why
from ingest.errors import SettingsRefused
from ingest.settings.sign_in import OpenIdSettings, is_loopback
from schemas.bilingual import Bilingual

MAX_BYTES = 2**18
"""The largest answer that is read. Entra ID's keys are 20 kB, a token with many groups 60 kB."""
WAITING = 8
"""So many threads may wait for the provider: the others go on serving pages while it is slow."""
TURN_S = 1.0
"""For so long a thread waits for its turn."""

Json = Mapping[str, Any]


class Fetcher:
    """Asks the provider. Thread-safe; not to be called in a thread with an event loop."""

    def __init__(self, settings: OpenIdSettings) -> None:
        self._timeout_s = settings.timeout_s
        self._waiting = BoundedSemaphore(WAITING)
        self._tls = _tls(settings.ca_file)
        # A provider on this machine, as in tests, is not behind the proxy of HTTPS_PROXY.
        self._by_proxy = not is_loopback(settings.issuer)

    def get(self, address: str) -> Json:
        """The JSON object at an address. Raises AnswerRefused."""
        return self._json("GET", address, None, {})

    def post(self, address: str, form: str, headers: Mapping[str, str]) -> Json:
        """The JSON object that a form (urlencoded) is answered with. Raises AnswerRefused."""
        return self._json("POST", address, form, headers)

    def _json(self, method: str, address: str, body: str | None, headers: Mapping[str, str]) -> Json:
        with self._turn():
            status, payload = _run(self._within_time(self._bytes(method, address, body, headers)))
        try:
            answer = orjson.loads(payload)
        except orjson.JSONDecodeError:
            answer = None
        if status != httpx.codes.OK:
            error = answer.get("error") if isinstance(answer, dict) else None
            raise AnswerRefused(Why.BAD_ANSWER, f"{address}: status {status} {error if isinstance(error, str) else ''}")
        if not isinstance(answer, dict):
            raise AnswerRefused(Why.BAD_ANSWER, f"{address}: no JSON object")
        return answer

    async def _bytes(
        self, method: str, address: str, body: str | None, headers: Mapping[str, str]
    ) -> tuple[int, bytearray]:
        """Status and body. What is compressed is not read: a small answer could become a large one."""
        asked = {"Accept": "application/json", "Accept-Encoding": "identity", **headers}
        client = httpx.AsyncClient(
            verify=self._tls, trust_env=self._by_proxy, follow_redirects=False, timeout=self._timeout_s
        )
        async with client, client.stream(method, address, content=body, headers=asked) as response:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise AnswerRefused(Why.BAD_ANSWER, f"{address}: compressed")
            payload = bytearray()
            async for piece in response.aiter_raw():
                payload += piece
                if len(payload) > MAX_BYTES:
                    raise AnswerRefused(Why.BAD_ANSWER, f"{address}: more than {MAX_BYTES} bytes")
            return response.status_code, payload

    async def _within_time(self, work: Coroutine[Any, Any, tuple[int, bytearray]]) -> tuple[int, bytearray]:
        """Bound the whole. httpx bounds each read: a provider that sends a byte now and then would go on for ever."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await work
        except TimeoutError:
            raise AnswerRefused(Why.PROVIDER_AWAY, f"no answer in {self._timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise AnswerRefused(Why.PROVIDER_AWAY, f"{type(error).__name__}: {error}") from None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._waiting.acquire(timeout=TURN_S):
            raise AnswerRefused(Why.PROVIDER_BUSY)
        try:
            yield
        finally:
            self._waiting.release()


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # among them: no certificate in it
        raise SettingsRefused(
            Bilingual(
                f"sign_in.open_id.ca_file: {ca_file} を証明書として読めません: {error.strerror or error}",
                f"sign_in.open_id.ca_file: {ca_file} cannot be read as certificates: {error.strerror or error}",
            )
        ) from None


def _run(work: Coroutine[Any, Any, tuple[int, bytearray]]) -> tuple[int, bytearray]:
    """Run in a loop of this thread's own. `asyncio.run` would wait for a name server that hangs; this does not."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
