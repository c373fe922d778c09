"""How the tests ask."""

from typing import Any

import httpx

NOVEMBER = {"from": "2026-11-01", "to": "2026-12-01"}


def ask(api: httpx.Client, path: str, **query: Any) -> dict[str, Any]:
    """The JSON of an answer."""
    answer = api.get(path, params={name.rstrip("_"): value for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def every_row(api: httpx.Client, path: str, **query: Any) -> list[dict[str, Any]]:
    """The rows of every page, following `next`."""
    body = ask(api, path, **query)
    rows: list[dict[str, Any]] = body["rows"]
    while body["next"]:
        answer = api.get(str(api.base_url).removesuffix("/api/v1/") + body["next"])
        assert answer.status_code == 200, answer.text
        body = answer.json()
        rows += body["rows"]
    return rows


def problem(api: httpx.Client, path: str, **query: Any) -> tuple[int, str, str]:
    """Status, type and detail of a refusal."""
    answer = api.get(path, params=query)
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    body = answer.json()
    assert body["status"] == answer.status_code
    return answer.status_code, body["type"].rsplit(":", 1)[1], body["detail"]
