"""What the description of the API says about an answer that comes in several forms."""

from typing import Any

from ingest.web.api.columns import Answer
from ingest.web.api.formats import MEDIA_TYPES, Form
from ingest.web.api.pages import page_model
from ingest.web.problems import PROBLEM_TYPE, Trouble

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}


def answers(answer: Answer, *, counted: bool = False) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route that gives this table."""
    return {
        200: {
            "model": page_model(answer, counted=counted),
            "description": "JSON: a page of rows, with the way to the next. Other forms: every row of the period",
            "headers": {
                "Link": {
                    "description": 'Address of the next page, rel="next" (RFC 8288)',
                    "schema": {"type": "string"},
                },
                "Noroshi-Replaced-Characters": {
                    "description": "Characters of names in this CSV that CP932 lacks: each is its twin, or 〓",
                    "schema": {"type": "string", "examples": ["U+00B3"]},
                },
            },
            "content": {
                MEDIA_TYPES[Form.CSV]: {"schema": {"type": "string"}, "example": _csv(answer)},
                MEDIA_TYPES[Form.ARROW]: _BINARY,
                MEDIA_TYPES[Form.PARQUET]: _BINARY,
            },
        },
        406: problem(Trouble.NOT_ACCEPTABLE, "Nothing the Accept header names can be given"),
        504: problem(Trouble.TOO_SLOW, "The database took too long; ask for less"),
    }


def problem(trouble: Trouble, text: str) -> dict[str, Any]:
    """The answer to something that went wrong."""
    example = {"type": trouble.uri, "title": trouble.title, "status": trouble.status, "detail": text + "."}
    return {"description": text, "content": {PROBLEM_TYPE: {"schema": _PROBLEM, "example": example}}}


def _csv(answer: Answer) -> str:
    head = ",".join(f'"{column.name}"' for column in answer.columns)
    row = ",".join(_cell(column.example) for column in answer.columns)
    return f"{head}\n{row}\n"


def _cell(example: object) -> str:
    if isinstance(example, list):
        return f'"{" ".join(example)}"'
    return f'"{example}"' if isinstance(example, str) else str(example)
