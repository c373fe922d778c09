"""The table of parts of a hand-over, in the order in which they go back into a database.

A new table of a project (plans, reports, ...) gets a part here and a query of the same name in
`ingest/handover/sql/`: export, import and compare then know it.
"""

from ingest.handover import words
from ingest.handover.asset_part import ASSETS
from ingest.handover.column import Column, Type
from ingest.handover.part import Part, Way
from ingest.handover.plan_parts import PLAN
from ingest.handover.report_parts import REPORTS
from ingest.handover.rollups import ROLLUPS
from ingest.handover.watch_parts import WATCH

_MEASURED_AT = words.time("測定日時", "time of measurement")

REGISTRY = (
    Part(
        "project", "事業", "the project, and those it refers to", Way.REGISTRY, ("code",),
        (
            words.CODE, words.NAME, words.text("organisation_code", "団体コード", "organisation code"),
            words.text("organisation_name", "事業主体", "organisation"),
            words.text("grant_number", "交付決定番号", "number of the grant"),
            words.day("granted_on", "交付決定日", "day of the grant"),
            words.day("completed_on", "完了日", "day of completion"),
        ),
    ),
    Part(
        "network", "通信網", "networks", Way.REGISTRY, ("code",),
        (words.CODE, words.PROJECT, words.text("kind", "通信方式", "radio technology"), words.NAME),
    ),
    Part(
        "gateway", "基地局", "gateways", Way.REGISTRY, ("code",),
        (
            words.CODE, words.NETWORK, words.NAME,
            Column("gateway_id", Type.TEXT, "電文中のID", "its id in payloads", into="external_id"),
            words.LATITUDE, words.LONGITUDE,
            Column("airtime_regime", Type.TEXT, "送信時間の区分", "airtime regime", later=True),
        ),
    ),
    Part(
        "profile", "プロファイル", "how payload fields map to quantities", Way.REGISTRY, ("code",),
        (words.CODE, Column("body", Type.JSON, "内容(JSON)", "contents (JSON)")),
    ),
    Part(
        "device", "機器", "devices", Way.REGISTRY, ("project", "code"),
        (
            words.PROJECT, words.CODE, words.NETWORK, words.GATEWAY, words.PROFILE, words.NAME,
            words.text("model", "型式", "model"), words.text("serial", "製造番号", "serial number"),
            words.text("use", "分野", "field of use"), words.text("dev_eui", "DevEUI", "DevEUI"),
            words.text("things_stack_id", "Things Stack ID", "id in The Things Stack"),
            words.text("sparkplug_id", "Sparkplug ID", "id in Sparkplug B"),
            words.text("client_id", "クライアントID", "client id"), words.LATITUDE, words.LONGITUDE,
            words.count("interval_s", "送信間隔", "reporting interval", "s"),
            words.text("season_from", "運用開始(月-日)", "season begins (MM-DD)"),
            words.text("season_to", "運用終了(月-日)", "season ends (MM-DD)"),
            words.day("installed_on", "設置日", "day of installation"),
            Column("enabled", Type.BOOLEAN, "有効", "in use"),
            Column("area", Type.TEXT, "地区", "area", later=True),
            Column(
                "calm_interval_s", Type.INTEGER, "平常時の送信間隔", "interval while the level is low", "s", later=True
            ),
            Column(
                "active_level_m", Type.NUMBER, "観測開始水位", "level from which on interval_s holds", "m", later=True
            ),
            Column("airtime_regime", Type.TEXT, "送信時間の区分", "airtime regime", later=True),
            Column("site_class", Type.TEXT, "設置環境", "class of the site", later=True),
            Column("published", Type.BOOLEAN, "公開", "may be published", later=True, before=False),
        ),
    ),
    Part(
        "quantity", "測定項目", "the catalogue of quantities, and the project's own", Way.REGISTRY, ("code",),
        (
            words.CODE,
            Column(
                "project", Type.TEXT, "事業コード(独自の項目のみ)", "project, of its own quantities",
                into="of_project_id", refers="project",
            ),
            words.text("unit", "単位(UCUM)", "unit (UCUM)"),
            words.text("unit_ja", "単位(表示)", "unit as shown"), words.text("kind", "種別", "kind"),
            words.text("label_ja", "名称(日本語)", "name (Japanese)"),
            words.text("label_en", "名称(英語)", "name (English)"),
            Column("states", Type.JSON, "状態の名前と値", "names of states and their values"),
            *words.RANGE,
        ),
    ),
)  # fmt: skip

MEASURED = (
    Part(
        "uplink", "受信したメッセージ", "messages that were understood", Way.ROWS, ("device", "time", "message_id"),
        (
            words.DEVICE, words.time("測定日時。なければ受信日時", "time of measurement, else of receipt"),
            words.MESSAGE_ID, words.RECEIVED_AT, words.count("counter", "連番", "frame counter or sequence number"),
            words.time("機器が示した日時(time と違うとき)", "what the device claimed", "device_time"),
            words.count("payload_bytes", "電文の長さ", "size of the payload", "By"), words.GATEWAY,
            words.short("rssi_dbm", "受信強度", "signal strength", "dBm"),
            words.short("snr_db", "SN比", "signal to noise", "dB"),
            words.short("airtime_ms", "送信時間", "time on air", "ms"),
            Column("kind", Type.INTEGER, "種類", "kind", values=words.KINDS),
            words.count("offered", "含まれていた測定値の数", "readings it brought"),
            words.count("refused", "うち隔離した数", "of which set aside"), words.QUALITY,
            words.count("gateway_count", "受信した基地局の数", "receiving gateways"),
            words.count("spreading_factor", "拡散率", "spreading factor"),
            Column("link", Type.JSON, "通信の詳細(JSON)", "details of the link (JSON)"),
        ),
        time_of="time", monthly=True,
    ),
    Part(
        "reading", "測定値(測定したまま)", "readings as measured", Way.ROWS, ("device", "quantity", "channel", "time"),
        (words.DEVICE, words.QUANTITY, words.CHANNEL, _MEASURED_AT, words.VALUE, words.QUALITY),
        time_of="time", monthly=True,
    ),
    Part(
        "reading_conflict", "不一致(同じ日時の別の値)", "another value for the same moment", Way.ROWS,
        ("device", "quantity", "channel", "time", "value"),
        (
            words.DEVICE, words.QUANTITY, words.CHANNEL, _MEASURED_AT, words.VALUE, words.QUALITY, words.MESSAGE_ID,
            words.RECEIVED_AT,
        ),
        time_of="time", monthly=True,
    ),
    Part(
        "quarantine", "隔離した電文と測定値", "what was set aside, with its bytes", Way.ROWS,
        ("time", "message_id", "part"),
        (
            words.time("測定日時。なければ受信日時", "time of measurement, else of receipt"), words.MESSAGE_ID,
            words.count("part", "0 は電文全体、1 からは個々の測定値", "0: the whole message; 1...: single readings"),
            words.RECEIVED_AT, words.text("reason", "理由", "reason"), words.text("detail", "詳細", "details"),
            words.text("part_name", "項目の名前", "name of the field that is meant"),
            Column("part_value", Type.JSON, "項目の値(JSON)", "its value (JSON)"),
            words.text("topic", "トピック", "topic"),
            Column("payload", Type.BYTES, "電文(CSV では16進)", "the message (in CSV hexadecimal)"), words.DEVICE,
            words.PROJECT, Column("retained", Type.BOOLEAN, "保持メッセージ", "was a retained message"),
            words.time("再処理した日時", "when it was judged again with success", "replayed_at"),
        ),
        time_of="time", monthly=True,
    ),
    Part(
        "gateway_event", "基地局自身の報告", "what gateways say about themselves", Way.ROWS,
        ("gateway", "time", "message_id"),
        (
            words.GATEWAY, words.time("基地局の日時。なければ受信日時", "time of the gateway, else of receipt"),
            words.MESSAGE_ID, words.RECEIVED_AT,
            Column("kind", Type.INTEGER, "種類", "kind", values=words.GATEWAY_KINDS),
            Column("online", Type.BOOLEAN, "接続中", "connected"),
            words.count("received", "受信フレーム", "frames from devices"),
            words.count("received_ok", "うち正常", "of which without error"),
            words.count("wanted", "送信の指示", "frames it was asked to send"),
            words.count("sent", "うち送信", "of which sent"),
            words.LATITUDE, words.LONGITUDE, words.number("altitude", "標高", "altitude", "m"),
            Column("more", Type.JSON, "その他(JSON)", "anything else (JSON)"),
        ),
        time_of="time", monthly=True, optional=True,
    ),
    Part(
        "tally", "受信の収支(1時間ごと)", "the account, by hour of receipt", Way.ROWS, ("hour", "writer"),
        (
            words.time("受信した時間", "hour of receipt", "hour"), words.PROJECT,
            words.text("writer", "書き込んだ者", "who wrote"),
            words.count("stored", "保存", "messages stored"),
            words.count("duplicate", "重複", "messages known already"),
            words.count("quarantined", "隔離", "messages set aside"),
            words.count("readings_offered", "測定値: 提示", "readings offered"),
            words.count("readings_stored", "測定値: 保存", "readings stored"),
            words.count("readings_duplicate", "測定値: 重複", "readings known already"),
            words.count("readings_conflict", "測定値: 不一致", "readings in conflict"),
            words.count("readings_quarantined", "測定値: 隔離", "readings set aside"),
            words.count("payload_bytes", "電文の長さの計", "bytes of payload", "By"),
        ),
        time_of="hour",
    ),
)  # fmt: skip

DECIDED = (
    Part(
        "quantity_range", "事業ごとの測定範囲", "ranges narrowed by the project", Way.ROWS, ("quantity",),
        (
            words.PROJECT, words.QUANTITY, *words.RANGE,
        ),
        optional=True,
    ),
    Part(
        "device_binding", "機器の取付け(期間つき)", "how a device was set up, and when", Way.ROWS,
        ("device", "quantity", "channel", "valid_from"),
        (
            words.DEVICE, words.QUANTITY, words.CHANNEL,
            words.time("この日時から。空は最初から", "from; empty: always", "valid_from"),
            words.time("この日時の前まで。空は最後まで", "before; empty: for ever", "valid_to"), words.PROFILE,
            words.text("unit", "実際の単位", "unit it really sends"), words.number("depth_cm", "深さ(cm)", "depth, cm"),
            words.number("mount_height_m", "取付け高さ(m)", "height above gauge zero, m"),
            words.text("level", "距離から求める項目", "quantity a distance gives"),
            words.text("sensor", "センサー種別", "kind of the distance sensor"),
            words.number("blind_zone_m", "不感帯", "nearer there is no echo", "m"),
            words.number("range_m", "測定範囲", "farther there is no echo", "m"),
            words.number("bed_m", "河床高", "bed above gauge zero", "m"),
            words.number("scale", "倍率", "factor"), words.number("offset", "加える値", "added"),
        ),
        optional=True,
    ),
    Part(
        "device_stage", "基準水位(期間つき)", "stages of a level, and for how long they held", Way.ROWS,
        ("device", "quantity", "channel", "rank", "valid_from"),
        (
            words.DEVICE, words.QUANTITY, words.CHANNEL, words.count("rank", "段階。1が最も低い", "1: the lowest"),
            words.NAME, words.text("name_en", "名称(英語)", "name (English)"),
            words.number("level_m", "水位", "level", "m"),
            Column("official", Type.BOOLEAN, "国・県が定めたもの", "set by the state or the prefecture"),
            words.count("ref_level", "警戒レベルの目安", "level of alert, a hint"),
            words.text("source", "出典", "who set it, and where"), words.text("datum", "基準面", "datum"),
            words.time("この日時から。空は最初から", "from; empty: always", "valid_from"),
            words.time("この日時の前まで。空は最後まで", "before; empty: for ever", "valid_to"),
        ),
        optional=True,
    ),
    Part(
        "correction", "訂正", "corrections: what counts instead, by whose word and why", Way.ROWS,
        ("device", "made_at", "kind", "quantity", "channel", "starts", "ends"),
        (
            words.text("kind", "annul 無効、recalibrate 再校正、prefer 選択", "annul, recalibrate or prefer"),
            words.DEVICE, words.QUANTITY, words.CHANNEL,
            words.time("この日時から。空は最初から", "from; empty: always", "starts"),
            words.time("この日時の前まで。空は最後まで", "before; empty: for ever", "ends"),
            words.number("scale", "再校正: 倍率", "recalibration: factor"),
            Column("offset", Type.NUMBER, "再校正: 加える値", "recalibration: added", into="offset_"),
            words.number("value", "選択: 採る値", "preferred value"), words.text("who", "誰が", "who"),
            words.time("いつ", "when", "made_at"), words.text("why", "なぜ", "why"),
            words.text("revoked_by", "取り消した者", "revoked by"),
            words.time("取り消した日時", "revoked when", "revoked_at"),
            words.text("revoked_why", "取り消した理由", "revoked why"),
        ),
        optional=True,
    ),
    Part(
        "retention", "保存期間", "how long what is kept", Way.ROWS, ("kind",),
        (
            words.PROJECT, words.text("kind", "種類", "kind"),
            words.count("keep_months", "保存する月数", "kept for", "mo"),
            words.text("forced_by", "短縮を命じた者", "shortened by"),
            words.text("forced_why", "その理由", "why"), words.time("その日時", "when", "forced_at"),
        ),
        optional=True,
    ),
    Part(
        "retention_run", "保存期間による削除の記録", "what was let go, and why", Way.ROWS,
        ("ran_at", "kind", "table_name"),
        (
            words.time("実行日時", "when", "ran_at"), words.PROJECT, words.text("kind", "種類", "kind"),
            words.text("table_name", "表", "table"), words.time("これより前を削除", "what was older went", "before"),
            words.count("rows", "件数", "rows"), words.text("forced_by", "短縮を命じた者", "shortened by"),
            words.text("forced_why", "その理由", "why"),
        ),
        optional=True,
    ),
)  # fmt: skip

PARTS: tuple[Part, ...] = (*REGISTRY, *MEASURED, *DECIDED, ASSETS, *PLAN, *REPORTS, *WATCH, *ROLLUPS)
BY_NAME = {part.name: part for part in PARTS}
