"""Settings to an interpreter: the part of the composition that the service and the commands share."""

from ingest.decode.common.limits import Limits
from ingest.decode.sparkplug.births import Births
from ingest.decode.sparkplug.limits import BirthLimits
from ingest.pipeline.first_receipts import FirstReceipts
from ingest.pipeline.interpret import Interpreter
from ingest.pipeline.route import Routes, pattern
from ingest.registry.index import Directory
from ingest.settings.model import ClockSettings, Settings
from ingest.settings.sparkplug import SparkplugSettings
from ingest.validate.values import ClockPolicy


def build_interpreter(
    settings: Settings, directory: Directory, receipts: FirstReceipts, births: Births | None = None
) -> Interpreter:
    """An interpreter by these settings, this registry, and what Sparkplug nodes have announced."""
    patterns = (pattern(route.topic, route.decoder, route.project, route.network) for route in settings.routes)
    routes = Routes(patterns, directory)
    intake = settings.intake
    limits = Limits(intake.max_payload_bytes, intake.max_depth, intake.max_elements, intake.max_parts)
    return Interpreter(routes, limits, clock_policy(settings.clock), receipts, births=births)


def birth_limits(settings: SparkplugSettings) -> BirthLimits:
    """How much of what Sparkplug nodes announce is kept."""
    return BirthLimits(
        settings.max_devices, settings.max_unregistered, settings.max_metrics, settings.max_metrics_in_all
    )


def clock_policy(settings: ClockSettings) -> ClockPolicy:
    """The settings in the units of the path."""
    return ClockPolicy(
        ahead_tolerance_us=round(settings.ahead_tolerance_s * 1e6),
        max_age_us=round(settings.max_age_days * 86_400 * 1e6),
        quarantine_ahead=settings.ahead == "quarantine",
        quarantine_absent=settings.absent == "quarantine",
    )
