"""Texts of a CSV: nothing that a spreadsheet takes for a formula, nothing that its code page lacks."""

from collections.abc import Callable

from ingest.web.api.formats import Charset, Chosen, Form
from ingest.web.api.lookup import Lookup
from schemas.foreign import plain_cell
from schemas.japan import to_cp932


def fitting(chosen: Chosen) -> Callable[[str], str]:
    """What makes a name fit for this form."""
    if chosen.form is not Form.CSV:
        return str
    return plain_cell if chosen.charset is Charset.UTF_8 else lambda text: to_cp932(plain_cell(text)).decode("cp932")


def replaced(chosen: Chosen, names: Lookup) -> list[str]:
    """The signs among the names that are written as another sign, or as 〓."""
    if chosen.charset is not Charset.CP932:
        return []
    texts = [*(device.device_name for device in names.devices.values())]
    for quantity in names.quantities.values():
        texts += [quantity.label_ja, quantity.unit_ja]
    return sorted(sign for sign in set("".join(texts)) if to_cp932(sign).decode("cp932") != sign)
