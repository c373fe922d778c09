"""`noroshi broker apply` as an operator calls it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.fleet import document, register
from tests.deploy.shipped import ADMIN, VERSIONS, ShippedBroker, shipped_broker
from tests.fixtures.database import Database
from tests.fixtures.service import RunNoroshi
from tests.security.client import Client

SERVICE_PASSWORD = "secret of the service"


@pytest.fixture(params=VERSIONS)
def broker(request: pytest.FixtureRequest) -> Iterator[ShippedBroker]:
    with shipped_broker(request.param) as running:
        yield running


def settings(broker: ShippedBroker) -> dict[str, str]:
    return {
        "NOROSHI_BROKER__URL": broker.url,
        "NOROSHI_BROKER__USERNAME": "noroshi-ingest",
        "NOROSHI_BROKER__PASSWORD": SERVICE_PASSWORD,
        "NOROSHI_ACCESS__PASSWORD": ADMIN,
        "NOROSHI_ACCESS__ADDRESS": "mqtts://broker.example.jp:8883",
    }


def slips_in(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))


def answer(broker: ShippedBroker, name: str, password: str) -> int | None:
    with Client(broker.port, name, password) as client:
        return client.code


def test_from_the_registry_to_a_slip_that_lets_a_device_in(
    broker: ShippedBroker, any_database: Database, run_noroshi: RunNoroshi, tmp_path: Path
) -> None:
    register(any_database.url, document(2, latitude=35.6, longitude=138.5))
    call = ("broker", "apply", "--database", any_database.url)
    with_settings = settings(broker)

    tried = run_noroshi(*call, "--dry-run", **with_settings)
    assert "口座: 新規 3 件" in tried.stdout

    refused = run_noroshi(*call, code=2, **with_settings)
    assert "--slips" in refused.stderr
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) != 0  # nothing was changed

    slips = tmp_path / "設置.csv"
    done = run_noroshi(*call, "--slips", str(slips), **with_settings)
    assert slips.stat().st_mode & 0o777 == 0o600
    first, second = slips_in(slips)
    assert (first["機器コード"], first["ユーザー名"]) == ("dev-0", "farm/dev-0")
    assert first["設置場所"] == "機器0 (35.6000, 138.5000)"
    assert first["ブローカーの住所"] == "mqtts://broker.example.jp:8883"
    assert first["トピック"].split() == ["noroshi/v1/farm/dev-0/up", "senml/farm/dev-0"]
    assert answer(broker, "farm/dev-0", first["パスワード"]) == 0
    assert answer(broker, "farm/dev-1", second["パスワード"]) == 0
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) == 0
    assert first["パスワード"] not in done.stdout + done.stderr
    assert SERVICE_PASSWORD not in done.stdout + done.stderr

    again = run_noroshi(*call, **with_settings)
    assert "変更はありません" in again.stdout

    taken = run_noroshi(*call, "--rotate", "dev-1", "--slips", str(slips), code=2, **with_settings)
    assert "既にあります" in taken.stderr
    assert answer(broker, "farm/dev-1", second["パスワード"]) == 0

    paper = run_noroshi(*call, "--rotate", "dev-1", "--print", **with_settings)
    (password,) = [line.split()[1] for line in paper.stdout.splitlines() if line.startswith("パスワード")]
    assert answer(broker, "farm/dev-1", password) == 0
    assert answer(broker, "farm/dev-1", second["パスワード"]) != 0
    assert answer(broker, "farm/dev-0", first["パスワード"]) == 0


def test_the_accounts_of_the_program_need_no_database_and_follow_the_settings(
    broker: ShippedBroker, run_noroshi: RunNoroshi
) -> None:
    call, given = ("broker", "apply", "--service-only"), settings(broker)
    run_noroshi(*call, **given)
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) == 0
    given |= {"NOROSHI_BROKER__PASSWORD": "another secret", "NOROSHI_ACCESS__SIMULATOR_PASSWORD": "of the field"}
    run_noroshi(*call, **given)
    assert answer(broker, "noroshi-ingest", "another secret") == 0
    assert answer(broker, "simulator", "of the field") == 0
    assert "変更はありません" in run_noroshi(*call, **given).stdout


def test_whoever_is_no_administrator_is_told_which_setting_to_look_at(
    broker: ShippedBroker, run_noroshi: RunNoroshi
) -> None:
    call, given = ("broker", "apply", "--service-only"), settings(broker)
    run_noroshi(*call, **given)
    as_service = {"NOROSHI_ACCESS__USERNAME": "noroshi-ingest", "NOROSHI_ACCESS__PASSWORD": SERVICE_PASSWORD}
    for wrong in (as_service, {"NOROSHI_ACCESS__PASSWORD": "wrong"}):
        said = run_noroshi(*call, code=1, **(given | wrong)).stderr
        assert "access.password" in said
        assert SERVICE_PASSWORD not in said
        assert "wrong" not in said
    without = {name: value for name, value in given.items() if name != "NOROSHI_ACCESS__PASSWORD"}
    assert "NOROSHI_ACCESS__PASSWORD" in run_noroshi(*call, code=2, **without).stderr


def test_a_code_nobody_has_is_refused(broker: ShippedBroker, run_noroshi: RunNoroshi) -> None:
    said = run_noroshi("broker", "apply", "--service-only", "--rotate", "dev-9", code=2, **settings(broker)).stderr
    assert "dev-9" in said
