"""Addresses in the audit log: none is written where the settings keep none, whatever is done by whom."""

from itertools import count

import httpx

from ingest.access.links import Purpose
from ingest.access.roles import Role, Scope
from ingest.settings.sign_in import AuditSettings
from tests.fixtures.database import Database
from tests.fixtures.service import eventually
from tests.web.townhall import PASSWORD, Townhall, csrf_of, townhall

_logins = count(1)


def login() -> str:
    return f"unknown-place-{next(_logins)}"


def do_what_is_written_down(town: Townhall) -> set[str]:
    """Sign in in each way, be refused, look, change, download, sign out. The actions that stand in the log by it."""
    before = town.connection.execute("select coalesce(max(entry_id), 0) from audit_entry").fetchone()[0]
    admin = town.person(login(), town.in_city(Role.ADMIN))
    clerk = town.person(name := login(), town.in_city(Role.VIEWER))
    with town.browser() as client:
        client.post(town.link(clerk, Purpose.PASSWORD), data={"password": PASSWORD, "again": PASSWORD})
        client.post("/sign-in", data={"login": name, "password": "x" * 20})
        client.post("/sign-in", data={"login": name, "password": PASSWORD})
        client.get("/jobs")
        client.post("/sign-out", data={"csrf": "wrong"})
        own = csrf_of(client)
        client.post(
            "/account/password", data={"csrf": own, "old": PASSWORD, "new": PASSWORD * 2, "again": PASSWORD * 2}
        )
        client.post("/sign-out", data={"csrf": own})
    with town.browser(admin) as client:
        place = f"organisation-{town.organisations['fukuroi']}"
        new = {"login": login(), "name": "新しい人", "role": "viewer", "place": place, "csrf": csrf_of(client)}
        assert client.post("/people/new", data=new).status_code == 200
    bearer = {"Authorization": f"Bearer {town.token(clerk, Scope.READINGS)}"}
    file = f"{town.address}/api/v1/readings/daily?project=fukuroi&format=csv"
    assert httpx.get(file, headers=bearer, timeout=60).status_code == 200

    def written() -> set[str]:
        query = "select action from audit_entry where entry_id > %s"
        return {action for (action,) in town.connection.execute(query, (before,))}

    wanted = {
        "signed_in", "sign_in_refused", "signed_out", "access_refused", "password_set", "person_added", "page_seen",
        "data_downloaded",
    }  # fmt: skip
    eventually(lambda: wanted <= written(), within_s=10)
    return written()


def addresses(town: Townhall) -> set[str]:
    return {
        action
        for (action,) in town.connection.execute(
            "select e.action from audit_address join audit_entry e using (entry_id)"
        )
    }


def test_without_days_no_address_is_written_at_all(field: Database) -> None:
    with townhall(field, keeping=AuditSettings(address_days=0)) as town:
        town.connection.execute("delete from audit_address")
        do_what_is_written_down(town)
        assert addresses(town) == set()


def test_with_days_each_of_the_same_has_its_address(field: Database) -> None:
    with townhall(field) as town:
        town.connection.execute("delete from audit_address")
        assert do_what_is_written_down(town) - addresses(town) <= {"token_added"}, "a token was made by a command"
