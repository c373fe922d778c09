"""Accounts come, change and go with the registry, and a run that was interrupted is finished by the next."""

import socket
import subprocess
from pathlib import Path

import pytest

from ingest.broker_accounts.changes import Deed, Difference
from ingest.broker_accounts.wanted import Rules
from ingest.settings.routes import DEFAULT_ROUTES
from tests.deploy.installation import DEPLOY
from tests.deploy.shipped import ADMIN, SEARCH, VERSIONS, certificates_in, shipped_broker
from tests.security.test_attacker import NOT_AUTHORIZED, YES
from tests.security.test_certificates import by_certificate, showing
from tests.security.valley import DOCUMENT, GAUGE, INGEST, OTHER_GAUGE, Valley, gauge, up

WITHOUT_GAUGE = DOCUMENT.model_copy(update={"devices": DOCUMENT.devices[1:]})
STOPPED = DOCUMENT.model_copy(update={"devices": (gauge("gauge-1", enabled=False), *DOCUMENT.devices[1:])})


def test_a_second_run_finds_nothing_to_do(own_valley: Valley) -> None:
    plan = own_valley.apply()
    assert (plan.steps, plan.commands) == ((), ())
    assert plan.unchanged == 6


def test_what_the_registry_no_longer_has_is_gone_with_its_role(own_valley: Valley) -> None:
    with own_valley.client(GAUGE) as device:
        plan = own_valley.apply(WITHOUT_GAUGE)
        assert [(step.deed, step.username) for step in plan.steps] == [(Deed.REMOVE, GAUGE)]
        assert not device.alive()
    with own_valley.client(GAUGE) as device:
        assert device.code not in (0, None)
    assert own_valley.apply(WITHOUT_GAUGE).commands == ()


def test_accounts_of_others_are_left_alone(own_valley: Valley) -> None:
    control(own_valley, "createRole", "theirs")
    control(own_valley, "addRoleACL", "theirs", "publishClientSend", "theirs/#", "allow")
    control(own_valley, "createClient", "somebody", "-p", "secret of somebody")
    control(own_valley, "addClientRole", "somebody", "theirs")
    own_valley.passwords["somebody"] = "secret of somebody"
    own_valley.apply(WITHOUT_GAUGE)
    with own_valley.client("somebody") as somebody:
        assert somebody.publish("theirs/topic") in YES


def test_an_account_of_somebody_else_under_a_name_of_ours_stops_everything(own_valley: Valley) -> None:
    own_valley.apply(WITHOUT_GAUGE)
    control(own_valley, "createClient", GAUGE, "-p", "secret of somebody")
    plan = own_valley.apply()
    assert GAUGE in plan.problems[0].en
    assert plan.commands == ()


def test_a_new_password_ends_the_old_one(own_valley: Valley) -> None:
    with own_valley.client(GAUGE) as before, own_valley.client(OTHER_GAUGE) as other:
        old = own_valley.passwords[GAUGE]
        plan = own_valley.apply(rotate={GAUGE})
        assert plan.steps[0].differences == (Difference.PASSWORD,)
        assert not before.alive()
        assert other.alive()
    assert own_valley.passwords[GAUGE] != old
    with own_valley.client(GAUGE) as device:
        assert device.publish(up(GAUGE)) in YES
    own_valley.passwords[GAUGE] = old
    with own_valley.client(GAUGE) as device:
        assert device.code not in (0, None)


def test_a_stopped_device_is_kept_out_and_comes_back_with_its_password(own_valley: Valley) -> None:
    own_valley.apply(STOPPED)
    with own_valley.client(GAUGE) as device:
        assert device.code not in (0, None)
    assert own_valley.apply(STOPPED).commands == ()
    plan = own_valley.apply()
    assert not plan.told_once
    with own_valley.client(GAUGE) as device:
        assert device.publish(up(GAUGE)) in YES


def test_another_client_id_and_another_topic_are_a_change(own_valley: Valley) -> None:
    document = DOCUMENT.model_copy(
        update={"devices": (gauge("gauge-1", client_id="SN-0001", sparkplug_id="plant/g1"), *DOCUMENT.devices[1:])}
    )
    plan = own_valley.apply(document)
    assert plan.steps[0].differences == (Difference.TOPICS, Difference.CLIENT_ID)
    with own_valley.client(GAUGE, client_id="SN-0001") as device:
        assert device.publish("spBv1.0/plant/NDATA/g1") in YES
    free = Rules(DEFAULT_ROUTES, any_client_id=frozenset({GAUGE}))
    assert own_valley.apply(rules=free).steps[0].differences == (Difference.TOPICS, Difference.CLIENT_ID)
    with own_valley.client(GAUGE, client_id="anything") as device:
        assert device.publish(up(GAUGE)) in YES
    assert own_valley.apply(rules=free).commands == ()


@pytest.mark.parametrize("version", VERSIONS)
def test_an_interrupted_run_is_finished_by_the_next(version: str) -> None:
    with shipped_broker(version) as broker:
        valley = Valley(broker)
        steps = len(valley.apply(only=0).commands)
        for done in range(1, steps, 3):
            valley.apply(only=done)  # of what is left
        valley.apply()
        assert valley.apply().commands == ()
        plan = valley.apply(rotate={GAUGE, OTHER_GAUGE})  # whose passwords were told while nothing was carried out
        assert len(plan.told_once) == 2
        for name in (GAUGE, OTHER_GAUGE):
            with valley.client(name) as device:
                assert device.publish(up(name)) in YES


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stopped_or_removed_device_cannot_use_its_certificate(version: str, tmp_path: Path) -> None:
    authority = certificates_in(tmp_path, GAUGE)
    with shipped_broker(version, certificates=authority) as broker:
        valley = Valley(broker)
        for document in (STOPPED, WITHOUT_GAUGE):
            valley.apply(document)
            with by_certificate(valley, showing(authority, GAUGE)) as device:
                assert device.code != 0 or device.publish(up(GAUGE)) == NOT_AUTHORIZED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_revoked_certificate_is_refused_after_the_next_start(version: str, tmp_path: Path) -> None:
    authority = certificates_in(tmp_path, GAUGE, OTHER_GAUGE)
    context = showing(authority, GAUGE)
    script = str(DEPLOY / "tls/authority.sh")
    settings = {"PATH": SEARCH, "NOROSHI_TLS": str(authority)}
    subprocess.run([script, "revoke", GAUGE], env=settings, check=True, capture_output=True)
    with shipped_broker(version, certificates=authority) as broker:
        valley = Valley(broker)
        valley.apply()
        assert by_certificate(valley, context).code is None
        with by_certificate(valley, showing(authority, OTHER_GAUGE)) as other:
            assert other.code == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_a_flood_of_connections_ends_at_the_limit_and_throws_nobody_out(version: str) -> None:
    with shipped_broker(version, edits={"max_connections 4000": "max_connections 30"}) as broker:
        valley = Valley(broker)
        valley.apply()
        with valley.client(GAUGE) as device, valley.client(INGEST) as service:
            flood = [socket.create_connection(("127.0.0.1", broker.port)) for _ in range(60)]
            try:
                assert device.publish(up(GAUGE)) in YES
                assert service.alive()
                with valley.client(OTHER_GAUGE) as late:
                    assert late.code is None
            finally:
                for connection in flood:
                    connection.close()
            assert device.publish(up(GAUGE)) in YES
        with valley.client(OTHER_GAUGE) as late:
            assert late.code == 0


def control(valley: Valley, *words: str) -> None:
    """What somebody else does with the tool of Mosquitto."""
    address = ["-h", "127.0.0.1", "-p", str(valley.broker.port), "-u", "noroshi-admin", "-P", ADMIN]
    command = [*valley.broker.inside(), "mosquitto_ctrl", *address, "dynsec", *words]
    subprocess.run(command, check=True, capture_output=True, env={"PATH": SEARCH})
