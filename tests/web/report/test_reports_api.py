"""Reports by program: ordered once, followed, listed and read, with the scope for it."""

import hashlib
from typing import Any
from uuid import uuid4

import httpx

from ingest.access.roles import Role, Scope
from ingest.report.order.orders import MOST_OPEN_OF_PERSON
from tests.web.report.conftest import Bureau

ORDER: dict[str, Any] = {"kind": "yearly", "fy": 2026, "forms": ["json"]}


def _client(bureau: Bureau, login: str, role: Role = Role.REPORTER, *scopes: Scope) -> httpx.Client:
    town = bureau.town
    token = town.token(town.person(login, town.in_city(role)), *(scopes or (Scope.REPORTS,)))
    return httpx.Client(base_url=town.address, timeout=60, headers={"Authorization": f"Bearer {token}"})


def _order(client: httpx.Client, **changed: Any) -> httpx.Response:
    return client.post("/api/v1/reports", params={"project": "fukuroi"}, json=ORDER | changed)


def test_a_program_orders_a_report_once_follows_it_and_reads_its_file(bureau: Bureau) -> None:
    with _client(bureau, "api-sato") as client:
        key = str(uuid4())
        first, again = _order(client, client_key=key), _order(client, client_key=key)
        assert (first.status_code, again.status_code) == (202, 200), first.text
        order = first.json()["order"]
        assert again.json()["order"] == order
        assert client.get(f"/api/v1/reports/orders/{order}").json()["state"] == "waiting"
        bureau.make_all()
        made = client.get(f"/api/v1/reports/orders/{order}").json()
        assert (made["state"], made["failed"]) == ("made", None)
        report = client.get(f"/api/v1/reports/{made['report']}").json()
        assert (report["kind"], report["state"], report["project"]) == ("yearly", "draft", "fukuroi")
        assert client.get("/api/v1/reports?project=fukuroi").json()["reports"][0] == report
        (file,) = report["files"]
        answer = client.get(file["path"])
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert answer.headers["etag"] == f'"{file["sha256"]}"'
        assert client.get(file["path"], headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_only_the_scope_and_the_role_let_a_program_order(bureau: Bureau) -> None:
    with _client(bureau, "api-mori", Role.VIEWER) as client:
        assert _order(client).status_code == 403
        assert client.get("/api/v1/reports").status_code == 200
        assert client.get("/api/v1/devices").status_code == 403
    with _client(bureau, "api-hara", Role.REPORTER, Scope.WORK) as client:
        assert _order(client).status_code == 403
        assert client.get("/api/v1/reports").status_code == 403
    with _client(bureau, "api-kita") as client:
        assert client.post("/api/v1/reports?project=ina", json=ORDER).status_code == 404


def test_what_cannot_be_made_is_refused_with_the_reason(bureau: Bureau) -> None:
    with _client(bureau, "api-wada") as client:
        wrong: tuple[dict[str, Any], ...] = (
            {"fy": None}, {"fy": 2099}, {"kind": "monthly"}, {"month": "2026-13"}, {"forms": []}, {"x": 1},
        )  # fmt: skip
        for changed in wrong:
            assert _order(client, **changed).status_code == 422, changed
        for year in range(MOST_OPEN_OF_PERSON):
            assert _order(client, fy=2025 - year).status_code == 202
        busy = _order(client, fy=2020)
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "60")
        bureau.make_all()


def test_a_program_checks_freezes_and_corrects_as_far_as_its_role_goes(bureau: Bureau) -> None:
    with (
        _client(bureau, "api-oda", Role.OPERATOR, Scope.REPORTS, Scope.SUBMISSIONS) as client,
        _client(bureau, "api-abe") as reporter,
    ):
        order = _order(client, fy=2019, paper="A3", times="excel").json()
        assert (order["purpose"], order["paper"], order["times"]) == ("make", "A3", "excel")
        bureau.make_all()
        number = client.get(f"/api/v1/reports/orders/{order['order']}").json()["report"]
        at = f"/api/v1/reports/{number}"
        early = client.post(f"{at}/freeze")
        assert early.status_code == 422
        assert "check it first" in early.json()["detail"]
        assert reporter.post(f"{at}/check").json()["state"] == "checked"
        assert reporter.post(f"{at}/reopen").json()["state"] == "draft"
        assert reporter.post(f"{at}/check").status_code == 200
        assert reporter.post(f"{at}/freeze").status_code == 403
        freezing = client.post(f"{at}/freeze", json={"reason": ""})
        assert (freezing.status_code, freezing.json()["purpose"], freezing.json()["of_report"]) == (
            202, "freeze", number,
        )  # fmt: skip
        cancel = f"/api/v1/reports/orders/{freezing.json()['order']}/cancel"
        assert reporter.post(cancel).status_code == 403
        gone = client.post(cancel).json()
        assert (gone["state"], gone["cancelled_by"]) == ("cancelled", freezing.json()["ordered_by"])
        assert client.post(cancel).status_code == 422
        assert client.post(f"{at}/freeze").status_code == 202
        bureau.make_all()
        frozen = client.get(at).json()
        assert (frozen["state"], frozen["revision"]) == ("frozen", 1)
        assert reporter.post(f"{at}/check").status_code == 422
        assert reporter.post(f"{at}/revise").status_code == 202
        bureau.make_all()
        assert client.post(f"{at}/freeze", json={"why": "x"}).status_code == 422
    with _client(bureau, "api-chie", Role.ADMIN) as client:
        assert client.post(f"{at}/freeze").status_code == 403, "the scope reports freezes nothing"
    with _client(bureau, "api-nao", Role.REPORTER, Scope.SUBMISSIONS) as client:
        assert client.post(f"{at}/freeze").status_code == 403, "nor does a reporter"
    with _client(bureau, "api-seki", Role.ADMIN, Scope.WORK) as client:
        assert client.post(f"{at}/check").status_code == 403
        assert client.get(f"{at}/tables/devices").status_code == 403
    with _client(bureau, "api-mizu", Role.VIEWER) as client:
        assert client.post(f"{at}/check").status_code == 403
        assert (
            client.get(f"{at}/tables/devices", params={"times": "excel"}).headers["content-type"].startswith("text/csv")
        )
        assert client.get(f"{at}/tables/nothing").status_code == 404
