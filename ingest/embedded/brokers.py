"""The broker of the demonstration: Mosquitto where it is installed, else the amqtt that comes with pip."""

import os
import shutil
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Literal, NamedTuple

from ingest.embedded.processes import Children, free_port, hand_over, let_pass, servant, until_listening
from ingest.errors import CallRefused
from schemas.bilingual import Bilingual

BrokerKind = Literal["mosquitto", "amqtt"]

_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {folder}/
autosave_interval 60
# Nothing may be dropped while the service is away.
max_queued_messages 0
max_queued_bytes 0
max_inflight_messages 0
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages false
"""

_AMQTT = """\
listeners:
  default:
    type: tcp
    bind: 127.0.0.1:{port}
plugins:
  amqtt.plugins.authentication.AnonymousAuthPlugin:
    allow_anonymous: true
"""


class Broker(NamedTuple):
    """A running broker. `name`: what a summary calls it."""

    name: str
    url: str
    protocol: Literal["5", "3.1.1"]


def find_mosquitto() -> str | None:
    """The mosquitto program, also in folders that are not on the PATH of ordinary users."""
    return shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))


async def start_broker(folder: Path, children: Children, kind: BrokerKind | None = None) -> Broker:
    """Start a broker on a free port of 127.0.0.1. Raises ServerError."""
    program = find_mosquitto()
    if kind == "mosquitto" and program is None:
        raise CallRefused(
            Bilingual(
                "mosquitto がありません。入れるか、選択を任せてください(amqtt は pip に含まれます)",
                "mosquitto is not installed: install it, or leave the choice to us (amqtt comes with pip)",
            )
        )
    if kind == "amqtt" or program is None:
        return await _start_amqtt(folder, children)
    return await _start_mosquitto(program, folder, children)


async def _start_mosquitto(program: str, folder: Path, children: Children) -> Broker:
    own, user, port = folder / "mosquitto", servant(), free_port()
    hand_over(own, user)
    config = own / "mosquitto.conf"
    config.write_text(_MOSQUITTO.format(port=port, folder=own.resolve()), encoding="utf-8")
    let_pass(config)
    child = await children.start("Mosquitto", [program, "-c", str(config)], folder / "mosquitto.log", user=user)
    await until_listening(child, port)
    return Broker(f"{_version(program)}, embedded", f"mqtt://127.0.0.1:{port}", "5")


async def _start_amqtt(folder: Path, children: Children) -> Broker:
    port = free_port()
    config = folder / "amqtt.yaml"
    config.write_text(_AMQTT.format(port=port), encoding="utf-8")
    child = await children.start(
        "amqtt",
        [sys.executable, "-m", "amqtt.scripts.broker_script", "-c", str(config)],
        folder / "amqtt.log",
        stop_signal=signal.SIGINT,  # amqtt ends in order on Ctrl-C only
    )
    await until_listening(child, port)
    return Broker(f"amqtt {version('amqtt')}, embedded", f"mqtt://127.0.0.1:{port}", "3.1.1")


def _version(program: str) -> str:
    """The name and version, such as `mosquitto 2.0.11`, from the first line of its help."""
    said = subprocess.run([program, "-h"], capture_output=True, text=True, check=False, timeout=10).stdout.split()
    return f"mosquitto {said[2]}" if said[:2] == ["mosquitto", "version"] and len(said) > 2 else "mosquitto"
