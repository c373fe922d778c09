"""Errors of models in both languages: our own sentences as they are, pydantic's translated."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from schemas.bilingual import Bilingual, quoted
from schemas.project import CODE_PATTERN

_OURS = "Value error, "

_JAPANESE: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = {
    "missing": "必ず書いてください",
    "extra_forbidden": "そのような項目はありません",
    "int_parsing": "整数で書いてください",
    "int_type": "整数で書いてください",
    "int_from_float": "整数で書いてください",
    "int_parsing_size": "整数が大きすぎます",
    "float_parsing": "数値で書いてください",
    "float_type": "数値で書いてください",
    "finite_number": "有限の数値で書いてください",
    "bool_parsing": "true か false と書いてください",
    "bool_type": "true か false と書いてください",
    "string_type": "文字で書いてください",
    "string_pattern_mismatch": lambda ctx: (
        f"{_PATTERNS.get(str(ctx.get('pattern')), ctx.get('pattern'))} の形で書いてください"
    ),
    "string_too_short": lambda ctx: f"{ctx.get('min_length')} 文字以上で書いてください",
    "string_too_long": lambda ctx: f"{ctx.get('max_length')} 文字以内で書いてください",
    "too_short": lambda ctx: f"{ctx.get('min_length')} 個以上書いてください",
    "too_long": lambda ctx: f"{ctx.get('max_length')} 個以内にしてください",
    "greater_than": lambda ctx: f"{ctx.get('gt')} より大きい値にしてください",
    "greater_than_equal": lambda ctx: f"{ctx.get('ge')} 以上にしてください",
    "less_than": lambda ctx: f"{ctx.get('lt')} より小さい値にしてください",
    "less_than_equal": lambda ctx: f"{ctx.get('le')} 以下にしてください",
    "literal_error": lambda ctx: f"{_listed(ctx.get('expected'))} のどれかを書いてください",
    "enum": lambda ctx: f"{_listed(ctx.get('expected'))} のどれかを書いてください",
    "date_parsing": "日付は 2026-04-01 の形で書いてください",
    "date_type": "日付は 2026-04-01 の形で書いてください",
    "date_from_datetime_parsing": "日付は 2026-04-01 の形で書いてください",
    "date_from_datetime_inexact": "日付だけを 2026-04-01 の形で書いてください",
    "datetime_parsing": "日時は 2026-04-01T09:30:00+09:00 の形で書いてください",
    "datetime_type": "日時は 2026-04-01T09:30:00+09:00 の形で書いてください",
    "datetime_from_date_parsing": "日時は 2026-04-01T09:30:00+09:00 の形で書いてください",
    "timezone_aware": "日時に +09:00 のような時差を付けてください",
    "tuple_type": "一覧で書いてください",
    "list_type": "一覧で書いてください",
    "set_type": "一覧で書いてください",
    "frozen_set_type": "一覧で書いてください",
    "dict_type": "「名前: 値」の組で書いてください",
    "model_type": "「名前: 値」の組で書いてください",
    "model_attributes_type": "「名前: 値」の組で書いてください",
    "none_required": "空にしてください",
    "path_type": "パスを書いてください",
    "json_invalid": "JSON として読めません",
    "json_type": "JSON で書いてください",
    "union_tag_invalid": lambda ctx: f"{ctx.get('expected_tags')} のどれかを書いてください",
    "union_tag_not_found": "種類が分かりません",
    "recursion_loop": "自分自身を指しています",
    "no_such_attribute": "そのような項目はありません",
    "bytes_type": "文字で書いてください",
    "url_parsing": "住所(URL)として読めません",
    "missing_argument": "必ず書いてください",
}


def _listed(expected: object) -> str:
    """What pydantic lists as 'a', 'b' or 'c', without its quotation marks."""
    return "、".join(re.findall(r"'([^']*)'", str(expected))) or str(expected)


_PATTERNS: Mapping[str, str] = {
    CODE_PATTERN: "半角の英小文字・数字・「.」「_」「-」で、英小文字か数字から始まる63文字まで",
}
"""What a pattern asks for, in words that people know who never saw one."""


def misfit(item: Mapping[str, Any]) -> Bilingual:
    """One of `ValidationError.errors()` as a sentence, without its place."""
    context: Mapping[str, Any] = item.get("ctx") or {}
    error = context.get("error")
    if isinstance(error, ValueError) and error.args and isinstance(error.args[0], Bilingual):
        return error.args[0]
    english = str(item["msg"]).removeprefix(_OURS)
    if item["type"] == "string_pattern_mismatch" and context.get("pattern") == CODE_PATTERN:
        english = "write small letters, digits, '.', '_' and '-', a letter or a digit first, at most 63"
    japanese = _JAPANESE.get(item["type"], f"値が合いません({english})")
    return Bilingual(japanese if isinstance(japanese, str) else japanese(context), english)


def said_by(error: ValueError) -> Bilingual:
    """The text of an error: ours in both languages, that of another program as it is."""
    said = error.args[0] if error.args else ""
    return said if isinstance(said, Bilingual) else quoted(error)
