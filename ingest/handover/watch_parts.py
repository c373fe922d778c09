"""The parts of the watch (監視): its documents, what it noticed, who was told, what people did, flags and airtime.

Where a message went is left out, but for topics of MQTT: addresses of people and URLs may be secrets. So are phones
and links that still open. What was on its way is not handed over, lest it be sent twice. The name of a condition has
codes in the files and numbers in a database (`ingest/handover/database/watch.py`).
"""

from ingest.handover import words
from ingest.handover.column import Column, Type
from ingest.handover.part import Part, Way


def _number(kind: str, ja: str, en: str, name: str = "", into: str = "") -> Column:
    return Column(name or kind, Type.INTEGER, ja, en, into=into or f"{kind}_id", refers=kind)


def _flag(name: str, ja: str, en: str) -> Column:
    return Column(name, Type.BOOLEAN, ja, en)


def _json(name: str, ja: str, en: str) -> Column:
    return Column(name, Type.JSON, ja, en)


_KIND = words.text("kind", "種類", "kind")
_HAZARD = words.text("hazard", "分野", "hazard")
_SUBJECT = words.text("subject", "状態の名前", "name of the condition")
_DRILL = _number("drill", "訓練の番号", "number of the drill")
_INCIDENT = _number("incident", "事象の番号", "number of the incident")
_EVENT = _number("event", "監視イベントの番号", "number of the event")
_DELIVERY = _number("delivery", "通知の番号", "number of the message")
_ACTION = Column(
    "action_number", Type.INTEGER, "記入の番号", "number of the deed", into="watch_action_id", refers="action_number"
)
_THINGS = (words.DEVICE, words.GATEWAY, words.NETWORK)
_SPAN = (words.time("始まり", "begin", "starts"), words.time("終わり", "end", "ends"))
_ENTERED = (words.text("entered_by", "記入者", "by whom"), words.time("記入日時", "entered when", "entered_at"))
_RANK = words.count("rank", "段階", "rank")
_MARK = words.text("mark", "正誤(true 正しい、false 空振り)", "right or false")

WATCH = (
    Part(
        "watch_document", "監視計画の版", "versions of the watch document", Way.ROWS, ("number",),
        (
            words.PROJECT, words.count("number", "版", "version"), _json("body", "内容(JSON)", "contents (JSON)"),
            words.text("source", "書かれたもの(YAML)", "as it was written (YAML)"),
            words.time("適用日時", "applied when", "applied_at"), words.text("applied_by", "適用した者", "applied by"),
            words.text("reason", "理由", "reason"),
        ),
        optional=True,
    ),
    Part(
        "watch_drill", "訓練", "drills", Way.ROWS, ("drill",),
        (
            _DRILL, words.PROJECT, words.text("title", "件名", "title"), *_SPAN,
            words.text("begun_by", "始めた者", "begun by"), words.time("始めた日時", "begun when", "begun_at"),
            words.time("終えた日時", "ended when", "ended_at"), words.text("ended_by", "終えた者", "ended by"),
        ),
        optional=True, numbered="drill",
    ),
    Part(
        "watch_incident", "監視の事象", "incidents of the watch", Way.ROWS, ("incident",),
        (
            _INCIDENT, words.PROJECT, _KIND, _HAZARD, _SUBJECT, *_THINGS,
            words.time("始まり", "opened when", "opened_at"), words.time("終わり", "closed when", "closed_at"), _RANK,
            words.count("top_rank", "最も高い段階", "the highest rank"),
            _flag("live", "起きている間に分かった", "noticed while it happened"), _DRILL,
            words.count("acknowledged_rank", "ここまでの段階を確認", "somebody took it up to here"),
            words.count("escalated", "段階的な連絡の回数", "steps of the escalation"), _MARK,
            words.text("marked_by", "正誤を記した者", "judged by"),
            words.time("正誤を記した日時", "judged when", "marked_at"), words.text("mark_note", "その説明", "why"),
        ),
        optional=True, numbered="incident",
    ),
    Part(
        "watch_event", "監視イベント", "events of the watch", Way.ROWS, ("event",),
        (
            _EVENT, words.PROJECT, _INCIDENT, _KIND, _HAZARD, _SUBJECT, words.text("rule", "規則", "rule"), *_THINGS,
            words.QUANTITY, words.CHANNEL, words.text("measure", "比べたもの", "what was compared"),
            words.time("測定日時", "measured when", "at"), words.count("before_rank", "前の段階", "rank before"), _RANK,
            words.NAME, words.text("name_en", "名称(英語)", "name (English)"), words.number("value", "値", "value"),
            words.number("threshold", "基準値", "threshold"), words.text("unit", "単位", "unit"),
            _flag("official", "国・県が定めたもの", "set by the state or the prefecture"),
            words.count("ref_level", "警戒レベルの目安", "level of alert, a hint"),
            words.text("origin", "由来", "origin"), _json("details", "詳細(JSON)", "details (JSON)"),
            words.time("保存日時", "stored when", "committed_at"),
            words.time("記録日時", "recorded when", "recorded_at"),
            words.time("取消日時", "withdrawn when", "withdrawn_at"),
            words.text("withdrawn_ja", "取消の理由", "withdrawn why, in Japanese"),
            words.text("withdrawn_en", "取消の理由(英語)", "withdrawn why, in English"),
        ),
        optional=True, numbered="event",
    ),
    Part(
        "watch_delivery", "監視の通知(宛先を除く)", "messages of the watch, without where they went", Way.ROWS,
        ("delivery",),
        (
            _DELIVERY, words.PROJECT, _INCIDENT, _EVENT, words.text("channel", "通知路", "channel"), _KIND,
            words.text("target", "トピック(MQTT のみ)", "topic, of MQTT alone"),
            words.text("recipient", "相手", "to whom"),
            words.count("step", "段階的な連絡の段", "step of the escalation"),
            words.text("purpose", "目的", "purpose"), words.text("effect", "伝える変化", "what of the event is said"),
            words.text("idempotency_key", "一度だけ送るための番号", "key by which it is sent once"),
            _number("delivery", "まとめの番号", "number of the digest it was said in", "digest", "digest_id"),
            words.time("作成日時", "queued when", "queued_at"), words.time("送る日時", "due when", "due_at"),
            words.count("tries", "試みた回数", "tries"), words.time("届いた日時", "delivered when", "delivered_at"),
            _flag("resent", "再送した", "it may have arrived before"),
            words.time("届いたか不明になった日時", "in doubt since", "doubt_at"),
            words.time("あきらめた日時", "given up when", "given_up_at"),
            words.text("withheld", "知らせなかった理由", "why nobody was told"),
            words.text("failed_ja", "届かなかった理由", "why it did not arrive, in Japanese"),
            words.text("failed_en", "届かなかった理由(英語)", "why it did not arrive, in English"),
        ),
        optional=True, numbered="delivery",
    ),
    Part(
        "watch_action", "確認と記入", "who took an incident, and what people noted", Way.ROWS, ("action_number",),
        (
            _ACTION, words.PROJECT, _INCIDENT, words.text("action", "したこと", "what was done"),
            words.time("その日時", "done when", "at"), words.time("記録日時", "recorded when", "recorded_at"),
            words.text("by", "した者", "by whom"), words.text("way", "手段", "way"), _RANK, _MARK, words.DEVICE,
            words.text("place", "場所", "place"),
            Column(
                "about", Type.INTEGER, "取り消した見逃しの番号", "the missed one that was entered by mistake",
                refers="action_number",
            ),
            words.text("note", "内容", "note"),
        ),
        optional=True, numbered="action_number",
    ),
    Part(
        "watch_maintenance", "通知を止めた期間(保守)", "maintenance: nobody was told", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), words.PROJECT, *_THINGS, *_SPAN,
            words.text("reason", "理由", "reason"), *_ENTERED, words.text("ended_by", "終えた者", "ended by"),
        ),
        optional=True, left_out=("entry",),
    ),
    Part(
        "watch_duty", "当番の交代", "changes of the duty", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), words.PROJECT, words.text("person", "当番", "who is on duty"),
            *_SPAN, *_ENTERED, words.text("voided_by", "取り消した者", "voided by"),
        ),
        optional=True, left_out=("entry",),
    ),
    Part(
        "watch_flag", "品質の注記", "flags of the quality watch", Way.ROWS,
        ("device", "quantity", "channel", "test", "starts"),
        (
            words.DEVICE, words.QUANTITY, words.CHANNEL, words.text("test", "検査", "test"), *_SPAN,
            words.count("readings", "測定値の数", "readings"),
            words.count("grade", "程度(3 疑わしい、4 誤り)", "3 suspect, 4 fail"),
            _json("detail", "詳細(JSON)", "details (JSON)"), words.time("記録日時", "recorded when", "recorded_at"),
        ),
        optional=True,
    ),
    Part(
        "watch_airtime", "送信時間の台帳(最大の60分)", "airtime: the worst sliding hour", Way.ROWS,
        ("transmitter", "month"),
        (
            words.text("transmitter", "送信機", "transmitter"), words.PROJECT, words.DEVICE, words.GATEWAY,
            words.day("month", "月", "month"), words.text("regime", "区分", "regime"),
            words.number("worst_s", "最大の60分の送信時間", "within any 60 minutes", "s"),
            words.time("その時刻", "when", "worst_at"), words.number("limit_s", "上限", "limit", "s"),
            _flag("estimated", "推定", "estimated"), words.number("longest_ms", "1回の最大", "longest one", "ms"),
            words.time("更新日時", "updated when", "updated_at"),
        ),
        optional=True,
    ),
)  # fmt: skip
"""In the order in which they go in: what others refer to comes first."""
