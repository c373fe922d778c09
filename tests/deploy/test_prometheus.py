"""prometheus.yml: promtool accepts it, and it looks where the service is."""

import json
import os
import subprocess
from pathlib import Path

import yaml

from ingest.web.hosts import HostRule
from tests.deploy.compose import SERVICES, filled_in
from tests.deploy.installation import DEPLOY
from tests.fixtures.prometheus import Promtool

FILE = DEPLOY / "prometheus/prometheus.yml"
TOKEN_FILE = "/run/noroshi/metrics-token"


def test_promtool_accepts_the_configuration(promtool: Promtool, tmp_path: Path) -> None:
    """With the file of the token where there is one: promtool looks for it."""
    token, copy = tmp_path / "metrics-token", tmp_path / "prometheus.yml"
    token.write_text("a1b2c3d4e5f6a7b8", encoding="utf-8")
    copy.write_text(FILE.read_text(encoding="utf-8").replace(TOKEN_FILE, str(token)), encoding="utf-8")
    done = promtool("check", "config", copy)
    assert done.returncode == 0, done.stderr


def test_the_token_by_which_the_service_is_asked_is_the_one_it_knows() -> None:
    """The command of the container, as the shell runs it, writes the file that the configuration names."""
    job = next(
        job
        for job in yaml.safe_load(FILE.read_text(encoding="utf-8"))["scrape_configs"]
        if job["job_name"] == "noroshi"
    )
    assert job["authorization"] == {"credentials_file": TOKEN_FILE}
    prometheus = SERVICES["prometheus"]
    assert prometheus["environment"]["METRICS_TOKEN"] == SERVICES["ingest"]["environment"]["NOROSHI_WEB__METRICS_TOKEN"]
    folder, _, options = prometheus["tmpfs"][0].partition(":")
    assert (Path(TOKEN_FILE).parent, options) == (Path(folder), "mode=1777"), "in memory, where nobody but it can read"
    assert prometheus["read_only"] is True
    assert "METRICS_TOKEN:-" not in str(prometheus), "never without one"


def test_the_token_is_written_before_prometheus_starts(tmp_path: Path) -> None:
    (script,) = SERVICES["prometheus"]["command"]
    run = filled_in(script, {}).replace("/run/noroshi", str(tmp_path)).replace("exec /bin/prometheus", "exec echo")
    environment = {"METRICS_TOKEN": "a $(touch owned) b", "PATH": os.environ["PATH"]}
    words = [*SERVICES["prometheus"]["entrypoint"], run]
    done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    written = tmp_path / "metrics-token"
    assert written.read_text(encoding="utf-8") == "a $(touch owned) b"
    assert written.stat().st_mode & 0o777 == 0o600
    assert "--config.file=/etc/prometheus/prometheus.yml --storage.tsdb.path=/prometheus" in done.stdout
    assert not (tmp_path / "owned").exists()


def test_the_service_is_scraped_where_it_listens_under_the_name_the_dashboards_know() -> None:
    jobs = {job["job_name"]: job for job in yaml.safe_load(FILE.read_text(encoding="utf-8"))["scrape_configs"]}
    ((target,),) = [group["targets"] for group in jobs["noroshi"]["static_configs"]]
    host, port = target.split(":")
    environment = SERVICES[host]["environment"]
    assert environment["NOROSHI_WEB__PORT"] == port
    rule = HostRule(environment["NOROSHI_WEB__HOST"], json.loads(environment["NOROSHI_WEB__ALLOWED_HOSTS"]))
    assert rule.allows(target, "172.18.0.3"), "by the name under which it is scraped it must be known"
    assert not rule.allows("evil.example", "172.18.0.3")
    assert "metrics_path" not in jobs["noroshi"]  # /metrics is the default of both
