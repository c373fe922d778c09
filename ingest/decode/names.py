"""Names of measurements that need no profile: the codes of the catalogue, however their parts are put together."""

from schemas.profile import FieldBinding
from schemas.quantity import BY_CODE

_SEPARATORS = str.maketrans("/.:-", "____")
_BINDINGS = {code: FieldBinding(quantity=code) for code in BY_CODE}


def in_catalogue(name: str) -> FieldBinding | None:
    """The quantity that `soil/temperature`, `soil.temperature` or `soil_temperature` is; None for any other name."""
    return _BINDINGS.get(name) or _BINDINGS.get(name.translate(_SEPARATORS).lower())
