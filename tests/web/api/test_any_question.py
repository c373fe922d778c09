"""Whatever is asked, the answer is as the description promises: questions made up by the hundred, right and wrong.

They are the same in every run, so that a failure can be seen again.
"""

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from schemathesis import Case, openapi
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import BaseSchema

from ingest.web.openapi import description
from tests.fixtures.database import FIRST

EXAMPLES = 6
# A question may be right word for word and wrong as a whole: from after to, limit with a CSV, a cursor nobody gave.
CHECKS: dict[str, Any] = {"positive_data_acceptance": {"expected-statuses": ["2xx", 404, 406, 422]}}
# Before there is an administrator, this machine is answered without a token.
UNCLAIMED: dict[str, Any] = {"ignored_auth": {"enabled": False}}
THERE = {"project": "tea", "device": "tea-1"}


def described(checks: dict[str, Any], **config: Any) -> BaseSchema:
    """The published description, as the generator of questions reads it."""
    # Who asks is the tests' affair, and no part of the question.
    generation = {"deterministic": True, "with-security-parameters": False}
    whole = {"generation": generation, "checks": CHECKS | checks, **config}
    return openapi.from_dict(json.loads(_description()), config=SchemathesisConfig.from_dict(whole))


@cache
def _description() -> str:
    return description()


SCHEMA = described(UNCLAIMED).include(method="GET")
FOUND = described(UNCLAIMED, parameters=THERE).include(path_regex="/devices/|/readings$|/uplinks$")
few = settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

pytestmark = pytest.mark.parametrize("postgres", [FIRST], indirect=True)


@SCHEMA.parametrize()
@few
def test_every_answer_is_as_described(tea_site: str, case: Case[Any]) -> None:
    case.call_and_validate(base_url=tea_site, timeout=60)


@FOUND.parametrize()
@few
def test_every_answer_about_a_device_that_is_there_is_as_described(tea_site: str, case: Case[Any]) -> None:
    case.call_and_validate(base_url=tea_site, timeout=60)
