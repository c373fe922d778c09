"""One POST over HTTP, within bounds: time, size of the answer, no redirects. It says exactly how far it came."""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from ingest.watch.delivery.model import Fate, Outcome
from schemas.bilingual import Bilingual

MOST_ANSWER_BYTES = 4_096
"""More of an answer is not read: the connection is closed."""
LONGEST_ANSWER = 300
"""So many characters of an answer are kept."""
SPARE_S = 0.1
"""A body is read until so long before the time runs out: to close the connection takes a moment."""
LONGEST_WAIT_S = 900.0
"""A receiver may ask for a pause (Retry-After) of so long."""

_LATER = frozenset((408, 425, 429))
_OF_PAYLOAD = frozenset((400, 411, 413, 414, 415, 422))
"""Answers about the message itself: the same message is refused again."""


class Post(NamedTuple):
    """What is sent, and where. `ca_file`: the authority of the receiver; None: those of the system.

    `outside`: it is sent to an address of the internet alone, not to a machine of our own network.
    """

    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout_s: float
    ca_file: Path | None = None
    outside: bool = False


class Answer(NamedTuple):
    """What came back. `text`: the beginning of the body in one line. `whole`: the body ended, or enough of it came."""

    status: int
    text: str
    retry_after_s: float | None
    whole: bool = True


def post(request: Post) -> Answer | Outcome:
    """Send it, blocking for at most `timeout_s`; the answer, or what went wrong on the way. Never raises for either."""
    try:
        proxy = _proxy_of(request.url)
        refused = _refused_address(request, by_proxy=proxy is not None)
    except ValueError as error:  # an address that is none
        return _unresolved(error)
    if refused is not None:
        return refused
    try:
        context = _context_of(request)
    except OSError as error:
        said = _short(str(error.strerror or error))
        return Outcome(Fate.LATER, why=Bilingual(f"ca_file を読めません: {said}", f"ca_file cannot be read: {said}"))
    progress: list[bool] = []
    try:
        return asyncio.run(_within(request, context, proxy, progress))
    except TimeoutError:
        return _no_answer(sent=bool(progress))
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        connecting = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL))
        return _broken(error, sent=bool(progress) and not connecting)


def _context_of(request: Post) -> ssl.SSLContext:
    """Whom we trust. Reading the authorities of a system takes longer than the message: kept until a file changes."""
    if not request.url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # of no use without TLS, but quick to make
    if request.ca_file is None:
        return _read_authorities(None, 0)
    return _read_authorities(request.ca_file, request.ca_file.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read_authorities(file: Path | None, _changed_ns: int) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


async def _within(request: Post, context: ssl.SSLContext, proxy: str | None, progress: list[bool]) -> Answer:
    until_s = asyncio.get_running_loop().time() + request.timeout_s
    async with asyncio.timeout_at(until_s):
        async with (
            httpx.AsyncClient(verify=context, follow_redirects=False, timeout=request.timeout_s, proxy=proxy,
                              trust_env=False) as client,
            client.stream("POST", request.url, content=request.body, headers=dict(request.headers),
                          extensions={"trace": _Trace(progress)}) as answer,
        ):  # fmt: skip
            taken, whole = await _beginning(answer, until_s - SPARE_S)
            text = _short(taken.decode("utf-8", "replace"))
            return Answer(answer.status_code, text, _retry_after(answer.headers.get("retry-after", "")), whole)


async def _beginning(answer: httpx.Response, until_s: float) -> tuple[bytes, bool]:
    """What comes of a body until then. Its status is the answer: a body that never ends takes nothing of it back."""
    taken = b""
    try:
        async with asyncio.timeout_at(until_s):
            async for piece in answer.aiter_raw():
                taken += piece
                if len(taken) >= MOST_ANSWER_BYTES:
                    break
    except (TimeoutError, httpx.HTTPError):
        return taken[:MOST_ANSWER_BYTES], False
    return taken[:MOST_ANSWER_BYTES], True


class _Trace:
    """Notes when bytes of the request may have reached the receiver. Called by httpx's transport."""

    def __init__(self, progress: list[bool]) -> None:
        self._progress = progress

    async def __call__(self, event: str, _info: Mapping[str, object]) -> None:
        if event.endswith("send_request_body.started"):
            self._progress.append(True)


def outcome_of(answer: Answer) -> Outcome:
    """What an answer means for a message: 2xx is taken, anything else is not, and some of it never will be."""
    status, text = answer.status, answer.text
    shown = f"HTTP {status} {text}".strip()
    if 200 <= status < 300:
        return Outcome(Fate.DELIVERED, shown)
    why = Bilingual(f"受信側の返事: {shown}", f"the receiver answered: {shown}")
    if status == 410:
        return Outcome(Fate.GONE, shown, why)
    if status in _OF_PAYLOAD:
        return Outcome(Fate.NEVER, shown, why)
    if 300 <= status < 400:
        why = Bilingual(
            f"受信側が別の住所へ移るよう答えました(HTTP {status})。転送には従いません。url を直してください",
            f"the receiver answered with a redirect (HTTP {status}), which is not followed: correct its url",
        )
    busy = status in _LATER or status >= 500
    return Outcome(Fate.LATER, shown, why, of_receiver=True, after_s=answer.retry_after_s if busy else None)


def _no_answer(*, sent: bool) -> Outcome:
    if sent:
        return Outcome(
            Fate.DOUBT,
            why=Bilingual("送った後、時間内に返事がありませんでした", "no answer came in time after it was sent"),
            of_receiver=True,
        )
    why = Bilingual("受信側に時間内につながりません", "the receiver cannot be reached in time")
    return Outcome(Fate.LATER, why=why, of_receiver=True)


def _broken(error: Exception, *, sent: bool) -> Outcome:
    said = _short(str(error)) or type(error).__name__
    if sent:
        why = Bilingual(f"返事の途中で切れました: {said}", f"the connection broke before an answer: {said}")
        return Outcome(Fate.DOUBT, why=why, of_receiver=True)
    why = Bilingual(f"受信側につながりません: {said}", f"the receiver cannot be reached: {said}")
    return Outcome(Fate.LATER, why=why, of_receiver=True)


def _proxy_of(url: str) -> str | None:
    """The proxy to the outside by the variables of the environment (HTTPS_PROXY, NO_PROXY). Raises ValueError."""
    parts = urlsplit(url)
    proxies = getproxies()
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or proxy_bypass(parts.netloc):
        return None
    return found if "://" in found else f"http://{found}"


def _refused_address(request: Post, *, by_proxy: bool) -> Outcome | None:
    """Addresses that no receiver has: link-local ones, where clouds keep their secrets, multicast and unspecified.

    Private ones are allowed: receivers of a municipality mostly stand in its own network. `by_proxy`: names are looked
    up by the proxy, often the only one that can. Raises ValueError for an address that is none.
    """
    parts = urlsplit(request.url)
    only_numbers = socket.AI_NUMERICHOST if by_proxy else 0
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM, flags=only_numbers)
    except (OSError, UnicodeError) as error:
        return None if by_proxy else _unresolved(error)
    for each in found:
        address = ipaddress.ip_address(str(each[4][0]).partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if (
            address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or (request.outside and not address.is_global)
        ):
            why = Bilingual(f"{address} には送りません", f"nothing is sent to {address}")
            return Outcome(Fate.LATER, why=why, of_receiver=True)
    return None


def _unresolved(error: Exception) -> Outcome:
    said = _short(getattr(error, "strerror", None) or str(error))
    why = Bilingual(f"受信側の名前が引けません: {said}", f"the name of the receiver cannot be resolved: {said}")
    return Outcome(Fate.LATER, why=why, of_receiver=True)


def _retry_after(text: str) -> float | None:
    return min(float(text), LONGEST_WAIT_S) if re.fullmatch(r"[0-9]{1,6}", text.strip()) else None


def _short(text: str) -> str:
    plain = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(plain.split())[:LONGEST_ANSWER]
