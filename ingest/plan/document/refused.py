"""What is wrong with a plan: every problem with its field, and file and line where it came from a file."""

from collections.abc import Sequence

from ingest.errors import CallRefused
from ingest.registry.problem import Problem
from schemas.bilingual import Bilingual, joined


class PlanRefused(CallRefused):
    """A plan that is not stored. `problems`: all that is wrong with it."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        nothing = Bilingual(
            f"誤りが {count} 件あります。何も書き込みませんでした。",
            f"{count} {'mistake' if count == 1 else 'mistakes'}. Nothing was written.",
        )
        super().__init__(joined([*(problem.said for problem in problems), nothing]))
        self.problems = tuple(problems)
