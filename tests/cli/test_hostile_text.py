"""Whatever a device, a file or a broker says, a terminal shows it and does not obey it."""

import ast
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import mqtt5
import psycopg
import pytest

from ingest.cli.main import COMMANDS
from schemas.foreign import unseen_in
from tests.acceptance.fleet import document, publish, register
from tests.fixtures.broker import Broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi, StartService, eventually

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\u2066\u200b\u2028\x85\r\x7f\ufeff\nnoroshi: all is well"
SAYS_ONLY_ITS_OWN = {"demo", "simulate", "bench", "settings", "db", "quantities", "broker", "ingest"}
"""Their words are the program's, but for errors and logs, which are tried below."""

REGISTRY = """
projects: [{code: farm, name: "NAME"}]
networks: [{code: net, project: farm, kind: lpwa, name: "NAME"}]
devices: [{code: "NAME", project: farm, network: net, name: "NAME", client_id: "NAME"}]
profiles: [{code: p, fields: {"NAME": "NAME"}}]
"NAME": []
"""


def in_yaml(text: str) -> str:
    return text.replace("NAME", json.dumps(HOSTILE)[1:-1])


@pytest.fixture
def hostile(any_database: Database) -> str:
    """A database full of it, as if it had been written when nothing was refused yet."""
    register(any_database.url, document(1))
    with psycopg.connect(any_database.url) as connection:
        connection.execute("update device set name = %(it)s, model = %(it)s, serial = %(it)s", {"it": HOSTILE})
        connection.execute("update project set name = %s", (HOSTILE,))
        connection.execute("insert into organisation (code, name) values (%s, %s)", (HOSTILE, HOSTILE))
        connection.execute("insert into person (login, name, department) values (%s, %s, %s)", (HOSTILE,) * 3)
        connection.execute(
            "insert into api_token (digest, name, person_id, scopes, expires_at)"
            " select '1', %s, person_id, '{figures}', now() from person",
            (HOSTILE,),
        )
        connection.execute(
            "insert into quarantine (message_id, time, part, received_at, reason, detail, part_name, part_value, topic,"
            " payload) values (1, now(), 0, now(), 'unknown_topic', %(it)s, %(it)s, %(json)s, %(it)s, %(bytes)s)",
            {"it": HOSTILE, "json": json.dumps(HOSTILE), "bytes": HOSTILE.encode()},
        )
        connection.execute(
            "insert into quarantine (message_id, time, part, received_at, reason, detail, topic, payload)"
            " values (2, now(), 0, now(), 'unknown_topic', '', 'a', %s)",
            (HOSTILE.replace("\x1b", "").encode(),),
        )
        connection.execute(
            "insert into watch_document (project_id, number, body, source, applied_by, reason)"
            " select project_id, 1, %(json)s, %(source)s, %(it)s, %(it)s from project",
            {"it": HOSTILE, "json": json.dumps(HOSTILE), "source": HOSTILE.replace("\n", " ")},  # it has lines
        )
        words = "select project_id, now(), now() + interval '1 hour', %s, %s from project"
        for table, names in (
            ("watch_maintenance", "starts, ends, reason, entered_by"),
            ("watch_duty", "starts, ends, person, entered_by"),
            ("watch_drill", "starts, ends, title, begun_by"),
        ):  # fmt: skip
            connection.execute(f"insert into {table} (project_id, {names}) {words}".encode(), (HOSTILE, HOSTILE))
    return any_database.url


def calls(url: str, folder: Path) -> Iterator[tuple[str, ...]]:
    """Calls of every command that says something of others."""
    message, frame, out = folder / "message.json", folder / "frame.json", folder / "out"
    message.write_text(json.dumps({"ts": HOSTILE, "readings": {HOSTILE: HOSTILE}, HOSTILE: HOSTILE}))
    frame.write_text(json.dumps({"StatusSNS": {HOSTILE: HOSTILE}, "Time": HOSTILE}))
    files = {}
    for name, text in (("own.yaml", in_yaml(REGISTRY)), ("broken.yaml", f"a: [{HOSTILE}"), ("t.csv", HOSTILE)):
        files[name] = folder / name
        files[name].write_text(text)
    at = ("--database", url)
    device = ("--project", "farm", "--device", "dev-0", "--who", HOSTILE, "--why", HOSTILE)
    yield ("registry", "export", *at)
    yield from (("registry", "apply", str(file), *at) for file in files.values())
    yield from (("access", "apply", str(file), *at) for file in files.values())
    yield ("access", "show", *at)
    for form in ((), ("--json",)):
        yield ("access", "user", "list", *form, *at)
        yield ("access", "token", "list", *form, *at)
    yield ("access", "init", "--login", HOSTILE, *at)
    yield ("access", "user", "add", HOSTILE, "--name", HOSTILE, "--role", "viewer", "--organisation", HOSTILE, *at)
    yield ("access", "token", "add", HOSTILE, "--for", "a", "--scope", "figures", "--project", HOSTILE, *at)
    yield ("quarantine", "list", *at)
    yield from (("quarantine", "show", number, *at) for number in ("1", "2"))
    yield ("quarantine", "replay", *at)
    for topic in (HOSTILE, "noroshi/v1/farm/dev-0/up", f"noroshi/v1/farm/{HOSTILE}/up"):
        for form in ((), ("--json",)):
            yield ("check", "--topic", topic, "--file", str(message), *form, *at)
    yield ("decode", "--map", "tasmota", "--event", HOSTILE, str(frame))
    yield ("decode", "--map", HOSTILE, str(frame))
    yield ("decode", "--from", str(files["own.yaml"]), "--profile", HOSTILE, "--hex", "00")
    yield ("annul", *device, "--from", "2026-04-01", *at)
    yield ("correct", "recalibrate", *device, "--from", "2026-04-01", "--quantity", HOSTILE, "--scale", "2", *at)
    yield ("corrections", "list", *at)
    yield ("corrections", "revoke", "1", "--who", HOSTILE, "--why", HOSTILE, *at)
    yield ("retention", "show", *at)
    yield ("retention", "set", HOSTILE, "raw", "12", *at)
    yield ("report", "usage", "--project", "farm", "--month", "2026-04", "--format", "csv", "-o", f"{out}.csv", *at)
    yield from (("audit", "list", "--format", form, *at) for form in ("text", "json"))
    yield ("audit", "verify", "--expect", HOSTILE, *at)
    yield from calls_of_plans(files, at)
    yield from (("watch", "apply", str(file), "--reason", HOSTILE, *at) for file in files.values())
    yield from calls_of_watch(("--project", "farm", *at))
    yield ("export", "--project", "farm", "-o", str(out), *at)
    yield ("import", str(out), "--verify")
    yield ("import", str(out), "--compare", *at)
    yield ("doctor", "--only", "database", "--only", "retention", *at)
    yield ("doctor", "--json", "--only", "database", "--broker", "mqtt://127.0.0.1:9", *at)
    yield (HOSTILE,)
    yield ("check", HOSTILE)
    yield ("report", "usage", "--project", HOSTILE, "--month", HOSTILE, *at)


def calls_of_plans(files: Mapping[str, Path], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield from (("plan", "apply", str(file), "--reason", HOSTILE, *at) for file in files.values())
    yield from (("plan", verb, str(files["t.csv"]), "--project", "farm", *at) for verb in ("log", "outages"))
    for verb in ("show", "check", "freeze", "review"):
        yield ("plan", verb, "--project", "farm", *at)
        yield ("plan", verb, "--project", HOSTILE, *at)


def calls_of_watch(at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield from (("watch", "show", *form, *at) for form in ((), ("--json",), ("--versions",)))
    yield ("watch", "note", "1", HOSTILE, *at)
    yield ("watch", "missed", HOSTILE, "--place", HOSTILE, *at)
    yield ("watch", "maintenance", "begin", "--device", HOSTILE, "--minutes", "5", "--reason", HOSTILE, *at)
    yield ("watch", "duty", "set", HOSTILE, "--minutes", "5", *at)
    yield ("watch", "drill", "begin", HOSTILE, "--minutes", "5", *at)
    yield ("watch", "drill", "inject", HOSTILE, f"{HOSTILE}=1", *at)
    yield from (("watch", what, "list", *at) for what in ("maintenance", "duty", "drill"))


def expect_harmless(words: tuple[str, ...], said: str) -> None:
    for line in said.split("\n"):
        assert unseen_in(line) is None, (words, line)
        assert line != "noroshi: all is well", (words, "a line of somebody else")


def test_no_command_passes_control_sequences_on(hostile: str, tmp_path: Path) -> None:
    from tests.fixtures.forked import forked  # noqa: PLC0415  any exit code is right here

    walked = set()
    for words in calls(hostile, tmp_path):
        if any("\0" in word for word in words):
            continue
        done = forked(
            words, environment={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}, directory=tmp_path, timeout_s=60
        )
        expect_harmless(words, done.stdout + done.stderr)
        assert "Traceback" not in done.stderr, (words, done.stderr)
        if "--json" in words and done.stdout:
            json.loads(done.stdout)
        walked.add(words[0])
    assert walked >= set(COMMANDS) - SAYS_ONLY_ITS_OWN


@pytest.mark.parametrize("form", ["json", "console"])
async def test_no_log_passes_them_on(
    any_database: Database, mosquitto: Broker, start_service: StartService, form: str
) -> None:
    register(any_database.url, document(1))
    service = start_service(any_database.url, mosquitto.url, NOROSHI_LOG__FORMAT=form, NOROSHI_LOG__LEVEL="debug")
    await publish(mosquitto.url, [("noroshi/v1/farm/dev-0/up", HOSTILE.encode()), ("noroshi/v1/a\u202eb/c/up", b"{}")])
    eventually(lambda: service.settled() == 2)
    service.terminate()
    for line in service.process.log.read_text().split("\n"):
        expect_harmless(("ingest",), line)


@pytest.fixture
def rude_broker() -> Iterator[int]:
    """Answers every CONNECT with no, and with words of its own."""
    no = mqtt5.ConnAckPacket(
        reason_code=mqtt5.ConnAckReasonCode.NOT_AUTHORIZED, reason_str=HOSTILE.replace("\x85", "")
    ).write()
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def answer() -> None:
        while not over.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client:
                client.settimeout(5)
                client.recv(65_536)
                client.sendall(bytes(no))

    thread = threading.Thread(target=answer)
    thread.start()
    yield server.getsockname()[1]
    over.set()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_the_words_of_a_broker_that_refuses_are_shown_and_not_obeyed(
    any_database: Database, run_noroshi: RunNoroshi, rude_broker: int
) -> None:
    at = ("--database", any_database.url, "--broker", f"mqtt://127.0.0.1:{rude_broker}")
    for words in (("ingest", "--port", "0", *at), ("doctor", "--only", "broker", *at)):
        done = run_noroshi(*words, code=1)
        assert "owned" in done.stdout + done.stderr
        expect_harmless(words, done.stdout + done.stderr)


def test_commands_print_in_one_place_only() -> None:
    """`say` makes visible what is not seen; whoever prints otherwise could forget it."""
    folder = Path(__file__).parents[2] / "ingest"
    files = [file for file in folder.rglob("*.py") if file.name not in ("say.py", "foreign.py")]
    # A tool of developers that prints its own figures; children that answer their parent.
    allowed = {"bench/backlog.py", "handover/trial.py", "report/read/process.py"}
    for file in files:
        if str(file.relative_to(folder)) in allowed:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert name not in ("print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"), file
