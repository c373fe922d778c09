"""Telegraf as a contender: its own settings for never losing a message, and a batch of sensible size."""

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

CONFIG = """
[agent]
  interval = "1s"
  flush_interval = "1s"
  metric_batch_size = 5000
  metric_buffer_limit = 200000
  omit_hostname = true
  quiet = true

[[inputs.mqtt_consumer]]
  servers = ["tcp://127.0.0.1:{broker_port}"]
  topics = ["noroshi/v1/+/+/up"]
  qos = 1
  persistent_session = true
  client_id = "telegraf-peer"
  max_undelivered_messages = 10000
  data_format = "json_v2"
  [[inputs.mqtt_consumer.json_v2]]
    measurement_name = "telegraf_uplink"
    timestamp_path = "ts"
    timestamp_format = "unix_ms"
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "readings"
      disable_prepend_keys = true
    [[inputs.mqtt_consumer.json_v2.object]]
      path = "link"
      disable_prepend_keys = true

[[outputs.postgresql]]
  # One connection: with more, Telegraf acknowledges before it has committed.
  connection = "{database_url}?pool_max_conns=1&sslmode=disable"
"""

TABLE = "telegraf_uplink"


def program() -> str | None:
    """Where it is installed, if it is."""
    return shutil.which("telegraf")


def command(folder: Path, broker_url: str, database_url: str) -> list[str]:
    """How to start it against these servers."""
    file = folder / "telegraf.conf"
    file.write_text(CONFIG.format(broker_port=urlsplit(broker_url).port, database_url=database_url), encoding="utf-8")
    found = program()
    assert found is not None  # the caller asked before
    return [found, "--config", os.fspath(file)]
