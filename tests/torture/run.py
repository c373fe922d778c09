"""One scenario on one stage, to its verdict."""

from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.torture.catalogue import Amount, Scenario
from tests.torture.stage import Servers, staged
from tests.torture.verdict import Verdict
from tests.torture.watch import Told


@dataclass(frozen=True)
class Result:
    """What one run of a scenario came to."""

    name: str
    seed: str
    times: int
    verdict: Verdict
    recovery_s: float
    told: Told
    notes: list[str]

    @property
    def wrong(self) -> str:
        """Everything that was not as it should be, one line each; empty for a good result."""
        verdict = self.verdict
        lines = [f"{self.name}, seed {self.seed}:"]
        lines += [f"  {len(verdict.lost)} lost, e.g. {verdict.lost[:5]}"] if verdict.lost else []
        lines += [f"  {verdict.doubled} doubled"] if verdict.doubled else []
        lines += [f"  {line}" for line in verdict.wrong]
        return "" if verdict.good else "\n".join(lines)


def run(
    scenario: Scenario, servers: Servers, folder: Path, seed: str, amount: Amount, *, watched: bool = True
) -> Result:
    """Set the stage, act, count. The seed decides every random moment. `watched`: crossings are watched and told."""
    with staged(
        replace(scenario.plan, watched=watched),
        servers,
        folder,
        Random(f"{seed} {scenario.name}"),
        size=amount.size,
        times=amount.times,
    ) as stage:
        scenario.run(stage)
        verdict = stage.verdict()
        return Result(scenario.name, seed, stage.done, verdict, stage.recovery_s, stage.told, stage.notes)
