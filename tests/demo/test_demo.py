"""`noroshi demo` and `noroshi simulate` as a person runs them, with real servers."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
import yaml

from ingest.demo.accounts import GUESTS
from ingest.demo.verdict import SUMMARY_KEYS
from ingest.embedded.brokers import find_mosquitto
from tests.fixtures.broker import Broker
from tests.fixtures.need import need

DEVICES = 24


@pytest.fixture(scope="module")
def seasoned() -> Iterator[Path]:
    """A data folder after a first run, to be copied."""
    with TemporaryDirectory(prefix="noroshi-demo-") as name:
        finished(demo(Path(name), "--seconds", "1"))
        yield Path(name)


@pytest.fixture
def folder(seasoned: Path) -> Iterator[Path]:
    """A data folder that has been used before."""
    with TemporaryDirectory(prefix="noroshi-demo-") as name:
        subprocess.run(["cp", "-a", f"{seasoned}/.", name], check=True)
        yield Path(name)


@pytest.fixture
def new_folder() -> Iterator[Path]:
    """A data folder before the first run."""
    with TemporaryDirectory(prefix="noroshi-demo-") as name:
        yield Path(name)


def noroshi(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ingest", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def demo(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return noroshi("demo", "--data", str(folder), "--devices", str(DEVICES), "--no-browser", "--port", "0", *arguments)


def finished(process: subprocess.Popen[str], timeout_s: float = 110) -> str:
    output, _ = process.communicate(timeout=timeout_s)
    return output


def until(condition: Callable[[], bool], deadline_s: float = 30) -> None:
    give_up = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < give_up, "the condition did not come true"
        time.sleep(0.05)


def children_of(folder: Path) -> dict[str, int]:
    try:
        return {name: pid for name, pid, _ in json.loads((folder / "children.json").read_text())}
    except (OSError, ValueError):
        return {}


def ended(pid: int) -> bool:
    """Gone, or a zombie that nobody has collected yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def is_live(folder: Path) -> bool:
    """A run writes down that it is not cleanly ended as soon as it is live."""
    memory = json.loads((folder / "memory.json").read_bytes())
    return memory["clean"] is False and len(children_of(folder)) == 3


def test_a_demonstration_loses_nothing(new_folder: Path) -> None:
    if find_mosquitto() is None:
        need("mosquitto", "the package mosquitto")
    folder, summary_file = new_folder, new_folder / "summary.json"
    first = demo(folder, "--seconds", "5", "--summary", str(summary_file))
    output = finished(first)
    assert first.returncode == 0, output
    summary = json.loads(summary_file.read_text(encoding="utf-8"))
    assert tuple(summary) == SUMMARY_KEYS
    assert summary["received"] == summary["stored"] + summary["duplicate"] + summary["quarantined"]
    assert summary["in_flight"] == 0
    assert summary["received"] > DEVICES * 60, "the history of a day"
    assert summary["duplicate"] == output.count("fault: duplicate 1 ")
    assert summary["quarantined"] == sum(
        int(line.split()[2]) for line in output.splitlines() if "(quarantined)" in line
    )
    assert summary["readings_stored"] > summary["stored"] * 2
    assert summary["devices"] == DEVICES
    assert 5 <= summary["seconds"] < 30
    assert "mosquitto" in summary["broker"]
    assert "PostgreSQL" in summary["database"]
    assert not children_of(folder)


def test_a_later_run_shows_its_pages_soon_on_a_free_port_and_goes_on_where_it_was(folder: Path) -> None:
    summary_file = folder / "summary.json"
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = demo(folder, "--seconds", "1", "--summary", str(summary_file), "--port", str(port))
        assert process.stdout is not None
        output = ""
        while "pages: http://" not in output:
            output += process.stdout.readline()
        assert time.monotonic() - began < 60, "within ten seconds, and some more on a busy machine"
        finished(process)
    assert f"port {port} is taken" in output
    assert process.returncode == 0
    assert json.loads(summary_file.read_text(encoding="utf-8"))["received"] < DEVICES * 10, "no history twice"


def test_the_lines_it_prints_work_as_they_are_pasted_and_its_addresses_stand_in_a_file(folder: Path) -> None:
    """The API's own examples too: all that a visitor of the demonstration is told to try."""
    if shutil.which("mosquitto_pub") is None:
        need("mosquitto_pub", "the package mosquitto-clients")
    process = demo(folder)
    try:
        said = told(process)
        assert len(re.findall(r"/link/[\w-]{43}$", said["guests"], re.MULTILINE)) == len(GUESTS)
        until(lambda: is_live(folder), 90)
        file = folder / "addresses.env"
        assert (said["addresses"], file.stat().st_mode & 0o777) == (str(file), 0o600)
        addresses = dict(line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines())
        ask = partial(asked, addresses["DEMO_TOKEN"])
        for page in re.findall(r"http://\S+", said["look"]):
            assert ask(page).startswith(b"{" if "/api/" in page else b"<!doctype html>"), page
        subprocess.run(said["publish"], shell=True, check=True, timeout=60)
        report = subprocess.run(said["report"], shell=True, timeout=90, cwd=folder, capture_output=True, check=True)
        assert "devices -> noroshi-report.xlsx" in report.stdout.decode()
        assert (folder / "noroshi-report.xlsx").read_bytes().startswith(b"PK")
        openings = f"{addresses['DEMO_API_URL']}readings?project=sato-bosai&device=gate-001&quantity=gate_opening"
        until(lambda: 40 in {row["value"] for row in json.loads(ask(openings))["rows"]}, 90)
        assert "noroshi_messages_received_total" in ask(addresses["DEMO_METRICS_URL"]).decode()
        for question in json.loads(ask(addresses["DEMO_API_URL"]))["questions"]:
            for example in question["examples"]:
                if example.startswith("/api/v1/reports/"):  # nobody has ordered one yet
                    with pytest.raises(urllib.error.HTTPError, match="404"):
                        ask(addresses["DEMO_PAGES_URL"].rstrip("/") + example)
                    continue
                assert ask(addresses["DEMO_PAGES_URL"].rstrip("/") + example), example
    finally:
        process.send_signal(signal.SIGINT)
        finished(process)
    assert not file.exists(), "nobody is there any more"


def told(process: subprocess.Popen[str]) -> dict[str, str]:
    """What a demonstration says where to look, by its English word; the links of the guests under `guests`."""
    assert process.stdout is not None
    said = {"guests": ""}
    while "addresses" not in said:
        line = process.stdout.readline()
        assert line, said
        found = re.match(r"  (look|publish|report|addresses): +(.*)", line)
        said |= {found[1]: found[2]} if found else {}
        if link := re.match(r"    (http\S+/link/\S+) \S", line):
            said["guests"] += f"{link[1]}\n"
    return said


def asked(token: str, url: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        body: bytes = answer.read()
        return body


def test_a_demonstration_works_with_the_broker_that_comes_with_pip(folder: Path) -> None:
    summary_file = folder / "summary.json"
    process = demo(folder, "--seconds", "2", "--embedded-broker", "amqtt", "--summary", str(summary_file))
    output = finished(process)
    assert process.returncode == 0, output
    assert "amqtt" in json.loads(summary_file.read_text(encoding="utf-8"))["broker"]


def test_ctrl_c_twice_still_stops_everything_in_order(folder: Path) -> None:
    process = demo(folder)
    until(lambda: is_live(folder))
    pids = children_of(folder)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output = finished(process)
    assert "identity" in output, output
    assert len(pids) == 3
    assert not any(psutil.pid_exists(pid) for pid in pids.values())
    assert not (folder / "postgres" / "postmaster.pid").exists()


def test_what_a_killed_run_left_behind_is_ended_by_the_next(folder: Path) -> None:
    killed = demo(folder)
    until(lambda: is_live(folder))
    pids = children_of(folder)
    killed.kill()
    finished(killed)
    assert all(psutil.pid_exists(pid) for pid in pids.values())
    process = demo(folder, "--seconds", "1")
    output = finished(process)
    assert process.returncode == 0, output
    assert output.count("which a killed run had left") == 3
    assert all(ended(pid) for pid in pids.values())


def test_a_service_that_dies_ends_the_demonstration_with_one(folder: Path) -> None:
    process = demo(folder)
    until(lambda: is_live(folder))
    os.kill(children_of(folder)["noroshi ingest"], signal.SIGKILL)
    output = finished(process)
    assert process.returncode == 1
    assert "noroshi ingest died" in output
    assert not children_of(folder)


def test_two_demonstrations_do_not_share_a_folder(folder: Path) -> None:
    first = demo(folder)
    until(lambda: len(children_of(folder)) >= 1)
    second = demo(folder)
    assert "is running in" in finished(second)
    assert second.returncode == 2
    first.send_signal(signal.SIGTERM)
    finished(first)


def test_simulate_speaks_to_any_broker_and_writes_its_registry(tmp_path: Path, mosquitto: Broker) -> None:
    registry = tmp_path / "field.yaml"
    process = noroshi(
        "simulate", "--broker", mosquitto.url, "--devices", "20", "--seconds", "4", "--registry-out", str(registry)
    )
    output = finished(process)
    assert process.returncode == 0, output
    assert len(yaml.safe_load(registry.read_text(encoding="utf-8"))["devices"]) == 20
    said = next(line for line in output.splitlines() if line.startswith("published"))
    published, acknowledged = (word.strip(",") for word in (said.split()[1], said.split()[3]))
    assert published == acknowledged != "0", output
