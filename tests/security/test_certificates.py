"""IP devices show a certificate: what is in it is who they are, and nothing else lets them in."""

import ssl
from pathlib import Path

import pytest
import trustme

from tests.deploy.shipped import certificates_in
from tests.security.client import Client
from tests.security.test_attacker import NOT_AUTHORIZED, YES
from tests.security.valley import GAUGE, OTHER_GAUGE, Valley, up


def showing(authority: Path, device: str | None) -> ssl.SSLContext:
    """Trusts the broker, and shows this device's certificate."""
    context = ssl.create_default_context(cafile=authority / "authority.crt")
    if device is not None:
        files = authority / "devices" / device.replace("/", "_")
        context.load_cert_chain(f"{files}.crt", f"{files}.key")
    return context


def by_certificate(valley: Valley, context: ssl.SSLContext, *, client_id: str = "whatever") -> Client:
    return Client(valley.broker.mutual_port, None, None, client_id=client_id, context=context)


def test_a_device_with_its_certificate_speaks_for_itself_only(valley: Valley, authority: Path) -> None:
    with by_certificate(valley, showing(authority, GAUGE)) as device:
        assert device.publish(up(GAUGE)) in YES
        assert device.subscribe("#") == NOT_AUTHORIZED
    with by_certificate(valley, showing(authority, GAUGE)) as device:
        assert device.publish(up(OTHER_GAUGE)) == NOT_AUTHORIZED


def test_the_certificate_is_the_client_id_too(valley: Valley, authority: Path) -> None:
    with by_certificate(valley, showing(authority, GAUGE), client_id=OTHER_GAUGE) as attacker:
        with by_certificate(valley, showing(authority, OTHER_GAUGE)) as victim:
            assert victim.alive()
            assert attacker.alive()
        with by_certificate(valley, showing(authority, GAUGE), client_id="another") as itself:
            assert itself.alive()
            assert not attacker.alive()  # the same device came again


def test_without_a_certificate_nobody_comes_in(valley: Valley, authority: Path) -> None:
    name, password = GAUGE, valley.passwords[GAUGE]
    context = showing(authority, None)
    assert Client(valley.broker.mutual_port, name, password, context=context).code is None


def test_a_certificate_of_somebody_else_is_refused(valley: Valley, authority: Path) -> None:
    context = showing(authority, None)
    trustme.CA().issue_cert("device@example.org", common_name=GAUGE).configure_cert(context)
    assert by_certificate(valley, context).code is None


def test_a_certificate_that_has_expired_is_refused(valley: Valley, authority: Path) -> None:
    certificates_in(authority, "river/old", START="20250101000000Z", END="20260101000000Z")
    assert by_certificate(valley, showing(authority, "river/old")).code is None


def test_a_certificate_without_an_account_is_good_for_nothing(valley: Valley, authority: Path) -> None:
    certificates_in(authority, "river/gauge-9")
    with by_certificate(valley, showing(authority, "river/gauge-9")) as stranger:
        assert stranger.code != 0 or stranger.publish(up("river/gauge-9")) == NOT_AUTHORIZED


def test_a_name_and_a_password_come_in_encrypted_too(valley: Valley, authority: Path) -> None:
    context = showing(authority, None)
    with Client(valley.broker.tls_port, GAUGE, valley.passwords[GAUGE], context=context) as device:
        assert device.publish(up(GAUGE)) in YES
    assert Client(valley.broker.tls_port, GAUGE, "wrong", context=context).code not in (0, None)


@pytest.mark.parametrize("port", ["tls_port", "mutual_port"])
def test_old_versions_of_tls_are_refused(valley: Valley, authority: Path, port: str) -> None:
    context = showing(authority, GAUGE)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    assert Client(getattr(valley.broker, port), GAUGE, valley.passwords[GAUGE], context=context).code is None
