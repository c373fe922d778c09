"""The catalogue of plan figures: what a KPI may be measured by, with its unit, direction and formula in words."""

from dataclasses import dataclass
from enum import StrEnum

from ingest.figures.plan.statements import STATEMENTS
from schemas.bilingual import Bilingual


class Source(StrEnum):
    """What a figure is computed from. It decides which parts of a scope it can be about."""

    SUMS = "sums"
    OUTAGES = "outages"
    WORK = "work"
    USE = "use"
    COSTS = "costs"
    WATCH = "watch"

    @property
    def needs(self) -> Bilingual:
        """What has to be there before the figure has a value."""
        return _NEEDS[self]


_NEEDS = {
    Source.SUMS: Bilingual("台帳の機器と、届いたデータの集計", "devices of the registry, and sums of what arrived"),
    Source.OUTAGES: Bilingual("サービスが見つけた停止の一覧", "the list of outages found by the service"),
    Source.WORK: Bilingual("作業記録", "the work log"),
    Source.USE: Bilingual("監査ログ(利用の記録)", "the audit log of use"),
    Source.COSTS: Bilingual("計画に書いた費用と収入", "costs and incomes of the plan"),
    Source.WATCH: Bilingual("監視の記録(監視イベント、通知、確認)", "the record of the watch: events, messages, deeds"),
}


class Better(StrEnum):
    """Which way a figure gets better."""

    MORE = "more"
    LESS = "less"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a figure: a closed list of values, the first of which holds where none is given; or free text."""

    name: str
    values: tuple[str, ...]
    says: Bilingual


@dataclass(frozen=True, slots=True)
class PlanFigure:
    """A figure of the catalogue.

    `code`: as plans name it; it never changes. `percent`: its value is a percentage. `scoped`: networks, areas and
    devices of a scope narrow it; the others are about the whole project whatever the scope says, and a plan that
    narrows them is refused.
    """

    code: str
    label: Bilingual
    unit: Bilingual
    better: Better
    source: Source
    formula: Bilingual
    arguments: tuple[Argument, ...] = ()

    @property
    def percent(self) -> bool:
        """Whether the value is a percentage."""
        return self.unit.ja == "%"

    @property
    def adds_up(self) -> bool:
        """Whether the value of a year is the sum of its months: a month says little about a target of a year."""
        return self.code in _SUMS

    @property
    def scoped(self) -> bool:
        """Whether networks, areas, uses and devices of a scope narrow it."""
        return self.source in (Source.SUMS, Source.OUTAGES, Source.WORK) or self.code == "yen_per_1000_valid"


_PERCENT = Bilingual("%", "%")
_SECONDS = Bilingual("秒", "s")
_HOURS = Bilingual("時間", "h")
_YEN = Bilingual("円", "yen")
_TIMES = Bilingual("回", "times")
_PIECES = Bilingual("件", "pieces")
_MINUTES = Bilingual("分", "min")

_VIEW = Argument(
    "view", ("total", "local", "running"),
    Bilingual("見方: total 総額、local 地方負担のみ、running 運用段階(初期費用を除く)",
              "view: total; local: without the subsidy; running: without initial costs"),
)  # fmt: skip
_KINDS = Argument(
    "kinds", (), Bilingual("作業の種類(コンマ区切り)。なければすべて", "kinds of work, by commas; else every kind")
)
_DEPARTMENT = Argument("department", (), Bilingual("所属(課)。なければ全体", "department; without one all of them"))


def _figure(
    code: str, label: Bilingual, unit: Bilingual, better: Better, source: Source, *arguments: Argument
) -> PlanFigure:
    return PlanFigure(code, label, unit, better, source, STATEMENTS[code], arguments)


_MORE, _LESS, _NEITHER = Better.MORE, Better.LESS, Better.NEITHER

CATALOGUE: tuple[PlanFigure, ...] = (
    _figure("completeness", Bilingual("データ取得率", "completeness"), _PERCENT, _MORE, Source.SUMS),
    _figure("sent_rate", Bilingual("送信率", "sending rate"), _PERCENT, _MORE, Source.SUMS),
    _figure("radio_rate", Bilingual("無線到達率", "radio arrival rate"), _PERCENT, _MORE, Source.SUMS),
    _figure("valid_rate", Bilingual("有効率", "valid rate"), _PERCENT, _MORE, Source.SUMS),
    _figure("missing_rate", Bilingual("欠測率", "missing rate"), _PERCENT, _LESS, Source.SUMS),
    _figure("availability", Bilingual("稼働率", "availability"), _PERCENT, _MORE, Source.SUMS),
    _figure("expected", Bilingual("期待受信数", "expected receptions"), _PIECES, _NEITHER, Source.SUMS),
    _figure("valid", Bilingual("有効受信数", "valid receptions"), _PIECES, _MORE, Source.SUMS),
    _figure("readings", Bilingual("測定値数", "readings"), _PIECES, _MORE, Source.SUMS),
    _figure(
        "devices_working", Bilingual("稼働台数", "working devices"), Bilingual("台", "devices"), _MORE, Source.SUMS
    ),
    _figure("latency_p50", Bilingual("遅延(中央値)", "latency, median"), _SECONDS, _LESS, Source.SUMS),
    _figure("latency_p95", Bilingual("遅延(95%)", "latency, 95th percentile"), _SECONDS, _LESS, Source.SUMS),
    _figure("outages", Bilingual("停止回数", "outages"), _TIMES, _LESS, Source.OUTAGES),
    _figure("mttr", Bilingual("平均復旧時間(MTTR)", "MTTR"), _HOURS, _LESS, Source.OUTAGES),
    _figure("mtbf", Bilingual("平均故障間隔(MTBF)", "MTBF"), _HOURS, _MORE, Source.OUTAGES),
    _figure("downtime", Bilingual("停止時間", "downtime"), _HOURS, _LESS, Source.OUTAGES),
    _figure("visits", Bilingual("現地作業回数", "visits"), _TIMES, _LESS, Source.WORK, _KINDS),
    _figure("work_minutes", Bilingual("作業時間(分)", "minutes of work"), _MINUTES, _LESS, Source.WORK, _KINDS),
    _figure("work_hours", Bilingual("作業時間", "hours of work"), _HOURS, _LESS, Source.WORK, _KINDS),
    _figure("distance", Bilingual("走行距離", "distance driven"), Bilingual("km", "km"), _LESS, Source.WORK, _KINDS),
    _figure(
        "users",
        Bilingual("利用者数(月平均)", "users, mean of months"),
        Bilingual("人", "people"),
        _MORE,
        Source.USE,
        _DEPARTMENT,
    ),
    _figure("page_views", Bilingual("閲覧", "page views"), _TIMES, _MORE, Source.USE, _DEPARTMENT),
    _figure("sign_ins", Bilingual("サインイン", "sign-ins"), _TIMES, _MORE, Source.USE, _DEPARTMENT),
    _figure("downloads", Bilingual("ダウンロード", "downloads"), _TIMES, _MORE, Source.USE, _DEPARTMENT),
    _figure("reports", Bilingual("報告書の作成", "reports made"), _TIMES, _MORE, Source.USE, _DEPARTMENT),
    _figure(
        "programs",
        Bilingual("利用プログラム数(月平均)", "API programs, mean of months"),
        Bilingual("本", "programs"),
        _MORE,
        Source.USE,
    ),
    _figure(
        "departments",
        Bilingual("利用部署数", "departments that use it"),
        Bilingual("部署", "departments"),
        _MORE,
        Source.USE,
    ),
    _figure(
        "diversity", Bilingual("多用途度", "diversity of use"), Bilingual("通り", "combinations"), _MORE, Source.USE
    ),
    _figure("cost", Bilingual("費用", "cost"), _YEN, _LESS, Source.COSTS, _VIEW),
    _figure("income", Bilingual("収入・節減額", "income and savings"), _YEN, _MORE, Source.COSTS),
    _figure(
        "yen_per_1000_valid",
        Bilingual("有効受信1,000件あたり費用", "yen per 1,000 valid receptions"),
        _YEN,
        _LESS,
        Source.COSTS,
        _VIEW,
    ),
    _figure("self_sufficiency", Bilingual("自走化率", "self-sufficiency"), _PERCENT, _MORE, Source.COSTS),
    _figure("tco60", Bilingual("60か月の総費用(TCO)", "TCO over 60 months"), _YEN, _LESS, Source.COSTS, _VIEW),
    _figure("net_cumulative", Bilingual("累積収支", "cumulative net"), _YEN, _MORE, Source.COSTS, _VIEW),
    _figure(
        "break_even_months",
        Bilingual("損益分岐までの月数", "months to break-even"),
        Bilingual("か月", "months"),
        _LESS,
        Source.COSTS,
        _VIEW,
    ),
    _figure(
        "notification_delay_p50",
        Bilingual("通知遅延(中央値)", "delay of notifications, median"),
        _SECONDS,
        _LESS,
        Source.WATCH,
    ),
    _figure(
        "notification_delay_p95",
        Bilingual("通知遅延(95%)", "delay of notifications, 95th percentile"),
        _SECONDS,
        _LESS,
        Source.WATCH,
    ),
    _figure(
        "time_to_acknowledge_p50",
        Bilingual("確認時間(中央値)", "time to acknowledge, median"),
        _MINUTES,
        _LESS,
        Source.WATCH,
    ),
    _figure(
        "time_to_acknowledge_p95",
        Bilingual("確認時間(95%)", "time to acknowledge, 95th percentile"),
        _MINUTES,
        _LESS,
        Source.WATCH,
    ),
    _figure("false_alarm_rate", Bilingual("空振り率", "rate of false alarms"), _PERCENT, _LESS, Source.WATCH),
    _figure("missed", Bilingual("見逃し", "missed"), _PIECES, _LESS, Source.WATCH),
    _figure("crossings", Bilingual("段階への到達", "stages reached"), _TIMES, _NEITHER, Source.WATCH),
    _figure("escalations", Bilingual("段階的な連絡", "escalations"), _TIMES, _LESS, Source.WATCH),
    _figure("notifications", Bilingual("届いた通知", "messages to people"), _PIECES, _NEITHER, Source.WATCH),
    _figure("watch_uptime", Bilingual("監視の稼働率", "uptime of the watch"), _PERCENT, _MORE, Source.WATCH),
)

FIGURES: dict[str, PlanFigure] = {figure.code: figure for figure in CATALOGUE}
"""The catalogue by code."""


_SUMS = frozenset((
    "expected", "valid", "readings", "outages", "downtime", "visits", "work_minutes", "work_hours", "distance",
    "page_views", "sign_ins", "downloads", "reports", "cost", "income", "missed", "crossings", "escalations",
    "notifications",
))  # fmt: skip


def wrong_arguments(figure: PlanFigure, arguments: dict[str, str | float]) -> list[Bilingual]:
    """What is wrong with the arguments a plan gives to a figure; nothing is an empty list."""
    known = {argument.name: argument for argument in figure.arguments}
    problems = []
    for name, value in arguments.items():
        if name not in known:
            problems.append(
                Bilingual(
                    f"{figure.code} に引数 {name} はありません(あるもの: {'、'.join(known) or 'なし'})",
                    f"{figure.code} has no argument {name} (it has: {', '.join(known) or 'none'})",
                )
            )
        elif known[name].values and value not in known[name].values:
            of = known[name].values
            problems.append(
                Bilingual(
                    f"{figure.code} の {name} は {'、'.join(of)} のどれかです",
                    f"{name} of {figure.code} is one of {', '.join(of)}",
                )
            )
    return problems
