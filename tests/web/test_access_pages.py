"""Pages of access: what one may not do is not offered, and is not done either."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pyotp
import pytest

from tests.fixtures.database import FIRST, Servers, fresh_database
from tests.fixtures.ports import free_port
from tests.web.field import FieldSize, sow
from tests.web.site import running
from tests.web.town import FUKUROI, INA, Town, town

LOOKS = ["/", "/watch", "/plan", "/reports", "/quarantine", "/arrivals"]
ADMINISTERS = [*LOOKS, "/people", "/tokens"]
PAGES = (*ADMINISTERS, "/organisations", "/audit")
OPEN_TO = {
    "root": list(PAGES),
    "chief": [*ADMINISTERS, "/audit"],
    "both": [*ADMINISTERS, "/audit"],
    "viewer": LOOKS,
    "reporter": LOOKS,
    "operator": LOOKS,
    "fitter": ["/arrivals"],
}


@pytest.fixture(scope="module")
def here(servers: Servers) -> Iterator[Town]:
    database = fresh_database(servers.get(FIRST))
    with database.connect(autocommit=False) as connection:
        sow(connection, FieldSize(devices=20, hours=2))
    with town(database) as built:
        yield built
    database.drop()


@pytest.fixture(scope="module")
def site(here: Town) -> Iterator[str]:
    with running(here.deps, free_port()) as address:
        yield address


@contextmanager
def signed_in(here: Town, site: str, login: str) -> Iterator[httpx.Client]:
    """A browser of this person, without one: it sends what a form of the page it was on sends."""
    headers = {"Origin": site, "Accept": "text/html"}
    with httpx.Client(base_url=site, cookies={"noroshi": here.cookie(login)}, headers=headers, timeout=60) as client:
        yield client


def csrf(client: httpx.Client, page: str = "/account") -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]


def send(client: httpx.Client, path: str, **fields: str | list[str]) -> httpx.Response:
    return client.post(path, data={"csrf": csrf(client), **fields})


def offered(html: str) -> list[str]:
    nav = html[html.index('<nav class="nav"') :]
    return re.findall(r'href="([^"]+)"', nav[: nav.index("</nav>")])


@pytest.mark.parametrize("login", list(OPEN_TO))
def test_the_navigation_offers_the_pages_that_are_open_and_no_others(here: Town, site: str, login: str) -> None:
    with signed_in(here, site, login) as client:
        assert offered(client.get("/account").text) == OPEN_TO[login]
        for path in PAGES:
            status = client.get(path).status_code
            assert (status == 200) == (path in OPEN_TO[login]), (path, status)


@pytest.mark.parametrize("login", list(OPEN_TO))
def test_no_page_that_is_open_links_to_one_that_is_not(here: Town, site: str, login: str) -> None:
    with signed_in(here, site, login) as client:
        linked: dict[str, str] = {}
        for path in [*OPEN_TO[login], "/account"]:
            linked |= dict.fromkeys(re.findall(r'href="(/[^"#?]*)', client.get(path).text), path)
        for target, path in linked.items():
            if not target.startswith(("/static/", "/devices/", "/link/")):
                assert client.get(target).status_code == 200, (path, target)


def test_the_header_says_whose_data_and_who_and_as_what(here: Town, site: str) -> None:
    with signed_in(here, site, "viewer") as client:
        html = client.get("/").text
        header = html[html.index('class="whose"') : html.index("</header>")]
        assert "袋井市" in header
        assert "閲覧 三郎" in header
        assert ">閲覧<" in header
        assert "<select" not in header, "one organisation is no choice"
        assert "Organisation" in client.get("/", params={"lang": "en"}).text
    with signed_in(here, site, "root") as client:
        header = client.get("/").text
        assert "すべての団体" in header
        assert ">管理<" in header


def test_an_organisation_is_chosen_and_another_ones_is_not_there(here: Town, site: str) -> None:
    with signed_in(here, site, "both") as client:
        answer = send(client, "/choose", organisation=str(here.organisations[INA]), to="/devices/ina/x")
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert offered(client.get("/account").text) == LOOKS
        assert client.get("/people").status_code == 404
        assert "selected>伊那市" in client.get("/account").text
        assert ">閲覧</span>" in client.get("/account").text, "as what they are there"
        answer = send(client, "/choose", organisation="", to="/people/3")
        assert answer.headers["location"] == "/people"
    with signed_in(here, site, "viewer") as client:
        assert send(client, "/choose", organisation=str(here.organisations[INA])).status_code == 404


def test_an_admin_sees_and_changes_people_of_their_organisation_alone(here: Town, site: str) -> None:
    outsider, both = here.ids["outsider"], here.ids["both"]
    with signed_in(here, site, "chief") as client:
        html = client.get("/people").text
        assert "閲覧 三郎" in html
        assert "伊那 七子" not in html
        assert "伊那市" not in html, "roles elsewhere are not told"
        for path in (f"/people/{outsider}", "/people/99999", f"/people/{outsider}/reset", f"/people/{both}/reset"):
            assert client.get(path).status_code == 404, path
        for deed in ("reset", "disable", "enable", "sessions/end", "roles"):
            answer = send(
                client, f"/people/{outsider}/{deed}", role="viewer", place=f"organisation-{here.organisations[INA]}"
            )
            assert answer.status_code == 404, deed
        page = client.get(f"/people/{both}").text
        assert "全体の管理者に頼んで" in page
        assert f"/people/{both}/disable" not in page
        assert client.get("/people/new").text.count("伊那") == 0
        answer = send(client, "/people/new", login="x", name="X", role="viewer", place="everywhere")
        assert answer.status_code == 422
        assert 'href="#place"' in answer.text


def test_nobody_changes_their_own_roles_nor_disables_themselves(here: Town, site: str) -> None:
    own = here.ids["chief"]
    with signed_in(here, site, "chief") as client:
        page = client.get(f"/people/{own}").text
        assert "自分の権限は変えられません" in page
        assert f"/people/{own}/roles" not in page
        assert f"/people/{own}/disable" not in page
        assert send(client, f"/people/{own}/disable").status_code == 404
        place = f"organisation-{here.organisations[FUKUROI]}"
        assert send(client, f"/people/{own}/roles/{place}/remove").status_code == 404
        assert client.get("/people").status_code == 200


def test_a_new_person_gets_a_link_that_is_shown_once_and_works_once(here: Town, site: str) -> None:
    place = f"organisation-{here.organisations[FUKUROI]}"
    with signed_in(here, site, "chief") as client:
        answer = send(
            client, "/people/new", login="Newcomer", name="新人 八子", department="農政課", role="reporter", place=place
        )
        assert answer.status_code == 200
        found = re.search(r'value="(http[^"]+/link/[^"]+)"', answer.text)
        assert found is not None
        assert answer.headers["cache-control"] == "no-store"
        assert "パスワード未設定" in client.get("/people", params={"q": "新人"}).text
        again = send(client, "/people/new", login="newcomer", name="別人", role="viewer", place=place)
        assert again.status_code == 422
        assert re.search(
            r'id="login"[^>]*aria-describedby="login-wrong login-hint"[^>]*aria-invalid="true"', again.text
        )
    with httpx.Client(headers={"Origin": site, "Accept": "text/html"}, timeout=60) as stranger:
        assert stranger.get(found[1]).status_code == 200
        secret = "a long sentence of hers"
        assert stranger.post(found[1], data={"password": secret, "again": secret}).status_code == 303
        assert stranger.get(found[1]).status_code == 410
        assert offered(stranger.get(f"{site}/account").text) == LOOKS


def test_roles_are_given_and_taken_and_people_disabled_enabled_and_reset(here: Town, site: str) -> None:
    person, place = here.ids["operator"], f"organisation-{here.organisations[FUKUROI]}"
    with signed_in(here, site, "chief") as client, signed_in(here, site, "operator") as theirs:
        assert (
            send(client, f"/people/{person}/roles", role="viewer", place=place)
            .headers["location"]
            .startswith(f"/people/{person}?done=role")
        )
        assert ">閲覧</td>" in client.get(f"/people/{person}").text
        wrong = send(client, f"/people/{person}/roles", role="installer", place=place)
        assert (wrong.status_code, "通信網を選んで" in wrong.text) == (422, True)
        assert f"/people/{person}?lang=en" in wrong.text, "the other language is a page that exists"
        assert "停止" in client.get(f"/people/{person}/disable").text
        assert theirs.get("/account").status_code == 200
        assert send(client, f"/people/{person}/disable").status_code == 303
        assert "停止中" in client.get(f"/people/{person}").text
        assert send(client, f"/people/{person}/enable").status_code == 303
        reset = send(client, f"/people/{person}/reset")
        assert (reset.status_code, "/link/" in reset.text) == (200, True)
        assert send(client, f"/people/{person}/sessions/end").status_code == 303
        assert send(client, f"/people/{person}/roles/{place}/remove").headers["location"] == "/people?done=role_removed"
        assert client.get(f"/people/{person}").status_code == 404


def test_a_password_is_changed_by_who_knows_the_old_one(here: Town, site: str) -> None:
    old, new = "the old words of root", "the new words of root"
    with here.access.database() as connection:
        stored = here.access._passwords.hash(old)
        connection.execute("update person set password_hash = %s where login = 'root'", (stored,))
    with signed_in(here, site, "root") as client:
        for fields, at in (
            ({"old": old, "new": new, "again": "x"}, "again"),
            ({"old": "wrong words of root", "new": new, "again": new}, "old"),
            ({"old": old, "new": "short", "again": "short"}, "new"),
        ):
            answer = send(client, "/account/password", **fields)
            assert answer.status_code == 422
            assert f'id="{at}-wrong"' in answer.text, at
            assert old not in answer.text
        assert (
            send(client, "/account/password", old=old, new=new, again=new).headers["location"]
            == "/account?done=password"
        )
        assert "パスワードを変更しました" in client.get("/account?done=password").text


def test_a_second_factor_is_set_up_by_a_picture_or_a_text_and_removed_by_a_code(here: Town, site: str) -> None:
    with signed_in(here, site, "reporter") as client:
        html = client.get("/account/second-factor").text
        assert 'src="data:image/svg+xml' in html
        found = re.search(r'name="key" value="([A-Z2-7]{32})"', html)
        assert found is not None
        key = found[1]
        assert key in re.sub(r"[^A-Z2-7]", "", html[html.index('id="key-text"') :])
        wrong = send(client, "/account/second-factor", key=key, code="000000")
        assert (wrong.status_code, key in wrong.text) == (422, True)
        code = pyotp.TOTP(key).now()
        assert (
            send(client, "/account/second-factor", key=key, code=code).headers["location"]
            == "/account?done=second_factor"
        )
        assert client.get("/account/second-factor").status_code == 303
        assert send(client, "/account/second-factor/remove", code="000000").status_code == 422
        assert here.access.has_second_factor(here.access.caller_of_session(here.cookie("reporter")))  # type: ignore[arg-type]


def test_own_sessions_are_listed_and_ended_one_by_one_and_all_at_once(here: Town, site: str) -> None:
    with signed_in(here, site, "viewer") as one, signed_in(here, site, "viewer") as other:
        html = one.get("/account").text
        assert html.count("このブラウザー</span>") == 1
        handles = re.findall(r"/account/sessions/([0-9a-f]{64})/end", html)
        assert handles
        for handle in handles:
            assert send(one, f"/account/sessions/{handle}/end").status_code == 303
        assert other.get("/account").status_code == 303
        assert one.get("/account").status_code == 200
        assert send(one, "/account/sessions/end").status_code == 303
        assert one.get("/account").status_code == 303


def test_a_token_is_shown_once_reads_and_is_revoked(here: Town, site: str) -> None:
    with signed_in(here, site, "chief") as client:
        assert 'value="metrics"' not in client.get("/tokens/new").text, "of the whole service: not theirs to give"
        bad = send(client, "/tokens/new", name="", until="2020-01-01", scopes="metrics")
        assert [at for at in ("name", "scopes", "until") if f'id="{at}-wrong"' in bad.text] == [
            "name",
            "scopes",
            "until",
        ]
        until = re.search(r'id="until"[^>]*value="([^"]+)"', client.get("/tokens/new").text)
        assert until is not None
        answer = send(client, "/tokens/new", name="集計係の鍵", until=until[1], scopes="figures")
        found = re.search(r'value="(noroshi_[^"]+)"', answer.text)
        assert found is not None
        bearer = {"Authorization": f"Bearer {found[1]}"}
        assert httpx.get(f"{site}/api/v1/devices", headers=bearer, timeout=60).status_code == 200
        listed = client.get("/tokens").text
        assert ("集計係の鍵" in listed, found[1] in listed) == (True, False)
        number = re.search(r"/tokens/(\d+)/revoke", listed)
        assert number is not None
        assert "元に戻せません" in client.get(f"/tokens/{number[1]}/revoke").text
    with signed_in(here, site, "outsider") as client:
        assert "集計係の鍵" not in client.get("/tokens").text
        assert send(client, f"/tokens/{number[1]}/revoke").status_code == 404
    with signed_in(here, site, "root") as client:
        assert send(client, f"/tokens/{number[1]}/revoke").status_code == 303
        assert "取消済み" in client.get("/tokens").text


def test_organisations_are_entered_and_projects_shared_by_who_administers_all(here: Town, site: str) -> None:
    with signed_in(here, site, "root") as client:
        wrong = send(client, "/organisations", code="131011", name="千代田区")
        assert (wrong.status_code, "検査数字" in wrong.text) == (422, True)
        assert send(client, "/organisations", code="131016", name="千代田").status_code == 303
        assert send(client, "/organisations", code="131016", name="千代田区").status_code == 303
        assert "千代田区" in client.get("/organisations").text
        assert (
            send(client, "/organisations/shares", project="ina", organisation=FUKUROI, role="viewer").status_code == 303
        )
        own = send(client, "/organisations/shares", project="ina", organisation=INA, role="viewer")
        assert own.status_code == 422
        assert "/organisations/shares/ina/222160/remove" in client.get("/organisations").text
        assert send(client, "/organisations/shares/ina/222160/remove").status_code == 303
        assert "共有している事業はありません" in client.get("/organisations").text
    with signed_in(here, site, "chief") as client:
        assert client.get("/organisations").status_code == 404
        assert send(client, "/organisations", code="131024", name="中央区").status_code == 404


def test_the_audit_log_is_of_ones_own_organisation_and_says_what_changed(here: Town, site: str) -> None:
    person, place = here.ids["viewer"], f"organisation-{here.organisations[FUKUROI]}"
    with signed_in(here, site, "root") as client:
        assert send(client, f"/people/{person}/roles", role="reporter", place=place).status_code == 303
        entries = client.get("/audit", params={"what": "membership_changed"}).text
        assert re.search(r'class="was">.*?閲覧</span>.*?class="is">.*?報告</span>', entries)
        assert "伊那 七子" in client.get("/audit", params={"what": "person_added"}).text
        assert client.get("/audit", params={"from": "いつか"}).status_code == 422
        assert "該当する記録がありません" in client.get("/audit", params={"until": "2020-01-01"}).text
    with signed_in(here, site, "chief") as client:
        entries = client.get("/audit", params={"what": "person_added"}).text
        assert ("袋井 花子" in entries, "伊那 七子" in entries) == (True, False)
        assert "伊那 七子" not in client.get("/audit", params={"organisation": INA}).text
        assert "伊那" not in client.get("/audit.csv").text


def test_the_audit_log_as_csv_has_the_same_filter_and_no_formulas(here: Town, site: str) -> None:
    with here.access.database() as connection:
        connection.execute(
            "select audit_append('=cmd|1', '', %s, null, 'signed_in', '@x', null, '\"-1\"', null)", (FUKUROI,)
        )
    with signed_in(here, site, "root") as client:
        answer = client.get("/audit.csv", params={"who": "=cmd|1"})
        assert answer.content.startswith("\ufeff番号,時刻,だれが".encode())
        lines = answer.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert ",'=cmd|1," in lines[1]
        assert ",'@x," in lines[1]
        assert 'href="/audit.csv?who=%3Dcmd%7C1"' in client.get("/audit", params={"who": "=cmd|1"}).text


def test_a_form_without_the_value_of_the_session_does_nothing(here: Town, site: str) -> None:
    with signed_in(here, site, "root") as client:
        assert client.post(f"/people/{here.ids['chief']}/disable", data={"csrf": "x"}).status_code == 403
        assert client.get(f"/people/{here.ids['chief']}").text.count("停止中</span>") == 0
