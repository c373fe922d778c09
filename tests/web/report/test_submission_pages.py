"""A report is checked and frozen on its page, and anybody with a file of it is told what it is."""

import json
import re
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from ingest.access.roles import Role, Scope
from ingest.report.submission.signing import digest_of, read_signed
from ingest.web import upload
from ingest.web.rules import OPEN_UPLOAD
from tests.web.report.conftest import Bureau
from tests.web.report.test_reports_pages import _number, _order
from tests.web.townhall import csrf_of


def _verified(bureau: Bureau, content: bytes, language: str = "ja") -> httpx.Response:
    """What somebody without an account is told about a file."""
    with httpx.Client(base_url=bureau.town.address, headers={"Origin": bureau.town.address}, timeout=60) as anybody:
        return anybody.post(f"/verify?lang={language}", files={"other": ("a", b"x"), "file": ("b.json", content)})


def test_what_was_frozen_on_the_page_is_recognised_by_anybody(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("tani", town.in_city(Role.REPORTER))) as client:
        _order(client, fy="2024", forms="json")
        bureau.make_all()
        number, csrf = _number(client), {"csrf": csrf_of(client)}
        draft = client.get(f"/reports/{number}/files/json").content
        assert client.get(f"/reports/{number}/files/json/signature").status_code == 404
        assert client.post(f"/reports/{number}/check", data=csrf).status_code == 303
        assert client.post(f"/reports/{number}/freeze", data=csrf).status_code == 403
        assert f'action="/reports/{number}/freeze"' not in client.get(f"/reports/{number}").text
    with town.browser(town.person("oda", town.in_city(Role.OPERATOR))) as client:
        csrf = {"csrf": csrf_of(client)}
        assert client.post(f"/reports/{number}/freeze", data=csrf).headers["location"].endswith("done=report_freezing")
        bureau.make_all()
        shown = client.get(f"/reports/{number}").text
        assert "fukuroi-2024-yearly" in shown
        frozen = client.get(f"/reports/{number}/files/json").content
        signed = read_signed(client.get(f"/reports/{number}/files/json/signature").content)
        assert signed is not None
        assert signed.statement.file_sha256 == digest_of(frozen)
        assert client.post(f"/reports/{number}/reopen", data=csrf).status_code == 422
        assert client.post(f"/reports/{number}/discard", data=csrf).status_code == 422
        assert f'action="/reports/{number}/discard"' not in shown
    token = {"Authorization": f"Bearer {town.token(town.person('ono', town.in_city(Role.OPERATOR)), Scope.REPORTS)}"}
    for method in ("DELETE", "PUT", "PATCH"):
        refused = httpx.request(method, f"{town.address}/api/v1/reports/{number}", headers=token)
        assert refused.status_code in (404, 405)
    said = _verified(bureau, frozen)
    assert said.status_code == 200
    assert "提出版です" in said.text
    assert "fukuroi-2024-yearly" in said.text
    assert "最新の版" in said.text
    assert "This is a frozen report" in _verified(bureau, frozen, "en").text
    for other in (draft, frozen + b" ", frozen[:-1]):
        assert "提出版ではありません" in _verified(bureau, other).text
    keys = json.loads(httpx.get(f"{town.address}/verify/keys.json").content)["keys"]
    assert [key["public_key"] for key in keys] == [signed.public_key]
    _an_older_revision_is_frozen_but_replaced(bureau, frozen)
    _a_forged_file_is_not_proven(bureau, frozen)


def _an_older_revision_is_frozen_but_replaced(bureau: Bureau, older: bytes) -> None:
    """People wrote something: a revision is frozen, whose difference stands on its page."""
    town = bureau.town
    with town.browser(town.person("aoki", town.in_city(Role.OPERATOR))) as client:
        key = (
            "select c ->> 'key' from report, jsonb_path_query(document, '$.sections[*].cells[*] ? (exists (@.key))') c"
        )
        town.connection.execute(
            "insert into report_text (project_id, kind, first_day, key, text, author, entered_by)"
            f" select project_id, kind, first_day, ({key} limit 1), '雪が多かった', '係', '係'"
            " from report limit 1".encode()
        )
        _order(client, fy="2024", forms="json")
        bureau.make_all()
        number, csrf = _number(client), {"csrf": csrf_of(client)}
        assert client.post(f"/reports/{number}/check", data=csrf).status_code == 303
        assert client.post(f"/reports/{number}/freeze", data=csrf).status_code == 422
        said = client.post(f"/reports/{number}/freeze", data=csrf | {"reason": "追記のため"})
        assert said.headers["location"].endswith("done=report_freezing")
        bureau.make_all()
        assert "雪が多かった" in client.get(f"/reports/{number}").text
        newer = client.get(f"/reports/{number}/files/json").content
    assert "新しい版があります: 第2版" in _verified(bureau, older).text
    assert "There is a newer revision: 2" in _verified(bureau, older, "en").text
    assert "提出版です" in _verified(bureau, older).text
    assert "最新の版" in _verified(bureau, newer).text


def _a_forged_file_is_not_proven(bureau: Bureau, frozen: bytes) -> None:
    """A superuser puts other bytes and their hash in the place of the frozen ones. The signature tells."""
    connection = bureau.town.connection
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        connection.execute(
            "update report_file set content = 'forged', sha256 = sha256('forged') where sha256 = sha256(%s)", (frozen,)
        )
    said = _verified(bureau, b"forged").text
    assert "署名が正しくありません" in said
    assert "提出版です" not in said
    assert "提出版ではありません" in _verified(bureau, frozen).text


def _answer_to_the_head(address: str, length: int) -> int:
    """The status for a file of which the head alone was sent."""
    named = urlsplit(address)
    connection = HTTPConnection(named.hostname or "", named.port, timeout=30)
    with closing(connection):
        connection.putrequest("POST", "/verify")
        for name, value in {"Origin": address, "Content-Type": "multipart/form-data; boundary=b"}.items():
            connection.putheader(name, value)
        connection.putheader("Content-Length", str(length))
        connection.endheaders()
        return connection.getresponse().status


def test_the_door_for_files_is_narrow(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    address = bureau.town.address
    assert httpx.get(f"{address}/verify").status_code == 200
    own = {"Origin": address}
    files = {"file": ("a", b"x")}
    assert httpx.post(f"{address}/verify", files=files, headers={"Origin": "https://evil.example"}).status_code == 403
    assert httpx.post(f"{address}/verify", data={"file": "x"}, headers=own).status_code == 415
    assert httpx.post(f"{address}/verify", files={"file": ("a", b"")}, headers=own).status_code == 422
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    assert httpx.post(f"{address}/verify", content=b"--b\r\nrubbish", headers=own | kind).status_code in (400, 422)
    assert _answer_to_the_head(address, OPEN_UPLOAD.upload + 2**20) == 413
    monkeypatch.setattr(upload, "PER_MINUTE", 0)
    busy = httpx.post(f"{address}/verify", files=files, headers=own)
    assert busy.status_code in (429, 503)
    assert re.fullmatch(r"\d+", busy.headers["retry-after"])


def test_what_is_refused_is_said_in_japanese_on_the_page_of_the_report(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("okada", town.in_city(Role.OPERATOR))) as client:
        _order(client, fy="2022", forms="json")
        bureau.make_all()
        number, csrf = _number(client), {"csrf": csrf_of(client)}
        early = client.post(f"/reports/{number}/freeze", data=csrf)
        assert early.status_code == 422
        assert "できませんでした" in early.text
        assert "先に確認してください" in early.text
        assert f'action="/reports/{number}/check"' in early.text, "the way out"
        assert "check it first" in client.post(f"/reports/{number}/freeze?lang=en", data=csrf).text
        client.get("/reports?lang=ja")
        client.post(f"/reports/{number}/check", data=csrf)
        ready = client.get(f"/reports/{number}").text
        assert "だれも変えられず" in ready, "what freezing means, before it is done"
        assert client.post(f"/reports/{number}/discard", data=csrf).status_code == 422


def test_an_order_is_called_off_and_a_frozen_report_is_corrected(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("naka", town.in_city(Role.OPERATOR))) as client:
        _order(client, fy="2021", forms="json")
        csrf = {"csrf": csrf_of(client)}
        (order,) = re.findall(r'action="/reports/orders/(\d+)/cancel"', client.get("/reports?project=fukuroi").text)
        with town.browser(town.person("hiro", town.in_city(Role.VIEWER))) as viewer:
            assert viewer.post(f"/reports/orders/{order}/cancel", data={"csrf": csrf_of(viewer)}).status_code == 403
        gone = client.post(f"/reports/orders/{order}/cancel", data=csrf)
        assert "done=report_cancelled" in gone.headers["location"]
        assert "naka が取り消しました" in client.get("/reports?project=fukuroi").text.replace("  ", " ")
        assert "report_ended_already" in client.post(f"/reports/orders/{order}/cancel", data=csrf).headers["location"]
        _order(client, fy="2021", forms="json")
        bureau.make_all()
        number = _number(client)
        client.post(f"/reports/{number}/check", data=csrf)
        client.post(f"/reports/{number}/freeze", data=csrf)
        with town.browser(town.person("kimi", town.in_city(Role.REPORTER))) as reporter:
            frozen = re.search(r'id="order-(\d+)"', reporter.get("/reports?project=fukuroi").text)
            assert frozen is not None
            csrf_of_reporter = {"csrf": csrf_of(reporter)}
            assert reporter.post(f"/reports/orders/{frozen[1]}/cancel", data=csrf_of_reporter).status_code == 403
            assert "確定しています" in reporter.get(f"/reports/{number}").text
        bureau.make_all()
        revise = client.post(f"/reports/{number}/revise", data=csrf)
        assert "done=report_revising" in revise.headers["location"]
        bureau.make_all()
        draft = _number(client)
        assert draft != number
        assert client.post(f"/reports/{draft}/check", data=csrf).status_code == 303
        assert "第1版を訂正する理由" in client.get(f"/reports/{draft}").text
        assert client.post(f"/reports/{draft}/revise", data=csrf).status_code == 422


def test_a_table_is_sent_as_csv_and_a_pdf_is_shown_in_the_browser(bureau: Bureau) -> None:
    town = bureau.town
    with town.browser(town.person("yuki", town.in_city(Role.REPORTER))) as client:
        _order(client, fy="2020", forms=["json", "pdf"])
        bureau.make_all()
        number = _number(client)
        path = re.search(rf'"(/reports/{number}/tables/[^"?]+)"', client.get(f"/reports/{number}").text)
        assert path is not None
        table = client.get(path[1])
        assert table.content.startswith(b"\xef\xbb\xbf")
        assert client.get(path[1], params={"encoding": "cp932"}).content.decode("cp932").splitlines()[0]
        assert client.get(f"/reports/{number}/tables/nothing").status_code == 404
        assert client.get(path[1], params={"times": "never"}).status_code == 422
        saved = client.get(f"/reports/{number}/files/pdf").headers["content-disposition"]
        shown = client.get(f"/reports/{number}/files/pdf?inline=true").headers["content-disposition"]
        assert (saved.split(";")[0], shown.split(";")[0]) == ("attachment", "inline")
        as_json = client.get(f"/reports/{number}/files/json?inline=true").headers["content-disposition"]
        assert as_json.startswith("attachment")
    with town.browser(town.person("yoso", town.in_city(Role.ADMIN, "ina"))) as client:
        assert client.get(path[1]).status_code == 404
