"""prometheus.yml: promtool accepts it, and it looks where the service is."""

import json

import yaml

from ingest.web.hosts import HostRule
from tests.deploy.compose import SERVICES
from tests.deploy.installation import DEPLOY
from tests.fixtures.prometheus import Promtool

FILE = DEPLOY / "prometheus/prometheus.yml"


def test_promtool_accepts_the_configuration(promtool: Promtool) -> None:
    done = promtool("check", "config", FILE)
    assert done.returncode == 0, done.stderr


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
