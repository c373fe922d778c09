"""A proxy in front says who somebody is: from its own address alone, and once."""

import pytest

from ingest.access.proxy import ProxyRefused, login_of_proxy
from ingest.settings.sign_in import SignInSettings

SETTINGS = SignInSettings(proxy_header="X-Remote-User", proxy_addresses=("10.0.0.5", "192.168.7.0/24", "fd00::/64"))
SATO = (b"x-remote-user", b"Sato")


@pytest.mark.parametrize("peer", ["10.0.0.5", "192.168.7.9", "fd00::7", "::ffff:10.0.0.5"])
def test_a_trusted_proxy_names_somebody(peer: str) -> None:
    assert login_of_proxy(SETTINGS, peer, [(b"host", b"a"), SATO]) == "sato"
    assert login_of_proxy(SETTINGS, peer, [(b"X-REMOTE-USER", "佐藤".encode())]) == "佐藤"


@pytest.mark.parametrize(
    "peer",
    ["10.0.0.6", "192.168.8.1", "127.0.0.1", "::1", "fd01::7", "::ffff:10.0.0.6", "", "testclient", "/run/a.sock"],
)
def test_anybody_elses_header_is_not_read(peer: str) -> None:
    assert login_of_proxy(SETTINGS, peer, [SATO]) is None
    assert login_of_proxy(SETTINGS, peer, [SATO, SATO, (b"x-forwarded-for", b"10.0.0.5")]) is None


def test_without_the_setting_no_header_is_read() -> None:
    assert login_of_proxy(SignInSettings(proxy_addresses=("10.0.0.5",)), "10.0.0.5", [SATO]) is None


def test_a_trusted_proxy_that_names_nobody_brings_nobody() -> None:
    assert login_of_proxy(SETTINGS, "10.0.0.5", [(b"x-other", b"sato"), (b"x-remote-user-id", b"7")]) is None


@pytest.mark.parametrize(
    "headers",
    [
        [SATO, SATO],
        [SATO, (b"X-Remote-User", b"suzuki")],
        [SATO, (b"x_remote_user", b"suzuki")],
        [(b"x_remote_user", b"suzuki")],
        [(b"x-remote-user", b"")],
        [(b"x-remote-user", b"  ")],
        [(b"x-remote-user", b"sato, suzuki")],
        [(b"x-remote-user", b"sato,suzuki")],
        [(b"x-remote-user", b"sato;suzuki")],
        [(b"x-remote-user", b"a b")],
        [(b"x-remote-user", b"\xff")],
        [(b"x-remote-user", b"token:1")],
        [(b"x-remote-user", "a\u200bb".encode())],
        [(b"x-remote-user", b"x" * 500)],
    ],
)
def test_a_proxy_that_says_it_twice_or_not_well_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    with pytest.raises(ProxyRefused):
        login_of_proxy(SETTINGS, "10.0.0.5", headers)
