"""Files with organisations and people: what they say, what they would change, and what is wrong with them."""

from pathlib import Path

import pytest

from ingest.access.document.changes import AccessChanges, compare
from ingest.access.document.model import Document, Grant, Known, KnownPerson, Where
from ingest.access.document.outcome import report
from ingest.access.document.read import read
from ingest.access.document.write import as_yaml, people_csv
from ingest.access.roles import Role

pytestmark = pytest.mark.japanese

FUKUROI, IWATA = "222160", "222119"

ADMIN = KnownPerson("sato", "佐藤", "総務課", grants=frozenset({Grant(Role.ADMIN, Where.EVERYWHERE)}))
KNOWN = Known(
    organisations={FUKUROI: "袋井市"},
    people={"sato": ADMIN},
    shares={("river", FUKUROI): Role.VIEWER},
    readers={"grafana_fukuroi": FUKUROI},
    projects={"tea": FUKUROI, "river": IWATA},
    networks=frozenset({"lora"}),
)

WHOLE = f"""
organisations:
  - code: "{FUKUROI}"
    name: 袋井市
  - {{code: "{IWATA}", name: 磐田市}}
people:
  - login: Ｓｕｚｕｋｉ
    name: 鈴木 一郎
    department: 農政課
    email: suzuki@city.example.jp
    memberships:
      - {{role: 運用, organisation: "{FUKUROI}"}}
      - {{role: viewer, project: river}}
      - {{role: installer, network: lora}}
shares:
  - {{project: tea, organisation: "{IWATA}", role: 閲覧}}
readers:
  - {{role: grafana_iwata, organisation: "{IWATA}"}}
"""


def read_text(tmp_path: Path, text: str, name: str = "people.yaml", encoding: str = "utf-8") -> Document:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read([path])


def changes_of(tmp_path: Path, text: str, known: Known = KNOWN, name: str = "people.yaml") -> AccessChanges:
    return compare(read_text(tmp_path, text, name), known)


def problems(tmp_path: Path, text: str, name: str = "people.yaml", known: Known = KNOWN) -> list[str]:
    return [str(problem) for problem in changes_of(tmp_path, text, known, name).problems]


def applied(known: Known, changes: AccessChanges) -> Known:
    """What the database has after these changes."""
    assert changes.problems == []
    shares = {**known.shares, **{(each.project, each.organisation): each.new for each in changes.shares}}
    readers = {**known.readers, **{each.role_name: each.new for each in changes.readers}}
    return Known(
        {**known.organisations, **{each.code: each.new for each in changes.organisations}},
        {**known.people, **{each.new.login: each.new for each in changes.people}},
        {key: role for key, role in shares.items() if role is not None},
        {key: code for key, code in readers.items() if code is not None},
        known.projects,
        known.networks,
    )


def test_a_document_says_who_may_do_what_where(tmp_path: Path) -> None:
    changes = changes_of(tmp_path, WHOLE)
    assert changes.problems == []
    assert [(each.code, each.old, each.new) for each in changes.organisations] == [(IWATA, None, "磐田市")]
    (person,) = changes.people
    assert (person.old, person.new.login, person.new.department) == (None, "suzuki", "農政課")
    assert person.new.grants == {
        Grant(Role.OPERATOR, Where.ORGANISATION, FUKUROI),
        Grant(Role.VIEWER, Where.PROJECT, "river"),
        Grant(Role.INSTALLER, Where.NETWORK, "lora"),
    }
    assert [tuple(each) for each in changes.shares] == [("tea", IWATA, None, Role.VIEWER)]
    assert [tuple(each) for each in changes.readers] == [("grafana_iwata", None, IWATA)]


def test_a_document_applied_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    after = applied(KNOWN, changes_of(tmp_path, WHOLE))
    again = changes_of(tmp_path, WHOLE, after)
    assert not again.changes_something
    assert "変更はありません" in str(report(again, dry_run=False))


def test_what_a_document_does_not_name_stays(tmp_path: Path) -> None:
    after = applied(KNOWN, changes_of(tmp_path, WHOLE))
    assert after.people["sato"] == ADMIN
    assert after.shares[("river", FUKUROI)] is Role.VIEWER
    (person,) = changes_of(tmp_path, "people:\n - {login: suzuki, department: 防災課}\n", after).people
    assert (person.new.name, person.new.department, person.given, person.taken) == ("鈴木 一郎", "防災課", [], [])


def test_roles_that_are_written_are_all_roles_of_a_person(tmp_path: Path) -> None:
    after = applied(KNOWN, changes_of(tmp_path, WHOLE))
    text = "people:\n - login: suzuki\n   memberships: [{role: viewer, project: river}]\n"
    (person,) = changes_of(tmp_path, text, after).people
    assert (person.given, len(person.taken)) == ([], 2)
    (person,) = changes_of(tmp_path, "people:\n - {login: suzuki, memberships: []}\n", after).people
    assert len(person.taken) == 3


def test_a_share_and_a_reader_end_by_none(tmp_path: Path) -> None:
    text = f"""
shares: [{{project: river, organisation: "{FUKUROI}", role: なし}}]
readers: [{{role: grafana_fukuroi, organisation: none}}]
"""
    changes = changes_of(tmp_path, text)
    assert applied(KNOWN, changes).shares == {}
    assert applied(KNOWN, changes).readers == {}
    assert "共有 river / 222160: 閲覧 → なし" in str(report(changes, dry_run=True))


def test_an_organisation_that_is_no_municipality_has_a_short_name_for_a_code(tmp_path: Path) -> None:
    text = """
organisations: [{code: Kyogikai-1, name: 協議会}]
people: [{login: ito, name: 伊藤, memberships: [{role: viewer, organisation: Kyogikai-1}]}]
readers: [{role: grafana_kyogikai, organisation: Kyogikai-1}]
"""
    after = applied(KNOWN, changes_of(tmp_path, text))
    assert after.organisations["Kyogikai-1"] == "協議会"
    for name, written in (("a.yaml", as_yaml(after)), ("a.csv", people_csv(after))):
        again = changes_of(tmp_path, written, after, name)
        assert (again.problems, again.changes_something) == ([], False)
    said = problems(tmp_path, "organisations: [{code: '袋井', name: x}]\n")
    assert "people.yaml 1行目 code: 団体コード(検査数字を含む6桁)か" in said[0]


HEADINGS = ("ログイン名,氏名,課,権限,団体コード,事業コード", "login,name,department,role,organisation,project")


@pytest.mark.parametrize("headings", HEADINGS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_table_of_excel_says_the_same_in_any_encoding_and_language(
    tmp_path: Path, encoding: str, headings: str
) -> None:
    text = f"{headings}\r\nsuzuki,鈴木,農政課,運用,{FUKUROI},\r\nsuzuki,,,閲覧,,river\r\nito,伊藤,,,,\r\n"
    document = read_text(tmp_path, text, "people.csv", encoding)
    assert document.problems == []
    suzuki, ito = document.people["suzuki"], document.people["ito"]
    assert (suzuki.name, suzuki.department) == ("鈴木", "農政課")
    assert suzuki.grants is not None
    assert set(suzuki.grants) == {
        Grant(Role.OPERATOR, Where.ORGANISATION, FUKUROI),
        Grant(Role.VIEWER, Where.PROJECT, "river"),
    }
    assert [place.row for place in suzuki.grants.values()] == [2, 3]
    assert ito.grants is None, "no role is named: what this person has stays"


WRONG = [
    ("- x\n", "people.yaml 1行目: 最上位は organisations:、people:、shares:、readers: のどれかで始めてください"),
    ("poeple: []\n", "people.yaml 1行目 poeple: 「poeple」という項目はありません"),
    ("people:\n - {login: a b, name: x}\n", "people.yaml 2行目 login: 「a b」はログイン名に使えません"),
    ("people:\n - login: a\n   nmae: x\n", "people.yaml 3行目 nmae: 「nmae」という項目はありません。「name」では"),
    ("people:\n - login: a\n", "people.yaml 2行目 a: 新しい利用者には名前(name)が要ります"),
    ("people:\n - {name: a}\n", "people.yaml 2行目 ログイン名: 空です"),
    (
        "people:\n - {login: a, name: x}\n - {login: A, name: y}\n",
        "people.yaml 3行目: 利用者 a は people.yaml 2行目にも",
    ),
    (
        "people:\n - login: a\n   name: x\n   memberships:\n    - {role: admin}\n",
        "people.yaml 5行目 管理: どこでの権限ですか",
    ),
    (
        f"people:\n - login: a\n   name: x\n   memberships:\n    - {{role: boss, organisation: '{FUKUROI}'}}\n",
        "people.yaml 5行目 role: 「boss」という権限はありません。閲覧(viewer)",
    ),
    (
        f"people:\n - login: a\n   name: x\n   memberships:\n    - {{role: installer, organisation: '{FUKUROI}'}}\n",
        "people.yaml 5行目 設置者: 設置者(installer)は通信網の権限",
    ),
    (
        "people:\n - login: a\n   name: x\n   memberships:\n    - {role: viewer, project: tae}\n",
        "people.yaml 5行目 project: 台帳に事業 tae がありません",
    ),
    (
        f"people:\n - login: a\n   name: x\n   memberships:\n    - {{role: viewer, organisation: '{IWATA}'}}\n",
        f"people.yaml 5行目 organisation: 団体 {IWATA} がまだありません",
    ),
    (
        "organisations:\n - {code: 222161, name: x}\n",
        "people.yaml 2行目 code: 団体コード 222161 は検査数字が合いません",
    ),
    (
        f"shares:\n - {{project: tea, organisation: '{FUKUROI}', role: viewer}}\n",
        "people.yaml 2行目 organisation: 事業 tea は団体 222160 自身のものです",
    ),
    (
        "readers:\n - {role: Robert'); drop, organisation: none}\n",
        "people.yaml 2行目 role: 「Robert'); drop」は役の名前に",
    ),
    ("people:\n - {login: sato, enabled: ×}\n", "これでは全体を管理できる人がいなくなります"),
    ("people:\n - {login: sato, memberships: []}\n", "これでは全体を管理できる人がいなくなります"),
    ("people: [\n", "people.yaml 2行目: YAML として読めません"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_a_mistake_is_named_with_its_line_and_field(tmp_path: Path, text: str, expected: str) -> None:
    assert any(expected in problem for problem in problems(tmp_path, text)), problems(tmp_path, text)


WRONG_TABLES = [
    ("名前,課\n鈴木,農政\n", "people.csv 1行目: 見出し「ログイン名」の列がありません"),
    ("ログイン名,氏名,けん限\na,x,閲覧\n", "people.csv 1行目 けん限: 利用者の表に「けん限」という見出しはありません"),
    ("ログイン名,氏名,権限\na,x,閲覧\n", "people.csv 2行目 閲覧: どこでの権限ですか"),
    (f"ログイン名,氏名,権限,団体コード\na,x,,{FUKUROI}\n", "people.csv 2行目 権限: 空です"),
    (
        "ログイン名,氏名,権限,団体コード\na,x,閲覧,全体\na,y,報告,222160\n",
        "people.csv 3行目 氏名: 同じ利用者の 2行目は「x」",
    ),
    ("ログイン名,氏名,権限,団体コード\na,x,閲覧,全体\na,,報告,全体\n", "people.csv 3行目 報告(全体): 同じ範囲の権限が"),
    ("ログイン名,メール\na,a@b c@d\n", "people.csv 2行目 メール: 「a@bc@d」はメールアドレスではありません"),
    ("ログイン名,氏名\na,#REF!\n", "people.csv 2行目 氏名: Excel のエラー値"),
    ("", "people.csv 1行目: 表が空です"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG_TABLES)
def test_a_mistake_in_a_table_is_named_with_its_line_and_column(tmp_path: Path, text: str, expected: str) -> None:
    found = problems(tmp_path, text, "people.csv")
    assert any(expected in problem for problem in found), found


def test_what_is_written_is_read_again_and_changes_nothing(tmp_path: Path) -> None:
    known = applied(KNOWN, changes_of(tmp_path, WHOLE))
    for name, text in (("people.yaml", as_yaml(known)), ("people.csv", people_csv(known))):
        changes = changes_of(tmp_path, text, known, name)
        assert (changes.problems, changes.changes_something) == ([], False), name
    assert known.people["suzuki"].email == "suzuki@city.example.jp"
    assert "memberships:\n  - role: admin\n    organisation: everywhere" in as_yaml(known)
    rows = people_csv(known).splitlines()
    assert rows[1] == "sato,佐藤,総務課,,○,管理,全体,,"


def test_a_name_that_looks_like_a_formula_stays_one(tmp_path: Path) -> None:
    known = Known(people={"sato": ADMIN, "a": KnownPerson("a", "=1+1")})
    text = people_csv(known)
    assert "a,'=1+1," in text
    assert not changes_of(tmp_path, text, known, "people.csv").changes_something


def test_a_role_of_the_provider_is_neither_written_nor_taken_away(tmp_path: Path) -> None:
    provided = KnownPerson("ito", "伊藤", provided=frozenset({Grant(Role.ADMIN, Where.ORGANISATION, FUKUROI)}))
    known = Known(organisations={FUKUROI: "袋井市"}, people={"sato": ADMIN, "ito": provided})
    assert "role: admin\n    organisation: '222160'" not in as_yaml(known)
    text = "people:\n - {login: sato, enabled: no}\n"
    assert changes_of(tmp_path, text, known).problems, "an admin of one organisation is none of everything"
    provided = KnownPerson("ito", "伊藤", provided=frozenset({Grant(Role.ADMIN, Where.EVERYWHERE)}))
    known = Known(organisations={FUKUROI: "袋井市"}, people={"sato": ADMIN, "ito": provided})
    assert changes_of(tmp_path, text, known).problems == [], "the other admin comes from the provider"
