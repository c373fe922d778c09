"""An event as Common Alerting Protocol 1.2 (OASIS), for programs that take it. It is an observation, and says so.

`status` is Exercise for a drill. `scope` is Restricted unless the operator publishes it. Severity follows the hint of a
stage, not an announcement: urgency is Unknown, certainty Observed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from ingest.watch.delivery.model import Fact
from ingest.watch.delivery.wording import DISCLAIMER, DRILL, DRILL_SAID, headline, paragraph, value_of
from ingest.watch.model import Kind
from schemas.japan import to_jst

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MEDIA_TYPE = "application/cap+xml"
RESTRICTION = "関係者限り / for those concerned only"
LANGUAGES = (("ja-JP", "ja"), ("en-US", "en"))

_CATEGORY = {
    "river": "Met", "inundation": "Met", "rain": "Met", "snow": "Met", "frost": "Met", "landslide": "Geo",
    "slope": "Geo", "heat": "Health", "trap": "Safety",
}  # fmt: skip
_SEVERITY = {3: "Moderate", 4: "Severe", 5: "Extreme"}


class CapSender(NamedTuple):
    """Who says it. `sender`: an identifier without blanks, as noroshi.example.lg.jp. `public`: anybody may read it."""

    sender: str
    name: str
    public: bool = False
    web: str = ""


class Reference(NamedTuple):
    """An earlier event of the same incident, and when its alert was sent."""

    project: str
    event_id: int
    sent: datetime


class Place(NamedTuple):
    """Where the station stands, in degrees."""

    latitude: float
    longitude: float


def place_of(latitude: float | None, longitude: float | None) -> Place | None:
    """The place of a station; None where the registry does not say it, or not as degrees."""
    if latitude is None or longitude is None or not (abs(latitude) <= 90 and abs(longitude) <= 180):
        return None
    return Place(latitude, longitude)


def cap_alert(
    fact: Fact, sender: CapSender, sent: datetime, references: Sequence[Reference] = (), place: Place | None = None
) -> bytes:
    """One alert in UTF-8. `references`: earlier events of the incident. `sent`: when the event was stored.

    The area is the station itself: a circle of radius 0 round `place`. How far what it measured reaches nobody knows.
    """
    alert = Element("alert", xmlns=NAMESPACE)
    _add(alert, "identifier", identifier_of(fact.project, fact.event_id))
    _add(alert, "sender", sender.sender)
    _add(alert, "sent", cap_time(sent))
    _add(alert, "status", "Exercise" if fact.is_drill else "Actual")
    _add(alert, "msgType", message_type(fact, references))
    _add(alert, "source", "Noroshi")
    _add(alert, "scope", "Public" if sender.public else "Restricted")
    if not sender.public:
        _add(alert, "restriction", RESTRICTION)
    _add(alert, "note", DRILL_SAID.ja if fact.is_drill else DISCLAIMER.ja)
    if references:
        named = [(identifier_of(each.project, each.event_id), cap_time(each.sent)) for each in references]
        _add(alert, "references", " ".join(f"{sender.sender},{name},{at}" for name, at in named))
    if fact.incident_id is not None:
        _add(alert, "incidents", f"{fact.project}-{fact.incident_id}")
    for code, language in LANGUAGES:
        _info(alert, fact, sender, (code, language), place)
    return written(alert)


def written(document: Element) -> bytes:
    """An XML document in UTF-8."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(document, encoding="unicode")}\n'.encode()


def identifier_of(project: str, event_id: int) -> str:
    """The identifier of the alert of an event."""
    return f"noroshi-{project}-{event_id}"


def cap_time(at: datetime) -> str:
    """A time as CAP has it: with an offset, without parts of a second."""
    return to_jst(at).isoformat(timespec="seconds")


def message_type(fact: Fact, references: Sequence[Reference]) -> str:
    """Cancel takes back what was wrong; Update changes or ends what an earlier alert said."""
    if fact.withdrawn is not None:
        return "Cancel" if references else "Alert"
    return "Update" if references else "Alert"


def _info(alert: Element, fact: Fact, sender: CapSender, language: tuple[str, str], place: Place | None) -> None:
    code, name = language
    over = fact.rank == 0 or fact.withdrawn is not None
    mark = DRILL.to(name) if fact.is_drill else ""
    info = SubElement(alert, "info")
    _add(info, "language", code)
    _add(info, "category", "Infra" if fact.kind is not Kind.STAGE else _CATEGORY.get(fact.hazard or "", "Env"))
    _add(info, "event", f"{mark}{fact.kind.label.to(name)}")
    _add(info, "responseType", "AllClear" if over else "Monitor")
    _add(info, "urgency", "Past" if over else "Unknown")
    _add(info, "severity", "Minor" if over else _SEVERITY.get(fact.ref_level or 0, "Minor"))
    _add(info, "certainty", "Observed")
    _add(info, "effective", cap_time(fact.at))
    _add(info, "onset", cap_time(fact.at))
    _add(info, "senderName", sender.name)
    _add(info, "headline", mark + headline(fact, fact.at).to(name))
    _add(info, "description", mark + paragraph(fact).to(name))
    _add(info, "instruction", DISCLAIMER.to(name))
    if sender.web:
        _add(info, "web", sender.web)
    for key, value in _parameters(fact):
        parameter = SubElement(info, "parameter")
        _add(parameter, "valueName", key)
        _add(parameter, "value", value)
    area = SubElement(info, "area")
    _add(area, "areaDesc", "、".join(part for part in (fact.title, fact.area) if part))
    if place is not None:
        _add(area, "circle", f"{place.latitude:.5f},{place.longitude:.5f} 0")


def _parameters(fact: Fact) -> list[tuple[str, str]]:
    found = [("rank", str(fact.rank)), ("thing", fact.thing)]
    numbers = (("value", value_of(fact, fact.value)), ("threshold", value_of(fact, fact.threshold)))
    found += [(name, text) for name, text in numbers if text]
    if fact.ref_level is not None:
        found.append(("referenceLevelHint", str(fact.ref_level)))
    return found


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _clean(text)


def _clean(text: str) -> str:
    """A text without the control characters that no XML may have."""
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())
