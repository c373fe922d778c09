"""Under which names the pages may be asked for: nobody elsewhere can lend us a name."""

import httpx
import pytest

from ingest.errors import SettingsRefused
from ingest.settings.model import load
from ingest.web.headers import within
from ingest.web.hosts import HostRule
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi

LOOPBACK = HostRule("127.0.0.1")
OPEN = HostRule("0.0.0.0", ["ingest", "Pages.Example.LG.jp", "[2001:db8::7]"])


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST.:1", "127.0.0.1", None])
def test_a_loopback_installation_knows_its_own_names(host: str | None) -> None:
    assert LOOPBACK.allows(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[::1",
     "evil.example@127.0.0.1", "127.0.0.1@evil.example", "2130706433"],
)  # fmt: skip
def test_and_no_other(host: str) -> None:
    assert not LOOPBACK.allows(host, "127.0.0.1")


def test_an_open_installation_knows_addresses_and_the_names_in_its_settings() -> None:
    for host in (
        "ingest:8080",
        "pages.example.lg.jp",
        "10.42.0.7:8080",
        "[fd00::5]:8080",
        "[2001:DB8:0::7]",
        "localhost",
    ):
        assert OPEN.allows(host, "172.18.0.3")
    for host in ("evil.example", "ingest.evil.example", "10.42.0.7.evil.example"):
        assert not OPEN.allows(host, "172.18.0.3")


def test_a_probe_that_asks_by_the_address_of_the_pod_is_answered() -> None:
    assert HostRule("pod.internal").allows("10.42.0.7:8080", "10.42.0.7")
    assert HostRule("::1").allows("[::1]:8080", "::1")


def test_a_wrong_name_gets_421_and_nothing_of_ours(site: str) -> None:
    for path in ("/", "/api/v1/devices", "/metrics", "/readyz", "/static/page.css", "/nowhere"):
        answer = httpx.get(f"{site}{path}", headers={"Host": "evil.example"}, timeout=30)
        assert answer.status_code == 421, path
        assert "evil" not in answer.text
        assert "allowed_hosts" in answer.text
        assert answer.headers["Content-Security-Policy"]
    assert httpx.get(f"{site}/api/v1/devices", headers={"Host": "evil.example"}, timeout=60).json()["status"] == 421


def test_what_a_stranger_says_about_forwarding_is_not_believed(site: str) -> None:
    forwarded = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    answer = httpx.get(f"{site}/api/v1/devices/", headers=forwarded, timeout=60)
    assert answer.status_code == 307
    assert answer.headers["location"] == "/api/v1/devices"


def test_a_redirect_stays_here() -> None:
    """`//name` is another host for a browser."""
    assert within("http://evil.example//evil.example/x?a=1#b") == "/evil.example/x?a=1#b"
    assert within("//evil.example") == "/"
    assert within("/\\evil.example") == "/evil.example"
    assert within("/devices?x=1") == "/devices?x=1"


@pytest.mark.parametrize("name", ["https://pages.example", "pages.example:8080", "*", "*.example", "", "a b"])
def test_a_setting_that_is_no_name_is_refused_with_what_to_write(name: str) -> None:
    with pytest.raises(SettingsRefused, match=r"web\.allowed_hosts.*write names alone"):
        load({"web": {"allowed_hosts": [name]}})


def test_the_address_of_the_pages_is_one_setting(any_database: Database, run_noroshi: RunNoroshi) -> None:
    """By its name they may be asked for, and the links of the dashboards lead there."""
    settings = load({"web": {"url": "https://Noroshi.example.lg.jp:8443/"}}).web
    assert settings.url == "https://Noroshi.example.lg.jp:8443"
    assert HostRule(settings.host, settings.names).allows("noroshi.example.lg.jp:8443", "10.0.0.1")
    for url in (settings.url, ""):  # an upgrade that is not told keeps what was
        run_noroshi("db", "upgrade", "--database", any_database.url, NOROSHI_WEB__URL=url)
        with any_database.connect() as connection:
            assert connection.execute("select figure_pages_url()").fetchone() == (settings.url,)


@pytest.mark.parametrize("url", ["noroshi.example", "ftp://a", "https://", "https://u:p@a", "https://a/?x=1"])
def test_an_address_that_is_none_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(SettingsRefused, match=r"web\.url.*as https://noroshi"):
        load({"web": {"url": url}})
