"""Checks the certificates of broker, database and pages: are they trusted, and how long are they valid?"""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from ingest.doctor.certificate import NoTls, Seen, see
from ingest.doctor.finding import Finding, bad, few, note, ok, unknown, warning
from ingest.doctor.installation import Installation
from ingest.errors import NoroshiError
from ingest.mqtt.address import address_of
from ingest.mqtt.tls import tls_context
from ingest.store.database import hosts_of
from ingest.telemetry.certificates import expiry_s
from ingest.telemetry.issued import Issued, issued
from schemas.bilingual import Bilingual, quoted

WARN_DAYS = 30
BAD_DAYS = 7
POSTGRES_HELLO = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's SSLRequest: its length, and the code that requests TLS."""

BROKER = Bilingual("ブローカー", "broker")
DATABASE = Bilingual("データベース", "database")
PAGES = Bilingual("画面", "pages")
GIVEN = Bilingual("発行した証明書", "certificates we issued")


async def examine(installation: Installation) -> Sequence[Finding]:
    """Look at all three at once, since each may be unreachable."""
    parts: list[tuple[Bilingual, Callable[[], list[Finding]]]] = [
        (BROKER, lambda: list(_broker(installation))),
        (DATABASE, lambda: list(_database(installation))),
    ]
    own, issued_file = installation.settings.web.cert_file, installation.settings.access.issued_file
    parts.append((PAGES, lambda: list(_file(own, installation.now))))
    if issued_file is not None:
        parts.append((GIVEN, lambda: list(given_last(issued(issued_file), installation.now))))
    if installation.web is not None:
        url = installation.web
        parts.append((PAGES, lambda: list(_pages(url, installation.now))))
    results = await asyncio.gather(*(asyncio.to_thread(_seen, what, look) for what, look in parts))
    return [finding for findings in results for finding in findings]


def _seen(what: Bilingual, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except NoroshiError as error:
        why = error.said
    except (OSError, ValueError) as error:
        why = quoted(error)
    return [
        unknown(Bilingual(f"{what.ja}の証明書を見られません: {why.ja}", f"{what.en}: no certificate seen: {why.en}"))
    ]


def _broker(installation: Installation) -> Iterator[Finding]:
    broker = installation.settings.broker
    address = address_of(broker)
    context = tls_context(broker, address)
    if context is None:
        yield plain(BROKER, address.host)
        return
    yield findings_of(BROKER, see(address.host, address.port, context), installation.now)
    yield from _file(broker.ca_file, installation.now, last=True)
    yield from _file(broker.cert_file, installation.now)


def _database(installation: Installation) -> Iterator[Finding]:
    url = installation.settings.database.url
    for host, port in hosts_of(url):
        if host and not host.startswith("/"):  # any other is a socket of this machine
            yield from _database_host(host, port, urlsplit(url).query, installation.now)


def _database_host(host: str, port: int, query: str, now: datetime) -> Iterator[Finding]:
    # sslmode decides whether it is trusted, and the connection of the other checks proves that.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        seen = see(host, port, context, hello=POSTGRES_HELLO)
    except NoTls:
        yield plain(DATABASE, host)
        return
    yield findings_of(DATABASE, seen, now)
    if not is_loopback(host) and "sslmode=verify" not in query:
        yield note(
            Bilingual(
                f"{DATABASE.ja}の証明書を確かめずに接続しています", "the certificate of the database is not verified"
            ),
            Bilingual(
                "database.url に ?sslmode=verify-full&sslrootcert=… を付けてください",
                "add ?sslmode=verify-full&sslrootcert=… to database.url",
            ),
        )


def _pages(url: str, now: datetime) -> Iterator[Finding]:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        yield plain(PAGES, parts.hostname or url)
        return
    yield findings_of(PAGES, see(parts.hostname, parts.port or 443, ssl.create_default_context()), now)


def plain(what: Bilingual, host: str) -> Finding:
    """The finding on a connection without TLS, which is fine within one machine."""
    if is_loopback(host):
        return ok(f"{what.ja}はこの機械の中です(暗号化なし)", f"the {what.en} is on this machine (not encrypted)")
    return note(
        Bilingual(
            f"{what.ja}({host})との間は暗号化されていません", f"the way to the {what.en} ({host}) is not encrypted"
        ),
        Bilingual(
            "閉じた網の中だけで使うか、TLS にしてください(パスワードもそのまま流れます)",
            "use it in a closed network only, or use TLS: passwords pass in the clear",
        ),
    )


def findings_of(what: Bilingual, seen: Seen, now: datetime) -> Finding:
    """The finding on a certificate: trusted or not, and how many days are left."""
    days = (seen.until - now).days
    until = f"{seen.until:%Y-%m-%d}"
    if seen.until <= now:
        return bad(
            Bilingual(f"{what.ja}の証明書は {until} に切れました",
            f"the certificate of the {what.en} expired on {until}"),
            _RENEW, days=days,
        )  # fmt: skip
    if seen.distrust:
        return bad(
            Bilingual(
                f"{what.ja}の証明書を信用できません: {seen.distrust}",
                f"the certificate of the {what.en} is not trusted: {seen.distrust}",
            ),
            Bilingual(
                "証明書に書かれた名前で接続し、署名した認証局を設定してください(ブローカーは broker.ca_file)",
                "connect by the name it was issued for, and set the authority that signed it (broker.ca_file)",
            ),
            days=days,
        )
    sentence = Bilingual(
        f"{what.ja}の証明書は {until} まで(あと {days} 日)",
        f"the certificate of the {what.en} lasts until {until} ({days} days)",
    )
    if days < BAD_DAYS:
        return bad(sentence, _RENEW, days=days)
    return warning(sentence, _RENEW, days=days) if days < WARN_DAYS else ok(*sentence, days=days)


_RENEW = Bilingual("証明書を更新し、サーバーに読み直させてください", "renew it, and have the server read it again")


def _file(path: Path | None, now: datetime, *, last: bool = False) -> Iterator[Finding]:
    """Findings on a certificate file of ours, only if it needs attention. `last`: the last of several to expire."""
    if path is None:
        return
    until = datetime.fromtimestamp(expiry_s(path, last=last), UTC)
    if (until - now).days < WARN_DAYS:
        yield findings_of(Bilingual(f"ファイル {path.name} ", f"file {path.name}"), Seen(until, ""), now)


def given_last(certificates: Sequence[Issued], now: datetime) -> Iterator[Finding]:
    """Findings that name devices whose certificates expire soon: somebody has to visit them."""
    days = {certificate.name: (certificate.until - now.date()).days for certificate in certificates}
    for limit, finding in ((BAD_DAYS, bad), (WARN_DAYS, warning)):
        soon = [name for name, left in days.items() if left < limit]
        if soon:
            names = few(soon)
            yield finding(
                Bilingual(
                    f"発行した証明書のうち {len(soon)} 件があと {limit} 日以内に切れます: {names}",
                    f"{len(soon)} of the certificates we issued run out within {limit} days: {names}",
                ),
                Bilingual(
                    "deploy/tls/authority.sh device で新しく発行し、機器に入れてください",
                    "issue new ones with deploy/tls/authority.sh device, and put them on the devices",
                ),
                days=min(days.values()),
            )
            return
    if days:
        yield ok(
            f"発行した証明書 {len(days)} 件は、どれもあと {min(days.values())} 日以上あります",
            f"{len(days)} certificates we issued all last {min(days.values())} days or more",
        )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, told from its name alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
