"""`noroshi broker apply` as an operator calls it."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.fleet import document, register
from tests.deploy.applying import applied, apply
from tests.deploy.shipped import ADMIN, VERSIONS, ShippedBroker, shipped_broker
from tests.fixtures.database import Database
from tests.security.client import Client

pytestmark = pytest.mark.japanese

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


@pytest.fixture
def town(any_database: Database) -> tuple[str, ...]:
    """The words of a call about a registry of two devices."""
    register(any_database.url, document(2, latitude=35.6, longitude=138.5))
    return "--database", any_database.url


def test_without_somebody_to_hand_the_passwords_to_nothing_is_changed(
    broker: ShippedBroker, town: tuple[str, ...]
) -> None:
    assert "口座: 新規 3 件" in applied(*town, "--dry-run", **settings(broker)).output
    assert "--slips" in str(apply(*town, **settings(broker)).exception)
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) != 0


def test_a_slip_lets_a_device_in_and_is_for_its_owner_only(
    broker: ShippedBroker, town: tuple[str, ...], tmp_path: Path
) -> None:
    slips = tmp_path / "設置.csv"
    done = applied(*town, "--slips", str(slips), **settings(broker))
    assert slips.stat().st_mode & 0o777 == 0o600
    first, second = slips_in(slips)
    assert (first["機器コード"], first["ユーザー名"]) == ("dev-0", "farm/dev-0")
    assert first["設置場所"] == "機器0 (35.6000, 138.5000)"
    assert first["ブローカーの住所"] == "mqtts://broker.example.jp:8883"
    assert first["トピック"].split() == ["noroshi/v1/farm/dev-0/up", "senml/farm/dev-0"]
    for slip in (first, second):
        assert answer(broker, slip["ユーザー名"], slip["パスワード"]) == 0
        assert slip["パスワード"] not in done.output
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) == 0
    assert SERVICE_PASSWORD not in done.output
    assert "変更はありません" in applied(*town, **settings(broker)).output


def test_a_new_password_goes_on_paper_and_never_over_an_older_slip(
    broker: ShippedBroker, town: tuple[str, ...], tmp_path: Path
) -> None:
    slips = tmp_path / "slips.csv"
    applied(*town, "--slips", str(slips), **settings(broker))
    first, second = slips_in(slips)
    again = apply(*town, "--rotate", "dev-1", "--slips", str(slips), **settings(broker))
    assert "既にあります" in str(again.exception)
    assert answer(broker, "farm/dev-1", second["パスワード"]) == 0
    paper = applied(*town, "--rotate", "dev-1", "--print", **settings(broker)).stdout
    (password,) = [line.split()[1] for line in paper.splitlines() if line.startswith("パスワード")]
    assert answer(broker, "farm/dev-1", password) == 0
    assert answer(broker, "farm/dev-1", second["パスワード"]) != 0
    assert answer(broker, "farm/dev-0", first["パスワード"]) == 0


def test_the_accounts_of_the_program_need_no_database_and_follow_the_settings(broker: ShippedBroker) -> None:
    given = settings(broker)
    applied("--service-only", **given)
    assert answer(broker, "noroshi-ingest", SERVICE_PASSWORD) == 0
    given |= {"NOROSHI_BROKER__PASSWORD": "another secret", "NOROSHI_ACCESS__SIMULATOR_PASSWORD": "of the field"}
    applied("--service-only", **given)
    assert answer(broker, "noroshi-ingest", "another secret") == 0
    assert answer(broker, "simulator", "of the field") == 0
    assert "変更はありません" in applied("--service-only", **given).output


def test_whoever_is_no_administrator_is_told_which_setting_to_look_at(broker: ShippedBroker) -> None:
    given = settings(broker)
    applied("--service-only", **given)
    as_service = {"NOROSHI_ACCESS__USERNAME": "noroshi-ingest", "NOROSHI_ACCESS__PASSWORD": SERVICE_PASSWORD}
    for wrong in (as_service, {"NOROSHI_ACCESS__PASSWORD": "mistaken"}):
        said = str(apply("--service-only", **(given | wrong)).exception)
        assert "access.password" in said
        assert SERVICE_PASSWORD not in said
        assert "mistaken" not in said
    without = {name: value for name, value in given.items() if name != "NOROSHI_ACCESS__PASSWORD"}
    assert "NOROSHI_ACCESS__PASSWORD" in str(apply("--service-only", **without).exception)


def test_a_code_nobody_has_is_refused(broker: ShippedBroker) -> None:
    assert "dev-9" in str(apply("--service-only", "--rotate", "dev-9", **settings(broker)).exception)
