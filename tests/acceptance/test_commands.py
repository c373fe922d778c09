"""The command line as an operator meets it: clear lines, right exit codes."""

import re
from typing import Any

import pytest

from tests.acceptance.fleet import document, native, one, publish, register, topic
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.ports import free_port
from tests.fixtures.service import RunNoroshi, StartService, eventually


def test_every_command_of_the_contract_is_there(run_noroshi: RunNoroshi) -> None:
    said = run_noroshi("--help").stdout
    for command in [
        "demo",
        "ingest",
        "db",
        "registry",
        "quantities",
        "check",
        "quarantine",
        "report",
        "simulate",
        "bench",
        "decode",
        "settings",
    ]:
        assert re.search(rf"^  {command} ", said, re.MULTILINE), command


def test_every_setting_is_printed_with_its_meaning(run_noroshi: RunNoroshi) -> None:
    lines = run_noroshi("settings", NOROSHI_BROKER__PASSWORD="hidden-one").stdout.splitlines()
    names = [line.split(" = ")[0] for line in lines if line.startswith("NOROSHI_") and " = " in line]
    assert "NOROSHI_BROKER__URL" in names
    assert len(names) == len(set(names)) > 30
    for name in names:
        (place,) = (number for number, line in enumerate(lines) if line.startswith(f"{name} = "))
        assert lines[place + 1].startswith("    "), f"{name} has no meaning"
        assert len(lines[place + 1].strip()) > 10, f"{name} has no meaning"
    assert "hidden-one" not in "\n".join(lines)


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (["ingest"], {"NOROSHI_BROKER__URL": "http://broker"}, "broker.url (NOROSHI_BROKER__URL): write mqtt://"),
        (["ingest", "--broker", "localhost"], {}, "broker.url"),
        (["ingest", "--database", "mysql://x"], {}, "database.url (NOROSHI_DATABASE__URL): write postgresql://"),
        (["ingest"], {"NOROSHI_INTAKE__WRITERS": "0"}, "intake.writers (NOROSHI_INTAKE__WRITERS)"),
        (["ingest"], {"NOROSHI_BROKR__URL": "mqtt://x"}, "NOROSHI_BROKR__URL: there is no such setting"),
        (["ingest"], {"NOROSHI_BROKER__URI": "mqtt://x"}, "there is no such setting"),
        (["ingest"], {"NOROSHI_INTAKE__BATCH_MESSAGES": "99999"}, "larger than intake.window_messages"),
        (["ingest"], {"NOROSHI_BROKER__CERT_FILE": "x.pem"}, "cert_file and key_file go together"),
        (["db", "nonsense"], {}, "No such command"),
    ],
)
def test_wrong_calls_and_settings_are_refused_with_the_name_and_what_to_write(
    run_noroshi: RunNoroshi, arguments: list[str], settings: dict[str, str], said: str
) -> None:
    done = run_noroshi(*arguments, code=2, **settings)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named(mosquitto: Broker, run_noroshi: RunNoroshi) -> None:
    done = run_noroshi("ingest", "--port", str(mosquitto.port), code=2)
    assert f"setting web.port (NOROSHI_WEB__PORT): cannot listen on 127.0.0.1:{mosquitto.port}" in done.stderr


def test_a_database_that_is_away_is_one_clear_line(run_noroshi: RunNoroshi) -> None:
    done = run_noroshi("db", "status", "--database", f"postgresql://me:secret@127.0.0.1:{free_port()}/none", code=1)
    assert done.stderr.startswith("noroshi: database.url: no connection to postgresql://me@127.0.0.1:")
    assert "secret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_service_waits_for_a_database_and_says_what_to_do(
    mosquitto: Broker, any_database: Database, start_service: StartService
) -> None:
    connection = any_database.connect()
    connection.execute("alter table schema_migration rename to elsewhere")
    service = start_service(any_database.url, mosquitto.url, ready=False)
    eventually(lambda: "run `noroshi db upgrade`" in service.get("/readyz")[1])
    assert service.get("/livez")[0] == 200
    connection.execute("alter table elsewhere rename to schema_migration")
    eventually(service.is_ready)


def test_the_service_waits_for_a_broker_and_says_what_was_tried(
    any_database: Database, start_service: StartService
) -> None:
    port = free_port()
    service = start_service(any_database.url, f"mqtt://127.0.0.1:{port}", ready=False)
    eventually(lambda: f"127.0.0.1:{port}" in service.get("/readyz")[1])
    assert service.get("/readyz")[0] == 503


async def test_what_is_set_aside_can_be_listed_and_shown(
    any_database: Database, mosquitto: Broker, start_service: StartService, run_noroshi: RunNoroshi
) -> None:
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, [(topic(0), b"junk"), (topic(5), b"\x00\x01"), native(0, 1)])
    service.wait_settled(3)
    at = ("--database", any_database.url)
    listed = run_noroshi("quarantine", "list", *at).stdout
    assert "not_json" in listed
    assert "unknown_device" in listed
    assert "unknown_device" not in run_noroshi("quarantine", "list", "--reason", "not_json", *at).stdout
    number = listed.splitlines()[-1].split()[0]
    shown = run_noroshi("quarantine", "show", number, *at).stdout
    assert "reason    not_json\n" in shown
    assert "junk" in shown
    assert "there is no row 999" in run_noroshi("quarantine", "show", "999", *at, code=2).stderr
    assert "still refused 2" in run_noroshi("quarantine", "replay", *at).stdout


def test_the_database_is_upgraded_once_and_described(database: Database, run_noroshi: RunNoroshi) -> None:
    at = ("--database", database.url)
    assert "is up to date" in run_noroshi("db", "upgrade", *at).stdout
    said = run_noroshi("db", "status", *at).stdout
    assert re.search(rf"^tier +{database.tier}$", said, re.MULTILINE)
    assert re.search(r"^reading +0 rows", said, re.MULTILINE)


async def test_the_summary_has_the_keys_everybody_counts_on(
    any_database: Database, mosquitto: Broker, start_service: StartService
) -> None:
    register(any_database.url, document(2))
    service = start_service(any_database.url, mosquitto.url)
    await publish(mosquitto.url, [native(n, 2) for n in range(10)] + [(topic(0), b"junk")])
    service.wait_settled(11)
    summary: dict[str, Any] = service.terminate()
    counts = ["received", "stored", "duplicate", "quarantined", "in_flight", "readings_stored", "devices"]
    assert list(summary) == [*counts, "seconds", "database", "timescaledb", "broker", "url"]
    assert [summary[key] for key in counts] == [11, 10, 0, 1, 0, 20, 2]
    assert one(any_database.url, "select count(*) from uplink") == 10
