"""Faults of the watch: its process is killed while crossings are stored and told."""

from tests.torture.stage import Plan, Stage

PLAN = Plan(untimed_every=3)


def killed(stage: Stage) -> None:
    """kill -9 of the watcher at random moments of a live load, with a receiver that fails and a slow mail server."""
    with stage.feeding(stage.size, per_second=1_000):
        for _ in range(stage.times):
            stage.until(lambda: bool(stage.service.children("ingest.watch")), "a watcher runs")
            stage.pause(0.3, 2)
            for process in stage.service.children("ingest.watch"):
                process.kill()
            stage.done += 1
    stage.settle()
