import pytest

from ingest.bench.formats import SAMPLES
from schemas.uplink import Uplink


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_what_is_measured_is_a_good_message(name: str) -> None:
    """A refusal would be cheap: the figure would be of something else."""
    uplink = SAMPLES[name].decode()
    assert isinstance(uplink, Uplink)
    assert uplink.measured
    assert not uplink.refused
