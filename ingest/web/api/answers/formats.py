"""Which form an answer takes: by `format`, else by the Accept header, else JSON."""

from enum import StrEnum
from typing import NamedTuple

from fastapi import HTTPException


class Form(StrEnum):
    """JSON comes in pages; the others bring the whole period at once."""

    JSON = "json"
    CSV = "csv"
    ARROW = "arrow"
    PARQUET = "parquet"


class Charset(StrEnum):
    """How a CSV is written."""

    UTF_8 = "utf-8"
    CP932 = "cp932"


MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv",
    Form.ARROW: "application/vnd.apache.arrow.stream",
    Form.PARQUET: "application/vnd.apache.parquet",
}
_CHARSETS = {
    "utf-8": Charset.UTF_8, "utf8": Charset.UTF_8, "cp932": Charset.CP932, "windows-31j": Charset.CP932,
    "shift_jis": Charset.CP932, "shift-jis": Charset.CP932, "sjis": Charset.CP932,
}  # fmt: skip


class Chosen(NamedTuple):
    """The form, and how a CSV is written."""

    form: Form
    charset: Charset = Charset.UTF_8


def choose(form: Form | None, charset: Charset | None, accept: str | None) -> Chosen:
    """What the asker wants. Raises a 406 if the Accept header has nothing we can give."""
    wanted = Chosen(form) if form else _accepted(accept or "*/*")
    return wanted if charset is None else wanted._replace(charset=charset)


def _accepted(header: str) -> Chosen:
    """The best of the header: by weight, then in its own order."""
    best: tuple[float, Chosen] | None = None
    for part in header.split(","):
        media, *words = [word.strip().lower() for word in part.split(";")]
        parameters = dict(word.split("=", 1) for word in words if "=" in word)
        form = _form(media)
        weight = _weight(parameters.get("q", "1"))
        if form and weight > (best[0] if best else 0.0):
            best = weight, Chosen(form, _CHARSETS.get(parameters.get("charset", "").strip('"'), Charset.UTF_8))
    if best is None:
        raise HTTPException(
            406, f"Available formats: {', '.join(MEDIA_TYPES.values())}. Name one in Accept, or use ?format=."
        )
    return best[1]


def _form(media: str) -> Form | None:
    if media in ("*/*", "application/*"):
        return Form.JSON
    return next((form for form, name in MEDIA_TYPES.items() if media in (name, name.split("/")[0] + "/*")), None)


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def content_type(chosen: Chosen) -> str:
    """The Content-Type of a file."""
    if chosen.form is not Form.CSV:
        return MEDIA_TYPES[chosen.form]
    return f"text/csv; charset={'utf-8' if chosen.charset is Charset.UTF_8 else 'windows-31j'}; header=present"
