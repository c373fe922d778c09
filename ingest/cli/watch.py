"""`noroshi watch`: the watch (監視), from its rules to what people do about incidents."""

from ingest.cli.command import group
from ingest.cli.watch_ack import ack
from ingest.cli.watch_document import apply, show, template
from ingest.cli.watch_drill import drill
from ingest.cli.watch_duty import duty
from ingest.cli.watch_maintenance import maintenance
from ingest.cli.watch_note import mark, missed, note
from ingest.cli.watch_replay import replay_command
from ingest.cli.watch_status import status
from ingest.cli.watch_try import try_command
from schemas.bilingual import Bilingual


@group(
    help=Bilingual(
        "監視: 基準への到達、途絶、通知、対応の記録。", "The watch: stages, silence, messages, and what was done."
    )
)
def watch() -> None:
    """The group of these commands."""


watch.add_command(apply)
watch.add_command(show)
watch.add_command(template)
watch.add_command(ack)
watch.add_command(drill)
watch.add_command(duty)
watch.add_command(maintenance)
watch.add_command(mark)
watch.add_command(missed)
watch.add_command(note)
watch.add_command(status)
watch.add_command(replay_command)
watch.add_command(try_command)
