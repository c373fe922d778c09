"""Roles, what each of them may do, and the scopes of tokens. Closed lists; pure."""

from collections.abc import Mapping
from enum import StrEnum

from schemas.labelled import Labelled


class Verb(StrEnum):
    """What can be allowed. Every route of pages and API names one, or says that it is open."""

    SEE = "see"
    """Pages, figures and readings."""
    REPORT = "report"
    """Drafts of reports, the work log."""
    OPERATE = "operate"
    """Registry, quarantine, corrections, acknowledgements."""
    ADMINISTER = "administer"
    """People, tokens, retention, the audit log."""
    ARRIVALS = "arrivals"
    """What arrives now from one network."""


class Role(Labelled):
    """What a person is somewhere. The names stand in the tables; they never change."""

    VIEWER = "viewer", "閲覧", "viewer"
    REPORTER = "reporter", "報告", "reporter"
    OPERATOR = "operator", "運用", "operator"
    ADMIN = "admin", "管理", "admin"
    INSTALLER = "installer", "設置者", "installer"

    @property
    def rank(self) -> int:
        """The higher role may do everything that the lower may. The installer stands beside them, lowest."""
        return _RANKS[self]

    def may(self, verb: Verb) -> bool:
        """Whether this role is allowed to do it."""
        return verb in _VERBS[self]


class Scope(Labelled):
    """What a token may be used for."""

    FIGURES = "figures", "集計だけ", "figures only"
    """States, sums and accounts; no single reading or message."""
    READINGS = "readings", "測定値も", "readings too"
    """Single readings and messages, besides."""
    METRICS = "metrics", "監視(/metrics)", "monitoring (/metrics)"
    """/metrics of the whole service, and nothing else."""
    WORK = "work", "作業記録の登録", "entering work"
    """What people did and saw: the work log, planned stops, observations. They are entered and read, nothing else."""
    REPORTS = "reports", "報告書の作成", "reports"
    """Reports: ordered, and read as files. Nothing else."""
    SUBMISSIONS = "submissions", "報告書の確定(提出版)", "freezing reports"
    """Checked reports are frozen for good. Nothing else."""
    WATCH = "watch", "監視(事象の読み出しと確認)", "watch"
    """Incidents, events and messages of the watch: read; incidents are acknowledged too. Nothing else."""
    WALL = "wall", "表示盤", "wall display"
    """The one page for the wall of a situation room. Nothing else."""


_RANKS: Mapping[Role, int] = {
    Role.INSTALLER: 0, Role.VIEWER: 1, Role.REPORTER: 2, Role.OPERATOR: 3, Role.ADMIN: 4,
}  # fmt: skip

_VERBS: Mapping[Role, frozenset[Verb]] = {
    Role.INSTALLER: frozenset({Verb.ARRIVALS}),
    Role.VIEWER: frozenset({Verb.SEE, Verb.ARRIVALS}),
    Role.REPORTER: frozenset({Verb.SEE, Verb.ARRIVALS, Verb.REPORT}),
    Role.OPERATOR: frozenset({Verb.SEE, Verb.ARRIVALS, Verb.REPORT, Verb.OPERATE}),
    Role.ADMIN: frozenset(Verb),
}


def lesser(one: Role, other: Role) -> Role:
    """The role that allows less of the two."""
    return min(one, other, key=lambda role: role.rank)


def greater(one: Role, other: Role) -> Role:
    """The role that allows more of the two."""
    return max(one, other, key=lambda role: role.rank)
