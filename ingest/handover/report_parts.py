"""The parts of frozen reports (提出版): what was handed in, its files bit for bit, its signatures, and people's words.

Drafts do not travel: they are made again from the readings. Orders, schedules, e-mails and comparisons belong to the
installation. Of the keys only the public halves of those that signed a report of the project are written.
"""

from ingest.handover import words
from ingest.handover.column import Column, Type
from ingest.handover.part import Part, Way

_KIND = words.text("kind", "種別", "kind")
_FIRST_DAY = words.day("first_day", "期間の最初の日", "first day of the period")
_REPORT = Column("report", Type.INTEGER, "提出版の番号", "number of the report", into="report_id", refers="report")

REPORTS = (
    Part(
        "signing_key", "提出版に署名した鍵(公開鍵)", "public keys that signed frozen reports", Way.SHARED, ("key_id",),
        (
            words.text("key_id", "鍵番号", "id of the key"),
            Column("public_key", Type.BYTES, "公開鍵(Ed25519、32バイト)", "public key (Ed25519, 32 bytes)"),
            words.time("作成日時", "made when", "made_at"),
        ),
        optional=True,
    ),
    Part(
        "report", "報告書の提出版", "frozen reports", Way.ROWS, ("report",),
        (
            _REPORT, words.PROJECT, _KIND, _FIRST_DAY,
            words.day("last_day", "期間の最後の日", "last day of the period"),
            words.text("state", "状態", "state"), words.text("number", "提出番号", "number of the submission"),
            words.count("revision", "版", "revision"),
            Column("of_report", Type.INTEGER, "前の版の番号", "number of the revision before", refers="report"),
            words.text("reason", "改訂の理由", "why it was revised"),
            Column("document", Type.JSON, "内容(JSON)", "contents (JSON)"),
            Column("digest", Type.BYTES, "内容のハッシュ(SHA-256)", "SHA-256 of the canonical text"),
            Column("difference", Type.JSON, "前の版との差(JSON)", "difference to the revision before (JSON)"),
            words.count("plan_number", "計画の版", "version of the plan"),
            words.text("software", "ソフトウェアの版", "version of the software"),
            words.time("作成日時", "made when", "made_at"), words.text("made_by", "作成者", "made by"),
            words.time("確認日時", "checked when", "checked_at"), words.text("checked_by", "確認者", "checked by"),
            words.time("確定日時", "frozen when", "frozen_at"), words.text("frozen_by", "確定した者", "frozen by"),
            words.text("key_id", "署名の鍵番号", "id of the key that signed"),
            Column("sealed", Type.JSON, "ファイルごとの SHA-256(JSON)", "SHA-256 of each file (JSON)"),
        ),
        optional=True, numbered="report", at_once=4,
    ),
    Part(
        "report_file", "提出版のファイル", "files of frozen reports, bit for bit", Way.ROWS, ("report", "form"),
        (
            _REPORT, words.PROJECT, words.text("form", "形式", "form"),
            words.text("name", "ファイル名", "name of the file"),
            Column("content", Type.BYTES, "ファイルそのもの(CSV では16進)", "the file itself (in CSV hexadecimal)"),
            Column("sha256", Type.BYTES, "ファイルの SHA-256", "SHA-256 of the file"),
            Column("signature", Type.BYTES, "署名のファイル(….sig.json)", "the text of its signature (….sig.json)"),
        ),
        optional=True, at_once=1, packed=True,
    ),
    Part(
        "report_text", "報告書に人が書いた文", "what people wrote into reports", Way.ROWS, ("entry",),
        (
            words.count("entry", "番号", "number"), words.PROJECT, _KIND, _FIRST_DAY,
            words.text("key", "記入欄", "the place"), words.text("text", "本文", "text"),
            words.text("author", "書いた者", "author"), words.time("記入日時", "written when", "written_at"),
            words.text("entered_by", "登録した者", "entered by"),
            words.text("source", "出典のファイル", "file it came in"),
        ),
        optional=True, left_out=("entry",),
    ),
)  # fmt: skip
"""In the order in which they go in: a file is refused unless its report is there and was frozen with it."""
