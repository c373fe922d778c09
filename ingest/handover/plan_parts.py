"""The parts of the plan (運用計画), and the history of the registry that its figures count by.

Rows that others refer to have a number in the files: 1, 2, 3, ... in the order in which they were entered. An import
gives them new ids in the same order, so the numbers stay.
"""

from ingest.handover import words
from ingest.handover.column import Column, Type
from ingest.handover.part import Part, Way


def _number(kind: str, ja: str, en: str, name: str = "", into: str = "") -> Column:
    return Column(name or kind, Type.INTEGER, ja, en, into=into or f"{kind}_id", refers=kind)


def _json(name: str, ja: str, en: str) -> Column:
    return Column(name, Type.JSON, ja, en)


def _devices(name: str, kind: str, ja: str, en: str) -> Column:
    return Column(name, Type.JSON, ja, en, refers=kind, many=True)


_PROJECT = words.PROJECT
_FIRST_DAY = words.day("first_day", "期間の最初の日", "first day of the period")
_FISCAL_YEAR = words.count("fiscal_year", "年度", "fiscal year")
_KIND = words.text("kind", "種別", "kind")
_ENTERED = (words.time("記入日時", "when it was entered", "entered_at"), words.text("entered_by", "記入者", "by whom"))
_VOIDED = (
    words.time("取り消した日時", "voided when", "voided_at"), words.text("voided_by", "取り消した者", "voided by"),
    words.text("void_reason", "取り消した理由", "voided why"),
)  # fmt: skip
_CLIENT_KEY = words.text("client_key", "送信元の番号(二重登録を防ぐ)", "key of the sender, so that it is stored once")
_DIGEST = Column("digest", Type.BYTES, "内容のハッシュ(SHA-256)", "SHA-256 of the canonical text")
_MEASURE = _number("measure", "改善措置の番号", "number of the measure")
_OUTAGE = _number("outage", "停止の番号", "number of the outage")
_SPAN = (words.time("始まり", "begin", "starts"), words.time("終わり", "end", "ends"))

PLACEMENT = Part(
    "device_placement", "機器の設置の履歴", "where a device stood, and how it was to send, over time", Way.ROWS,
    ("device", "valid_from"),
    (
        words.DEVICE, words.time("この日時から。空は最初から", "from; empty: always", "valid_from"),
        words.time("この日時の前まで。空は今も", "before; empty: holds now", "valid_to"),
        _PROJECT, words.NETWORK, words.GATEWAY, words.text("use", "分野", "field of use"),
        words.text("area", "地区", "area"), words.count("interval_s", "送信間隔", "reporting interval", "s"),
        words.count("calm_interval_s", "平常時の送信間隔", "interval while the level is low", "s"),
        words.number("active_level_m", "観測開始水位", "level from which on interval_s holds", "m"),
        words.text("season_from", "運用開始(月-日)", "season begins (MM-DD)"),
        words.text("season_to", "運用終了(月-日)", "season ends (MM-DD)"),
        words.day("installed_on", "設置日", "day of installation"),
        Column("enabled", Type.BOOLEAN, "有効", "in use"),
    ),
    optional=True,
)  # fmt: skip

_WORK = (
    Part(
        "work_entry", "作業記録", "work log", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), _PROJECT, _KIND, words.time("始まり", "begin", "starts"),
            words.count("minutes", "時間(分、一人あたり)", "minutes of each person", "min"),
            words.count("people", "人数", "people"), words.DEVICE, words.text("place", "場所", "place"),
            words.text("note", "内容", "what was done"), words.text("photo", "写真の参照", "reference of a picture"),
            words.number("km_before", "出発時の距離計", "odometer before", "km"),
            words.number("km_after", "帰着時の距離計", "odometer after", "km"), _MEASURE, *_ENTERED, _CLIENT_KEY,
            *_VOIDED,
        ),
        optional=True, left_out=("entry",),
    ),
    Part(
        "planned_stop", "計画停止", "planned stops", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), _PROJECT, words.NETWORK, words.GATEWAY, words.DEVICE, *_SPAN,
            words.text("reason", "理由", "reason"), *_ENTERED, words.time("承認した日時", "signed when", "signed_at"),
            words.text("signed_by", "承認した者", "signed by"), words.text("sign_reason", "承認の理由", "signed why"),
            _CLIENT_KEY, *_VOIDED,
        ),
        optional=True, left_out=("entry",),
    ),
    Part(
        "observation", "手入力の観測", "what people observed", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), _PROJECT, words.CODE, _FIRST_DAY,
            words.day("last_day", "期間の最後の日", "last day of the period"), words.number("value", "値", "value"),
            words.text("unit", "単位", "unit"), words.text("area", "地区", "area"),
            words.text("source", "出典", "source"),
            words.text("basis", "値の性格(実績・推計・想定)", "measured, estimated or assumed"),
            words.text("note", "備考", "note"), *_ENTERED, _CLIENT_KEY, *_VOIDED,
        ),
        optional=True, left_out=("entry",),
    ),
)  # fmt: skip

_OUTAGES = (
    Part(
        "outage", "停止", "outages", Way.ROWS, ("outage",),
        (
            _OUTAGE, _PROJECT, words.text("level", "機器・基地局・通信網の別", "device, gateway or network"),
            words.NETWORK, words.GATEWAY, words.DEVICE,
            _number("outage", "含まれる停止の番号", "number of the outage it is part of", "part_of", "part_of"),
            *_SPAN, words.time("見つけた日時", "found when", "found_at"),
            words.text("proposed_cause", "原因の候補", "proposed cause"),
            words.text("proposed_ja", "候補の理由", "why, in Japanese"),
            words.text("proposed_en", "候補の理由(英語)", "why, in English"),
            words.text("cause", "人が決めた原因", "cause as decided"),
            words.text("cause_note", "原因の説明", "note on the cause"),
            words.time("原因を記入した日時", "cause entered when", "cause_at"),
            words.text("cause_by", "原因を記入した者", "cause entered by"),
            words.time("取り下げた日時(遅れて届いたため)", "withdrawn when, by late data", "withdrawn_at"),
            words.count("devices", "停止した台数", "silent devices"),
        ),
        optional=True, numbered="outage",
    ),
    Part(
        "outage_change", "停止の変更", "what became of outages, and why", Way.ROWS, ("change",),
        (
            words.count("change", "番号", "number"), _OUTAGE, _PROJECT, words.time("日時", "when", "at"),
            words.text("by", "変更した者", "by whom"), words.text("what", "変更の種類", "what was changed"),
            _json("before", "変更前(JSON)", "before (JSON)"), _json("after", "変更後(JSON)", "after (JSON)"),
            words.text("reason_ja", "理由", "reason, in Japanese"),
            words.text("reason_en", "理由(英語)", "reason, in English"),
        ),
        optional=True, left_out=("change",),
    ),
)  # fmt: skip

_MEASURES = (
    Part(
        "measure", "改善措置", "improvement measures", Way.ROWS, ("measure",),
        (
            _MEASURE, _PROJECT, words.count("number", "事業内の番号", "its number in the project"), _FISCAL_YEAR, _KIND,
            words.text("title", "件名", "title"), words.text("detail", "内容", "details"),
            words.text("owner", "担当", "owner"), words.day("due", "期限", "due"),
            Column("kpis", Type.JSON, "関係する指標", "KPIs it is about", many=True),
            _devices("devices", "device", "関係する機器", "devices it is about"),
            _devices("networks", "network", "関係する通信網", "networks it is about"),
            words.text("figure", "効果を見る数値", "figure whose change is its effect"),
            words.count("cost_yen", "費用(円)", "cost, yen"),
            words.number("quota_used", "使った派遣の回数・時間", "visits or hours of an adviser"),
            words.text("state", "状態", "state"), words.day("done_on", "実施日", "done on"),
            words.count("window_days", "前後を比べる日数", "days compared before and after", "d"),
            words.text("result", "結果", "result"),
            _number("measure", "引き継いだ措置の番号", "number it was carried from", "carried_from", "carried_from"),
            *_ENTERED, _CLIENT_KEY,
        ),
        optional=True, numbered="measure",
    ),
    Part(
        "measure_event", "改善措置の履歴", "history of the measures", Way.ROWS, ("event",),
        (
            words.count("event", "番号", "number"), _MEASURE, _PROJECT, words.time("日時", "when", "at"),
            words.text("by", "変更した者", "by whom"), _json("before", "変更前(JSON)", "before (JSON)"),
            _json("after", "変更後(JSON)", "after (JSON)"), words.text("note", "備考", "note"),
        ),
        optional=True, left_out=("event",),
    ),
)  # fmt: skip

_CHECKED = (
    Part(
        "plan_version", "運用計画の版", "versions of the plan", Way.ROWS, ("number",),
        (
            _PROJECT, words.count("number", "版", "version"), *_ENTERED, words.text("reason", "変更の理由", "reason"),
            _json("document", "計画(JSON)", "the plan (JSON)"), _DIGEST,
        ),
        optional=True,
    ),
    Part(
        "plan_snapshot", "確定した実績", "what was frozen", Way.ROWS, ("kind", "first_day", "revision"),
        (
            _PROJECT, _KIND, _FIRST_DAY, words.day("until_day", "期間の次の日", "day after the period"),
            words.count("revision", "改訂", "revision"), words.time("確定日時", "frozen when", "frozen_at"),
            words.text("frozen_by", "確定した者", "frozen by"),
            words.count("plan_number", "計画の版", "version of the plan"),
            words.text("software", "ソフトウェアの版", "version of the software"),
            words.text("reason", "改訂の理由", "why it was revised"), _json("body", "内容(JSON)", "contents (JSON)"),
            _json("difference", "前の改訂との差(JSON)", "difference to the revision before (JSON)"), _DIGEST,
        ),
        optional=True,
    ),
    Part(
        "plan_review", "評価", "reviews", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), _PROJECT, _KIND, _FIRST_DAY,
            words.text("kpi", "指標。空は全体", "KPI; empty: about the whole"),
            words.text("factors", "要因分析", "factors"), words.text("issues", "課題", "issues"),
            words.text("improvement", "次年度の改善", "improvement"), words.text("opinion", "外部意見", "opinion"),
            words.text("direction", "今後の方針", "direction"), Column("closed", Type.BOOLEAN, "評価済", "closed"),
            *_ENTERED,
        ),
        optional=True, left_out=("entry",),
    ),
    Part(
        "plan_cycle", "年度の締め", "closed cycles", Way.ROWS, ("fiscal_year",),
        (
            _PROJECT, _FISCAL_YEAR, words.time("締めた日時", "closed when", "closed_at"),
            words.text("closed_by", "締めた者", "closed by"), words.text("note", "備考", "note"),
            _json("draft", "次年度の計画案(JSON)", "draft of the next plan (JSON)"),
        ),
        optional=True,
    ),
)  # fmt: skip

PLAN = (PLACEMENT, *_CHECKED[:1], *_MEASURES, *_WORK, *_OUTAGES, *_CHECKED[1:])
"""In the order in which they go in: what others refer to comes first."""
