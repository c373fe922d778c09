"""The use of a month is what the audit log says of it, and unknown where the log says nothing of it."""

from datetime import UTC, date, datetime, timedelta

from ingest.access.audit import Action, Entry, append
from ingest.plan.check.spans import month_span
from ingest.plan.check.use.database import KnownUse
from schemas.japan import JST, Month, now_jst
from tests.plan.check.papers import document, kpi
from tests.plan.check.town import Town

APRIL, MAY, JUNE = Month(2026, 4), Month(2026, 5), Month(2026, 6)
USERS = kpi(
    "users", unit="人", decimals=0, targets={2025: 10, 2026: 10}, evidence={"kind": "figure", "figure": "users"}
)


def test_a_month_before_the_audit_log_began_has_no_users_and_not_nought(town: Town) -> None:
    this = Month.of(now_jst().date())
    before = Month(this.year - 1, this.month)
    town.plan(document(USERS, begins=date(2020, 4, 1), ends=date(2099, 3, 31)), at=datetime(2020, 1, 1, tzinfo=UTC))
    town.connection.execute("update project set organisation_code = 'city'")
    assert town.kpi(month_span(this), "users").actual.value is None, "the log is empty"
    append(town.connection, Entry(Action.PAGE_SEEN, "overview", actor="sato", organisation="city", project="tea"))
    assert town.kpi(month_span(this), "users").actual.value == 1
    found = town.kpi(month_span(before), "users")
    assert (found.actual.value, found.rate, found.grade) == (None, None, None)
    assert found.actual.missing is not None
    assert "監査ログ" in found.actual.missing.ja


def test_use_is_counted_by_month_department_and_project(town: Town) -> None:
    """Two people of 農政課 and one of 防災課 looked; sato downloaded twice, once from another project."""
    this = Month.of(now_jst().date())
    figures = ("users", "page_views", "downloads", "departments", "diversity")
    rows = [kpi(each, decimals=0, evidence={"kind": "figure", "figure": each}) for each in figures]
    agri = kpi("agri", evidence={"kind": "figure", "figure": "users", "arguments": {"department": "農政課"}})
    plan = document(*rows, agri, begins=date(2020, 4, 1), ends=date(2099, 3, 31))
    town.plan(plan, at=datetime(2020, 1, 1, tzinfo=UTC))
    town.connection.execute("update project set organisation_code = 'city'")
    for actor, department, project, action in (
        ("sato", "農政課", "tea", Action.PAGE_SEEN), ("ito", "農政課", "tea", Action.PAGE_SEEN),
        ("mori", "防災課", "tea", Action.PAGE_SEEN), ("sato", "農政課", "tea", Action.PAGE_SEEN),
        ("sato", "農政課", "tea", Action.DATA_DOWNLOADED), ("sato", "農政課", "rice", Action.DATA_DOWNLOADED),
    ):  # fmt: skip
        entry = Entry(action, "x", actor=actor, department=department, organisation="city", project=project)
        append(town.connection, entry)
    # A slot that is still open does not count.
    town.field.uplink(town.field.device("a", interval_s=1), now_jst() - timedelta(seconds=3))
    span = month_span(this)
    found = {each.code: each.actual.value for each in town.results(span, now_jst()).kpis}
    assert found == {
        "users": 3, "page_views": 4, "downloads": 1, "departments": 2, "diversity": 2, "agri": 2,
    }, "one use (農業) times two departments"  # fmt: skip


def test_what_was_deleted_from_the_log_is_not_known_either() -> None:
    began = datetime(2026, 4, 20, tzinfo=JST)
    assert [KnownUse(began, None).tells(month) for month in (Month(2026, 3), APRIL, MAY)] == [False, True, True]
    deleted = KnownUse(datetime(2026, 5, 3, tzinfo=JST), datetime(2026, 5, 2, tzinfo=JST))
    assert [deleted.tells(month) for month in (APRIL, MAY, JUNE)] == [False, False, True]
    assert not KnownUse(None, None).tells(MAY)
