"""Converts the text of one cell to a value. Every refusal says in both languages what to write instead."""

import re
import unicodedata
from datetime import date, timedelta

from schemas.bilingual import Bilingual
from schemas.device import NetworkKind
from schemas.project import CODE_PATTERN, organisation_check_digit
from schemas.retention import RetentionKind

EXCEL_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"})
EXCEL_DAY_ZERO = date(1899, 12, 30)
REIWA_ZERO = 2018

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))
_SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+\d{1,3}", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]0{1,2}:00(?::00)?)?")
_REIWA = re.compile(r"(?:令和|[Rr])(\d{1,2}|元)[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_MONTH_DAY = re.compile(r"(?:\d{4}[-/.年])?(\d{1,2})[-/.月](\d{1,2})日?")
_TRUE = frozenset({"true", "1", "yes", "on", "○", "〇", "◯", "有", "有り", "あり", "はい", "有効"})
_FALSE = frozenset({"false", "0", "no", "off", "×", "✕", "x", "無", "無し", "なし", "いいえ", "無効"})
_NETWORK_NAMES = {
    **{kind.value: kind for kind in NetworkKind},
    "lorawan": NetworkKind.LPWA,
    "lora": NetworkKind.LPWA,
    "zeta": NetworkKind.LPWA,
    "eltres": NetworkKind.LPWA,
    "sigfox": NetworkKind.LPWA,
    "wi-sun": NetworkKind.LPWA,
    "wi-fihalow": NetworkKind.HALOW,
    "wifihalow": NetworkKind.HALOW,
    "ieee802.11ah": NetworkKind.HALOW,
    "ローカル5g": NetworkKind.LOCAL5G,
    "local-5g": NetworkKind.LOCAL5G,
    "l5g": NetworkKind.LOCAL5G,
    "wi-fi": NetworkKind.WIFI,
    "無線lan": NetworkKind.WIFI,
    "lte-m": NetworkKind.LTE,
    "4g": NetworkKind.LTE,
    "その他": NetworkKind.OTHER,
}


def folded(cell: str) -> str:
    """A code or number in ASCII: full-width characters and other dashes are converted, spaces are removed."""
    return "".join(unicodedata.normalize("NFKC", cell).translate(_DASHES).split())


def text(cell: str) -> str:
    """A name or remark; a line break inside the cell becomes a space."""
    line = " ".join(part.strip() for part in cell.splitlines()).strip()
    if _SCIENTIFIC.fullmatch(line):
        raise ValueError(
            Bilingual(
                f"「{line}」は Excel が数値に変えた値です。セルの書式を「文字列」にして入力し直してください",
                f"{line!r} was made a number by Excel: format the cell as text and enter it again",
            )
        )
    return line


def code(cell: str) -> str:
    """A short name used in topics, files and URLs."""
    value = folded(cell)
    if re.fullmatch(CODE_PATTERN, value):
        return value
    lower = value.lower()
    if re.fullmatch(CODE_PATTERN, lower):
        raise ValueError(
            Bilingual(
                f"「{value}」に大文字があります。{lower} と書いてください(機器側の設定も同じ表記にします)",
                f"{value!r} has capital letters: write {lower}, here and in the settings of the device",
            )
        )
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」は使えません。半角の英小文字・数字・ハイフン(- . _)で63字以内にしてください",
            f"{cell.strip()!r} is no code: write a-z, 0-9 and - . _, at most 63 of them",
        )
    )


def latitude(cell: str) -> float:
    """Decimal degrees, north positive."""
    return _degrees(cell, 90.0, "35.6812")


def longitude(cell: str) -> float:
    """Decimal degrees, east positive."""
    return _degrees(cell, 180.0, "139.7671")


def _degrees(cell: str, limit: float, example: str) -> float:
    refusal = Bilingual(
        f"「{cell.strip()}」は読めません。十進法の度で書いてください(例 {example})",
        f"{cell.strip()!r} is not readable: write decimal degrees, e.g. {example}",
    )
    value = _number(cell, refusal)
    if abs(value) > limit:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は ±{limit:.0f} 度を超えています。緯度と経度が逆になっていませんか",
                f"{cell.strip()!r} is beyond ±{limit:.0f} degrees: are latitude and longitude exchanged?",
            )
        )
    return value


def seconds(cell: str) -> int:
    """A reporting interval given in seconds."""
    return _interval(cell, 1, Bilingual("秒", "seconds"))


def minutes(cell: str) -> int:
    """A reporting interval given in minutes, as seconds."""
    return _interval(cell, 60, Bilingual("分", "minutes"))


def _interval(cell: str, factor: int, unit: Bilingual) -> int:
    refusal = Bilingual(
        f"「{cell.strip()}」は読めません。{unit.ja}を数字だけで書いてください(例 {600 // factor})",
        f"{cell.strip()!r} is not readable: write {unit.en} as a number alone, e.g. {600 // factor}",
    )
    value = _number(folded(cell).removesuffix(unit.ja), refusal) * factor
    if not value.is_integer() or not 0 < value <= 31 * 86400:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は使えません。1秒以上31日以下の間隔を{unit.ja}で書いてください",
                f"{cell.strip()!r} is no interval: write {unit.en}, from 1 second to 31 days",
            )
        )
    return int(value)


def _number(cell: str, refusal: Bilingual) -> float:
    plain = folded(cell)
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    if not re.fullmatch(r"[+-]?\d+(\.\d*)?|[+-]?\.\d+", plain):
        raise ValueError(refusal)
    return float(plain)


def day(cell: str) -> date:
    """A day, written as 2026-04-01, 2026/4/1, 2026年4月1日 or 令和8年4月1日."""
    plain = " ".join(unicodedata.normalize("NFKC", cell).translate(_DASHES).split())
    if plain.isdigit() and 20_000 < int(plain) < 80_000:
        meant = EXCEL_DAY_ZERO + timedelta(days=int(plain))
        raise ValueError(
            Bilingual(
                f"「{plain}」は Excel の日付の通し番号です。{meant} と書いてください",
                f"{plain} is how Excel counts days: write {meant}",
            )
        )
    numbers = _year_month_day(plain)
    try:
        return date(*numbers) if numbers else date.fromisoformat(plain)
    except ValueError:
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は日付として読めません。2026-04-01 の形で書いてください",
                f"{cell.strip()!r} is no day: write it as 2026-04-01",
            )
        ) from None


def _year_month_day(plain: str) -> tuple[int, int, int] | None:
    if western := _DATE.fullmatch(plain):
        return int(western[1]), int(western[2]), int(western[3])
    if reiwa := _REIWA.fullmatch(plain):
        year = 1 if reiwa[1] == "元" else int(reiwa[1])
        return REIWA_ZERO + year, int(reiwa[2]), int(reiwa[3])
    return None


def month_day(cell: str) -> str:
    """MM-DD; a year that Excel has added to it is dropped."""
    refusal = Bilingual(
        f"「{cell.strip()}」は月日として読めません。11-01 の形(月-日)で書いてください",
        f"{cell.strip()!r} is no day of the year: write month-day, as 11-01",
    )
    match = _MONTH_DAY.fullmatch(folded(cell))
    if match is None:
        raise ValueError(refusal)
    try:
        return date(2024, int(match[1]), int(match[2])).strftime("%m-%d")  # a leap year, so that 02-29 is a day
    except ValueError:
        raise ValueError(refusal) from None


def retention(cell: str) -> dict[RetentionKind, int]:
    """Months of retention by kind of data: `raw 120、quarantine 84`."""
    match: dict[RetentionKind, int] = {}
    for part in filter(None, re.split(r"[,、;\n]", unicodedata.normalize("NFKC", cell))):
        name, months = (*re.split(r"[:=\s]+", part.strip(), maxsplit=1), "")[:2]
        kind = next((kind for kind in RetentionKind if name.casefold() in {kind.value, kind.label.ja}), None)
        if kind is None:
            names = "、".join(f"{each.value}({each.label.ja})" for each in RetentionKind)
            raise ValueError(
                Bilingual(
                    f"「{name}」という保存の種類はありません。{names} のどれかを書いてください",
                    f"there is no kind {name!r} to keep: write one of {', '.join(RetentionKind)}",
                )
            )
        plain = folded(months).removesuffix("か月").removesuffix("ヶ月")
        if not plain.isdigit() or not 1 <= int(plain) <= 1200:
            raise ValueError(
                Bilingual(
                    f"「{part.strip()}」は読めません。保存する月数を1〜1200で書いてください(例 raw 120)",
                    f"{part.strip()!r} is not readable: write months from 1 to 1200, e.g. raw 120",
                )
            )
        match[kind] = int(plain)
    return match


def boolean(cell: str) -> bool:
    """Yes or no, written as ○ × 有 無 はい いいえ true false 1 0."""
    plain = folded(cell).casefold()
    if plain in _TRUE:
        return True
    if plain in _FALSE:
        return False
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」は読めません。○ か ×(有・無、はい・いいえ、true・false、1・0 も可)で書いてください",
            f"{cell.strip()!r} is neither yes nor no: write true or false",
        )
    )


def dev_eui(cell: str) -> str:
    """A DevEUI as 16 lower-case hexadecimal digits, however the cell groups them."""
    plain = folded(cell).lower()
    if _SCIENTIFIC.fullmatch(plain):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は Excel が数値に変えた値です。"
                "セルの書式を「文字列」にして、機器の銘板から入力し直してください",
                f"{cell.strip()!r} was made a number by Excel: format the cell as text and enter it again from the"
                " label"
                " of the device",
            )
        )
    digits = plain.replace("-", "").replace(":", "")
    if re.fullmatch(r"[0-9a-f]{16}", digits):
        return digits
    lost = Bilingual("", "")
    if digits.isdigit() and len(digits) < 16:
        lost = Bilingual("Excel が先頭の0を消したかもしれません。", "Excel may have removed leading zeros; ")
    raise ValueError(
        Bilingual(
            f"「{cell.strip()}」は16桁の16進数ではありません。{lost.ja}例 70B3D57ED0001234",
            f"{cell.strip()!r} is not 16 hexadecimal digits: {lost.en}e.g. 70B3D57ED0001234",
        )
    )


def things_stack_id(cell: str) -> str:
    """An id of The Things Stack: application-id/device-id."""
    value = folded(cell)
    if not re.fullmatch(r"[^/]+/[^/]+", value):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は使えません。「アプリケーションID/機器ID」の形で書いてください(例"
                " city-app/river-01)",
                f"{cell.strip()!r} cannot be used: write application-id/device-id, e.g. city-app/river-01",
            )
        )
    return value


def sparkplug_id(cell: str) -> str:
    """A Sparkplug id, group/edge node[/device], as the topics write it: case and spaces inside an id count."""
    value = unicodedata.normalize("NFC", cell).strip()
    if not re.fullmatch(r"[^/+#\x00-\x1f]+(/[^/+#\x00-\x1f]+){1,2}", value):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は使えません。「グループ/エッジノード」か「グループ/エッジノード/機器」の形で"
                "書いてください(例 Hokuto/edge-1/slope-3)",
                f"{cell.strip()!r} cannot be used: write group/edge-node or group/edge-node/device,"
                " e.g. Hokuto/edge-1/slope-3",
            )
        )
    return value


def network_kind(cell: str) -> NetworkKind:
    """A radio technology by any of its common names."""
    plain = folded(cell).casefold()
    kind = next((kind for name, kind in _NETWORK_NAMES.items() if folded(name) == plain), None)
    if kind is None:
        names = "、".join(each.label.ja for each in NetworkKind)
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」という通信方式は登録できません。{names} のどれかを書いてください",
                f"there is no kind of network {cell.strip()!r}: write one of {', '.join(NetworkKind)}",
            )
        )
    return kind


def organisation_code(cell: str) -> str:
    """Six digits with a check digit; if Excel has removed a leading 0, the cell is refused, not completed."""
    plain = folded(cell)
    if not re.fullmatch(r"\d{5,6}", plain):
        raise ValueError(
            Bilingual(
                f"「{cell.strip()}」は団体コードではありません。検査数字を含む6桁の数字で書いてください(例 990001)",
                f"{cell.strip()!r} is no organisation code: write six digits with the check digit, e.g. 990001",
            )
        )
    if len(plain) == 5:
        raise ValueError(_five_digits(plain))
    expected = organisation_check_digit(plain[:5])
    if int(plain[5]) != expected:
        raise ValueError(
            Bilingual(
                f"団体コード {plain} は検査数字が合いません({plain[:5]} なら {expected})。番号を確かめてください",
                f"the organisation code {plain} has a wrong check digit ({plain[:5]} ends in {expected})",
            )
        )
    return plain


def _five_digits(plain: str) -> Bilingual:
    restored = f"0{plain}"
    complete = f"{plain}{organisation_check_digit(plain)}"
    if organisation_check_digit(restored[:5]) == int(restored[5]):
        return Bilingual(
            f"「{plain}」は5桁です。Excel が先頭の0を消したようです。"
            f"セルの書式を「文字列」にして {restored} と書いてください",
            f"{plain!r} has five digits, Excel seems to have removed a leading 0: format the cell as text and write"
            f" {restored}",
        )
    return Bilingual(
        f"「{plain}」は5桁です。検査数字を付けて {complete} と書いてください",
        f"{plain!r} has five digits: write {complete}, with the check digit",
    )
