"""`noroshi plan`: the operation plan (運用計画) of a project, from its file to its review."""

from ingest.cli.command import group
from ingest.cli.plan_check import check, freeze_
from ingest.cli.plan_document import apply, show
from ingest.cli.plan_export import export
from ingest.cli.plan_log import log
from ingest.cli.plan_measure import measure
from ingest.cli.plan_outages import outages
from ingest.cli.plan_review import review
from ingest.cli.plan_verify import verify
from schemas.bilingual import Bilingual


@group(
    help=Bilingual(
        "事業の運用計画(PDCA): 目標、実績、評価。",
        "The operation plan (PDCA) of a project: targets, actuals, reviews.",
    )
)
def plan() -> None:
    """The group of these commands."""


plan.add_command(apply)
plan.add_command(show)
plan.add_command(export)
plan.add_command(check)
plan.add_command(freeze_)
plan.add_command(verify)
plan.add_command(review)
plan.add_command(log)
plan.add_command(measure)
plan.add_command(outages)
