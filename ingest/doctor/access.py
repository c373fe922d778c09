"""Checks who may see the pages: an admin, the wall in the database, and no password in clear on the network."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from ingest.access.document import document
from ingest.access.document.state import (
    MAKE_PAGES_ROLE,
    NO_PAGES_ROLE,
    PAGES_ROLE,
    SQL_OF_PAGES_ROLE,
    pages_role_is_there,
)
from ingest.doctor.database import unmigrated
from ingest.doctor.finding import Finding, bad, ok, warning
from ingest.doctor.installation import Installation
from ingest.settings.web import WebSettings
from ingest.store.database import WatchedConnection
from ingest.store.schema import migrate
from schemas.bilingual import Bilingual


def examine(installation: Installation, connection: WatchedConnection) -> Sequence[Finding]:
    """Check accounts, the role of the pages, and how the pages are reached."""
    if migrate.pending(connection):
        return [unmigrated()]
    people = document.known(connection).people.values()
    role = pages_role_is_there(connection)
    findings = [
        *findings_of_people(sum(bool(person.administers) for person in people)),
        *findings_of_role(there=role),
        *findings_of_network(installation.settings.web),
    ]
    if findings:
        return findings
    count = sum(person.enabled for person in people)
    return [
        ok(
            f"有効な利用者 {count} 人、画面の役 {PAGES_ROLE} あり",
            f"{count} enabled people; the role {PAGES_ROLE} is there",
        )
    ]


def findings_of_people(admins: int) -> Iterator[Finding]:
    """Findings on the people: `admins` is how many can make others."""
    if not admins:
        yield warning(
            Bilingual(
                "管理者がまだいません。画面と API はこの機械からしか使えません",
                "there is no admin yet: pages and API answer this machine alone",
            ),
            Bilingual("noroshi access init を実行してください", "run noroshi access init"),
        )


def findings_of_role(*, there: bool) -> Iterator[Finding]:
    """Findings on the role that the pages take."""
    if not there:
        sql = " ".join(SQL_OF_PAGES_ROLE)
        todo = Bilingual(f"{MAKE_PAGES_ROLE.ja}: {sql}", f"{MAKE_PAGES_ROLE.en}: {sql}")
        yield bad(NO_PAGES_ROLE, todo)


def findings_of_network(web: WebSettings) -> Iterator[Finding]:
    """Findings on the way to the pages: a password must not cross a network in clear."""
    named = urlsplit(web.url)
    if web.cert_file is not None or named.scheme == "https" or _is_this_machine(web.host):
        return
    if named.hostname is not None and _is_this_machine(named.hostname):
        return  # a container listens for all, and its port is published on this machine alone
    yield warning(
        Bilingual(
            f"画面は暗号化なしで網に開いています({web.address})。パスワードとセッションが平文で流れます",
            f"the pages are open to the network without https ({web.address}): passwords and sessions pass in clear",
        ),
        Bilingual(
            "web.cert_file と web.key_file を書くか、TLS を終端する装置の後ろに置いて"
            " web.url に https の住所を書いてください",
            "set web.cert_file and web.key_file, or put something before them that ends TLS and write its https address"
            " into web.url",
        ),
        host=web.host,
        url=web.url,
    )


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
