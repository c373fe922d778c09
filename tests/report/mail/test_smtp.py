"""One e-mail and one server: what it takes, what it refuses, where it breaks off, and that no password is told."""

import threading
import time
from pathlib import Path
from threading import Event

import pytest

from ingest.errors import SettingsRefused
from ingest.report.mail.smtp import Fate, Mailer, Outcome
from ingest.settings.mail import MailSettings
from tests.fixtures.post_office import PASSWORD, PostOffice, only, open_office, own_certificate, silent_server

LETTER = b"Subject: x\r\n\r\n.a point\r\n..two\r\n"
SATO = "sato@city.example.jp"


def _send(settings: MailSettings, stop: Event | None = None) -> Outcome:
    return Mailer(settings).send(LETTER, SATO, stop or Event())


def test_what_the_server_takes_is_what_was_sent(post_office: PostOffice) -> None:
    assert _send(post_office.settings()).fate is Fate.SENT
    assert post_office.letters == [(SATO, LETTER)]


@pytest.mark.parametrize(
    ("answer", "fate"), [("451 later", Fate.LATER), ("552 too large", Fate.NEVER), ("421 closing", Fate.LATER)]
)
def test_temporary_and_permanent_refusals_are_told_apart(post_office: PostOffice, answer: str, fate: Fate) -> None:
    post_office.answer = answer
    of_letter = _send(post_office.settings())
    post_office.answer, post_office.to = "250 ok", answer
    of_recipient = _send(post_office.settings())
    assert (of_letter.fate, of_recipient.fate) == (fate, fate)
    assert answer in of_letter.why.en
    assert not of_letter.of_server
    assert post_office.letters == []


def test_a_server_that_hangs_up_after_the_letter_leaves_a_doubt(post_office: PostOffice) -> None:
    post_office.breaks = True
    assert _send(post_office.settings()).fate is Fate.DOUBT
    assert len(post_office.letters) == 1, "the server has it"


def test_a_server_that_says_nothing_or_is_not_there_costs_a_bounded_time() -> None:
    with silent_server() as port:
        office = PostOffice()
        office.port = port
        began = time.monotonic()
        outcome = _send(office.settings(timeout_s=1))
        assert time.monotonic() - began < 3
        assert (outcome.fate, outcome.of_server) == (Fate.LATER, True)
    assert _send(office.settings(timeout_s=1))[::2] == (Fate.LATER, True)


def test_a_stop_ends_the_dialogue_before_the_letter_and_lets_the_letter_end(post_office: PostOffice) -> None:
    stop = Event()
    with silent_server() as port:
        office = PostOffice()
        office.port = port
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        assert _send(office.settings(timeout_s=30), stop).fate is Fate.STOPPED
        assert time.monotonic() - began < 2
    meanwhile = Event()
    post_office.before_answer = meanwhile.set
    threading.Thread(target=lambda: meanwhile.wait(5)).start()
    assert _send(post_office.settings(), meanwhile).fate is Fate.SENT


def test_encryption_is_never_given_up_and_the_authority_decides(tmp_path: Path, post_office: PostOffice) -> None:
    file, context = own_certificate(tmp_path)
    secret = tmp_path / "password"
    secret.write_text(f"{PASSWORD}\n")
    account = {"username": "noroshi", "password_file": secret}
    with open_office(
        tls_context=context, require_starttls=True, authenticator=only("noroshi"), auth_required=True
    ) as office:
        wanted = office.settings(tls="starttls", ca_file=file, **account)
        assert _send(wanted).fate is Fate.SENT
        unknown = _send(office.settings(tls="starttls", **account))
        assert (unknown.fate, unknown.of_server) == (Fate.LATER, True)
        assert "certificate" in unknown.why.en.lower()
        secret.write_text("wrong\n")
        wrong = _send(wanted)
        assert (wrong.fate, wrong.of_server) == (Fate.LATER, True)
        assert "535" in wrong.why.en
        assert "wrong" not in str(wrong)
        assert len(office.letters) == 1
    plain = _send(post_office.settings(tls="starttls", ca_file=file))
    assert (plain.fate, plain.of_server) == (Fate.LATER, True), "no encryption offered: nothing is sent"
    assert post_office.letters == []


def test_a_server_that_is_encrypted_from_the_first_byte(tmp_path: Path) -> None:
    file, context = own_certificate(tmp_path)
    with open_office(ssl_context=context) as office:
        assert _send(office.settings(tls="tls", ca_file=file)).fate is Fate.SENT
        assert _send(office.settings(tls="tls")).fate is Fate.LATER
    assert len(office.letters) == 1


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"sender": ""}, "mail.sender"),
        ({"sender": "a@b\r\nBcc: x@y"}, "no e-mail address"),
        ({"username": "noroshi"}, "mail.password_file"),
        ({"username": "noroshi", "password_file": "/x", "tls": "none"}, "mail.tls"),
        ({"host": "smtp.example.jp:587"}, "mail.port"),
    ],
)
def test_wrong_settings_are_refused_with_the_name_of_the_setting(wrong: dict[str, str], names: str) -> None:
    with pytest.raises(ValueError, match=names):
        MailSettings.model_validate({"host": "smtp.example.jp", "sender": SATO} | wrong)


def test_files_of_the_settings_are_read_at_the_start(tmp_path: Path) -> None:
    right = {"host": "smtp.example.jp", "sender": SATO}
    for more, name in (
        ({"username": "n", "password_file": tmp_path / "none"}, "mail.password_file"),
        ({"ca_file": tmp_path / "none"}, "mail.ca_file"),
    ):
        with pytest.raises(SettingsRefused, match=name):
            Mailer(MailSettings.model_validate(right | more))
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with pytest.raises(SettingsRefused, match="first line"):
        Mailer(MailSettings.model_validate(right | {"username": "n", "password_file": empty}))
