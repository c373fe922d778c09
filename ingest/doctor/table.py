"""The table of checks. A new check is one more line here."""

from ingest.doctor import access, broker, clock, database, ids, memory, queue, report_key, retention, roles, share, tls
from ingest.doctor import registry_check as reality
from ingest.doctor.check import Check
from ingest.doctor.database_check import asking
from schemas.bilingual import Bilingual

CHECKS = (
    Check("broker", Bilingual("ブローカーへの接続", "connection to the broker"), broker.reach, reaches=True),
    Check("queue", Bilingual("不在の間の待ち行列", "queue while we are away"), queue.examine, seconds=60),
    Check("memory", Bilingual("ブローカーの保存", "memory of the broker"), memory.examine),
    Check("ids", Bilingual("再送の番号", "packet ids of a redelivery"), ids.examine),
    Check("share", Bilingual("共有購読($share)", "shared subscription"), share.examine, seconds=30),
    Check("database", Bilingual("データベース", "database"), asking(database.reach), reaches=True),
    Check("jobs", Bilingual("定期処理", "policies and jobs"), asking(database.housekeeping)),
    Check("disk", Bilingual("ディスク", "disk"), asking(database.disk)),
    Check("roles", Bilingual("役と権限", "roles and grants"), asking(roles.examine)),
    Check("access", Bilingual("利用者と画面", "accounts and pages"), asking(access.examine)),
    Check("retention", Bilingual("保存期間と補助事業の義務", "retention and the subsidy"), asking(retention.examine)),
    Check("report_key", Bilingual("提出版に署名する鍵", "key that signs frozen reports"), asking(report_key.examine)),
    Check("tls", Bilingual("暗号化と証明書", "TLS and certificates"), tls.examine),
    Check("ntp", Bilingual("この機械の時計", "our clock"), clock.ours),
    Check("clock", Bilingual("データベースの時計", "the database's clock"), asking(clock.theirs)),
    Check("registry", Bilingual("台帳と実際", "registry and reality"), asking(reality.examine)),
)

NAMES = tuple(check.name for check in CHECKS)
