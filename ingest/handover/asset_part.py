"""The ledger of assets (機器台帳・取得財産等管理台帳) as a part of a hand-over."""

from ingest.handover import words
from ingest.handover.part import Part, Way

ASSETS = Part(
    "asset", "資産(取得財産等)", "ledger of equipment and acquired assets", Way.ROWS, ("code",),
    (
        words.PROJECT, words.CODE, words.NAME, words.DEVICE, words.GATEWAY, words.text("model", "型式", "model"),
        words.text("serial", "製造番号", "serial number"), words.count("quantity", "数量", "how many"),
        words.count("unit_price_yen", "単価(税抜、円)", "price of one without tax, yen"),
        words.count("subsidised_yen", "補助対象経費(円)", "eligible cost, yen"),
        words.count("subsidy_yen", "補助金額(円)", "subsidy, yen"), words.day("acquired_on", "取得日", "acquired on"),
        words.count("service_life_years", "耐用年数", "service life", "a"),
        words.day("disposal_until", "処分制限期限", "no disposal without permission until"),
        words.text("place", "所在地", "place"), words.text("technical_conformity", "技適番号", "radio certificate"),
        words.text("jc_star", "JC-STAR", "JC-STAR"), words.day("support_until", "サポート期限", "supported until"),
        words.day("label_attached_on", "ラベル貼付日", "label attached on"),
        words.text("photo", "写真ID", "reference of a picture"),
        words.text("verification_number", "検定番号", "number of the verification"),
        words.day("verification_until", "検定の有効期限", "verified until"),
        words.day("jma_notified_on", "気象庁届出日", "weather service notified on"),
        words.text("state", "状態", "state"), words.day("disposed_on", "処分日", "disposed of on"),
        words.text("note", "備考", "note"),
    ),
    optional=True,
)  # fmt: skip
