"""Questions of the process of the pages to the service that started it, and the answers: one line each."""

from typing import NamedTuple

import orjson

from ingest.account import Balance
from ingest.settings.model import Settings
from ingest.telemetry.health import Concern, Trouble

ALIVE = "alive"
"""The kind of a question that wants no answer: it shows that the loop of the pages turns."""
STATE = "state"
METRICS = "metrics"

LONGEST_LINE = 2**24
"""Most bytes of a line. The metrics of an installation with some thousand gateways take a sixteenth."""


class Orders(NamedTuple):
    """What the service hands to the process. Settings are sent whole, since their file may change meanwhile."""

    settings: Settings
    descriptor: int
    """The listening socket, bound by the service."""


class Question(NamedTuple):
    """A question. Only one is open at a time; its number keeps a late answer apart from the next one."""

    number: int
    kind: str


class Answer(NamedTuple):
    """The state of the intake. `metrics`: the text of /metrics, if that was asked for."""

    number: int
    live: Balance
    troubles: list[Trouble]
    metrics: str = ""


def question_line(question: Question) -> bytes:
    """The question as a line: its number and its kind."""
    return b"%d %s\n" % (question.number, question.kind.encode())


def read_question(line: bytes) -> Question:
    """The question in a line. Both ends are the same program, so nothing is checked."""
    number, kind = line.decode().split()
    return Question(int(number), kind)


def answer_line(answer: Answer) -> bytes:
    """The answer as a line of JSON."""
    troubles = [list(trouble) for trouble in answer.troubles]
    return orjson.dumps([answer.number, list(answer.live), troubles, answer.metrics]) + b"\n"


def read_answer(line: bytes) -> Answer:
    """The answer in a line of JSON."""
    number, live, troubles, metrics = orjson.loads(line)
    told = [Trouble(Concern(concern), detail, since_s) for concern, detail, since_s in troubles]
    return Answer(number, Balance(*live), told, metrics)
