"""Who gets a place and who leaves for another."""

from ingest.runtime.clients import client_of
from ingest.webserver.places import Place, Places


class Closed:
    """Notes who was closed."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def enter(self, places: Places, client: str, name: str, *, waiting: bool = True) -> Place | None:
        place = places.enter(client)
        if place is not None:
            place.close = lambda: self.names.append(name)
            place.waiting = waiting
        return place


def test_whoever_has_his_share_closes_his_own_oldest_idle_connection() -> None:
    places, closed = Places(10, 2), Closed()
    closed.enter(places, "a", "a1", waiting=False)
    closed.enter(places, "a", "a2")
    assert closed.enter(places, "a", "a3", waiting=False) is not None
    assert closed.names == ["a2"]
    assert places.enter("a") is None, "what is being answered is not broken off"
    assert places.enter("b") is not None


def test_when_all_places_are_taken_the_greediest_leaves_one_to_a_newcomer() -> None:
    places, closed = Places(4, 3), Closed()
    for client, name in (("few", "few1"), ("many", "many1"), ("many", "many2"), ("many", "many3")):
        closed.enter(places, client, name)
    assert closed.enter(places, "new", "new1") is not None
    assert closed.names == ["many1"]
    assert len(places) == 4


def test_nobody_is_pushed_out_by_somebody_who_has_as_many() -> None:
    places, closed = Places(2, 2), Closed()
    closed.enter(places, "a", "a1", waiting=False)
    closed.enter(places, "b", "b1")
    assert places.enter("c") is None
    assert closed.enter(places, "b", "b2") is not None
    assert closed.names == ["b1"], "but his own idle one he may replace"


def test_a_place_that_is_left_twice_is_free_once() -> None:
    places = Places(1, 1)
    place = places.enter("a")
    assert place is not None
    places.leave(place)
    places.leave(place)
    assert len(places) == 0
    assert places.enter("b") is not None


def test_a_client_is_an_address_or_the_network_in_which_it_has_any() -> None:
    assert client_of("10.0.0.1") == "10.0.0.1"
    assert client_of("::ffff:10.0.0.1") == "10.0.0.1"
    assert client_of("2001:db8::1:2:3:4") == client_of("2001:db8::ffff") == "2001:db8::/64"
    assert client_of("fe80::1%eth0") == "fe80::/64"
    assert client_of("testclient") == "testclient"
