"""The list for the next operator: everything that is handed over, nothing that is secret."""

import hashlib
import io
import zipfile
from datetime import date, datetime
from typing import Any

import pypdfium2
from psycopg.types.json import Jsonb

from ingest.access import audit
from ingest.access.audit import Action, Entry
from ingest.report.form.forms import FORMS, ReportForm, write_form
from schemas.report_document import Period, ReportDocument, ReportKind, Written
from tests.figures.field import jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town
from tests.report.source.papers import field_of, made, row_of, table_of
from tests.report.source.year import add_measure, add_outage

DAY = date(2026, 6, 30)
NOW = jst(2026, 7, 1, 9)
SECRETS = ("hash-of-a-password", "TOTPKEYSECRET", hashlib.sha256(b"token").hexdigest())


def report(town: Town, now: datetime = NOW) -> ReportDocument:
    return made(town, ReportKind.TAKEOVER, Period.of_day(DAY, now), now)


def insert(town: Town, table: str, returning: str, **values: Any) -> int:
    names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    query = f"insert into {table} ({names}) values ({places}) returning {returning}"
    row = town.connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row[0])


def people(town: Town) -> None:
    """An operator of the town's organisation, an administrator of everything, one who is disabled, and a stranger."""
    own = insert(town, "organisation", "organisation_id", code="222160", name="袋井市")
    other = insert(town, "organisation", "organisation_id", code="202151", name="塩尻市")
    for login, role, organisation, more in (
        ("operator", "operator", own, {"totp_key": SECRETS[1], "password_hash": SECRETS[0]}),
        ("admin", "admin", None, {}), ("gone", "operator", own, {"disabled_at": NOW}),
        ("stranger", "operator", other, {}),
    ):  # fmt: skip
        person = insert(town, "person", "person_id", login=login, name=f"{login}さん", **more)
        insert(town, "membership", "membership_id", person_id=person, role=role, organisation_id=organisation)
        digest = bytes.fromhex(SECRETS[2]) if login == "operator" else hashlib.sha256(login.encode()).digest()
        insert(town, "api_token", "token_id", name=f"連携 {login}", person_id=person, digest=digest,
               scopes=["figures", "readings"], expires_at=jst(2027, 1, 1))  # fmt: skip


def test_everything_is_listed_with_what_is_not_known(town: Town) -> None:
    town.plan(document(kpi()))
    lora, direct = town.field.device("tea-1", gateway="hill"), town.field.device("cam-1", network="halow")
    town.connection.execute("update device set dev_eui = '0011223344556677' where device_id = %s", (lora,))
    town.field.uplink(direct, jst(2026, 6, 1, 12))
    town.field.stage(direct, 1, "基準水位1", 1.25, datum="零点高 T.P. 612.3 m")
    town.field.stage(direct, 2, "古い基準", 2.0, valid_to=jst(2026, 1, 1))
    add_measure(town, 1, "基地局を移す", "decided")
    add_measure(town, 2, "済んだもの", "evaluated")
    for ends in (None, jst(2026, 6, 30, 9)):
        add_outage(town, {"level": "device", "device_id": direct, "starts": jst(2026, 6, 29, 21), "ends": ends})
    found = report(town)
    assert [row_of(table_of(found, "outages"), row.key)["hours"].value for row in table_of(found, "outages").rows] == [
        27
    ]
    devices = table_of(found, "devices")
    one, two = row_of(devices, "tea-1"), row_of(devices, "cam-1")
    assert (one["account"].value, two["account"].value) == ("ネットワークサーバー経由", "機器ごとのアカウント")
    assert one["identity"].value == "DevEUI=0011223344556677"
    assert (one["keys"].value, one["keys"].missing is not None) == (None, True)
    assert two["technical_conformity"].missing is not None
    networks = table_of(found, "networks")
    assert (row_of(networks, "lora")["gateways"].value, row_of(networks, "lora")["through"].value) == (1, "LoRaWAN")
    assert [row.key for row in table_of(found, "stages").rows] == ["cam-1.river_level.0.1"]
    assert [row.key for row in table_of(found, "measures").rows] == ["1"]
    assert field_of(found, "state", "export_at").missing is not None
    assert row_of(table_of(found, "stores"), "plan_version")["rows"].value == 1


def test_a_network_has_places_for_its_contracts_and_each_thing_for_both_companies(town: Town) -> None:
    found = {each.code: each for each in report(town).sections if isinstance(each, Written)}
    assert [cell.key for cell in found["contracts"].cells if cell.row == "茶園LoRa網"] == [
        "contracts.lora.line", "contracts.lora.server", "contracts.lora.licence",
    ]  # fmt: skip
    assert found["handed"].is_grid
    assert [cell.key for cell in found["signers"].cells] == ["signers.from", "signers.to", "signers.owner"]


def test_who_may_come_in_is_counted_and_tokens_are_named(town: Town) -> None:
    people(town)
    found = report(town)
    access = table_of(found, "access")
    assert [row.key for row in access.rows] == ["everything.admin", "organisation.operator"]
    row = row_of(access, "organisation.operator")
    assert (row["people"].value, row["second_factor"].value) == (1, 1)
    names = {row.cells[0].value for row in table_of(found, "tokens").rows}
    assert names == {"連携 operator", "連携 admin", "連携 gone"}
    states = {row.cells[0].value: row.cells[-1].value for row in table_of(found, "tokens").rows}
    assert (states["連携 operator"], states["連携 gone"]) == ("有効", "作成者が停止")
    town.connection.execute("update api_token set projects = '{}' where name = '連携 admin'")
    town.connection.execute("update api_token set revoked_at = now() where name = '連携 gone'")
    assert {row.cells[0].value for row in table_of(report(town), "tokens").rows} == {"連携 operator"}


def test_the_last_archive_is_that_of_the_audit_log(town: Town) -> None:
    for subject, to in (("tea", "/old"), ("tea", "/srv/tea-2026"), ("plan tea", "/plan")):
        after = {"to": to, "from_day": None, "to_day": date(2026, 6, 30), "rows": 42}
        entry = Entry(Action.EXPORT_MADE, subject, actor="command:op", project="tea", after=after)
        audit.append(town.connection, entry)
    found = report(town)
    assert field_of(found, "state", "export_to").value == "/srv/tea-2026"
    assert field_of(found, "state", "export_rows").value == 42
    assert field_of(found, "state", "export_span").value == "最初 〜 2026-06-30"


def test_no_secret_stands_in_any_form(town: Town) -> None:
    people(town)
    town.connection.execute("insert into profile (code, body) values ('p', %s)", (Jsonb({"key": "profile-secret"}),))
    town.field.device("tea-1")
    town.connection.execute("update device set profile_id = (select profile_id from profile)")
    found = report(town)
    for form in FORMS:
        text = _text(write_form(found, form), form)
        assert "連携 operator" in text or form is ReportForm.PDF
        assert not [secret for secret in (*SECRETS, "profile-secret") if secret in text], form


def _text(content: bytes, form: ReportForm) -> str:
    if form is ReportForm.XLSX:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    if form is ReportForm.PDF:
        return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return content.decode("cp932" if form is ReportForm.CSV_CP932 else "utf-8")
