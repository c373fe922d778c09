"""The index of the API and its reference: complete, in both languages, and every example works."""

import html
import re
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from ingest.errors import StoreUnavailable
from ingest.web.api.examples import EXAMPLES
from ingest.web.api.openapi import TAGS
from ingest.web.app import WebDependencies
from ingest.web.text import CATALOGUES, Language
from schemas.bilingual import quoted
from tests.fixtures.ports import free_port
from tests.web.site import running


def described(client: httpx.Client) -> dict[str, dict[str, object]]:
    paths = client.get("/openapi.json").json()["paths"]
    return {path: asked["get"] for path, asked in paths.items() if "get" in asked}


def test_the_index_names_every_question_and_each_of_its_examples_is_answered(client: httpx.Client) -> None:
    index = client.get("/api/v1/").json()
    assert [one["path"] for one in index["questions"]] == [*described(client)]
    for question in index["questions"]:
        assert question["summary"]
        assert question["examples"], question
        for example in question["examples"]:
            answer = client.get(example)
            # nobody has ordered a report here, and nothing has happened
            made = not question["path"].startswith(("/api/v1/reports/", "/api/v1/watch/incidents/"))
            assert answer.status_code == (200 if made else 404), (example, answer.text)
            assert answer.content
    assert client.get(index["openapi"]).status_code == 200
    assert client.get("/api/v1", follow_redirects=True).json() == index


def test_a_browser_is_led_from_the_index_to_the_page(client: httpx.Client) -> None:
    answer = client.get("/api/v1/", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/reference")


@pytest.mark.parametrize("language", list(Language))
def test_the_reference_has_every_question_parameter_and_example_in_words(
    client: httpx.Client, language: Language
) -> None:
    texts = CATALOGUES[language]
    page = client.get("/reference", params={"lang": language.value}).text
    for tag in TAGS:
        assert texts[f"api_tag_{tag['name']}"] in page
    for path, asked in described(client).items():
        assert f"GET {path}<" in page
        assert texts[f"api_{asked['operationId']}"] in page
        parameters = asked.get("parameters", [])
        assert isinstance(parameters, list)
        for parameter in parameters:
            assert texts[f"api_param_{parameter['name']}"] in page
    commands = re.findall(r"curl '(http://[^/]+)(/api/v1/[^']*)'", html.unescape(page))
    assert len(commands) == sum(map(len, EXAMPLES.values()))
    assert {base for base, _ in commands} == {str(client.base_url).rstrip("/")}
    for field in ("questions.examples", "latest.value", "devices.last_received_at"):
        assert f"<code>{field}</code>" in page


def test_every_operation_has_an_example_and_no_example_is_of_one_that_is_gone(client: httpx.Client) -> None:
    assert {asked["operationId"] for asked in described(client).values()} == set(EXAMPLES)


def test_nothing_of_the_reference_comes_from_elsewhere(client: httpx.Client) -> None:
    page = client.get("/reference").text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", page)
    assert "<script" not in page
    assert " style=" not in page


def test_without_a_database_the_page_is_there_and_says_that_names_are_to_be_replaced(deps: WebDependencies) -> None:
    def nobody() -> AbstractContextManager[Any]:
        raise StoreUnavailable(quoted("nobody there"))

    with running(replace(deps, connect=nobody), free_port()) as address:
        answer = httpx.get(f"{address}/reference?lang=en", timeout=60)
        assert answer.status_code == 200
        assert "/api/v1/devices/PROJECT/DEVICE/latest" in answer.text
        assert CATALOGUES[Language.EN]["reference_unknown"] in answer.text
        assert httpx.get(f"{address}/api/v1/", timeout=60).status_code == 200
