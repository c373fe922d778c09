"""Questions made up by the hundred with a token of each kind: what is promised, and nothing of another city."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case

from ingest.access.roles import Role, Scope
from tests.fixtures.database import Database
from tests.web.api.test_any_question import described
from tests.web.townhall import EVERYBODY, Townhall, townhall

CHECKS = {"positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 406, 422]}}
OWN = described(CHECKS, parameters={"project": "fukuroi", "device": "halow-0001"})
FOREIGN = described(CHECKS, parameters={"project": "ina", "device": "halow-0001"})
few = settings(max_examples=2, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

KINDS = {
    "viewer": (Role.VIEWER, Scope.READINGS),
    "admin": (Role.ADMIN, Scope.READINGS),
    "figures": (Role.OPERATOR, Scope.FIGURES),
}


@pytest.fixture(scope="module")
def town(field: Database) -> Iterator[Townhall]:
    with townhall(field) as running_town:
        running_town.person("question-everything", EVERYBODY)
        yield running_town


@pytest.fixture(scope="module")
def tokens(town: Townhall) -> dict[str, str]:
    return {
        kind: town.token(town.person(f"question-{kind}", town.in_city(role)), scope)
        for kind, (role, scope) in KINDS.items()
    }


def headers(tokens: dict[str, str], kind: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens[kind]}"}


@pytest.mark.parametrize("kind", KINDS)
@OWN.parametrize()
@few
def test_every_answer_to_a_token_is_as_described(
    town: Townhall, tokens: dict[str, str], kind: str, case: Case[Any]
) -> None:
    case.call_and_validate(base_url=town.address, headers=headers(tokens, kind), timeout=60)


@pytest.mark.parametrize("kind", KINDS)
@FOREIGN.parametrize()
@few
def test_no_answer_to_a_token_says_anything_of_another_city(
    town: Townhall, tokens: dict[str, str], kind: str, case: Case[Any]
) -> None:
    answer = case.call(base_url=town.address, headers=headers(tokens, kind), timeout=60)
    assert "伊那" not in answer.text
    assert answer.status_code in (200, 403, 404, 405, 406, 422)
    if answer.status_code == 200 and "{project}" in case.path:
        pytest.fail(f"{case.path} answers about another city")
