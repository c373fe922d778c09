"""Passwords that guessers try first, and some that they do not."""

import time

import pytest

from ingest.access.weak import is_weak

KANJI = "".join(map(chr, range(0x4E00, 0x5200)))


@pytest.mark.parametrize(
    "password",
    [
        "short 4xQz",
        "x" * 1_025,
        "password2026!!",
        "P@ssw0rd1234",
        "ｐａｓｓｗｏｒｄ１２３４",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "aokihanako2026",
        "Aoki-Hanako-1985",
        "青木花子青木花子青木花子",
        "あいうえおかきくけこさし",
        "東京都庁管理者2026年",
        "sakura-himawari-2026",
        "aaaaaaaaaaaa",
        "abcabcabcabcabc",
        "090123456789",
        "0901-2345-6789-0123",
        "hamamatsu1985!",
        "suzukitarou0401",
        "correct horse battery staple",
        "monkeymonkeymonkey",
        "Welcome2Fukuroi!",
        "パスワード12345678",
        "noroshi-admin-2026",
        "poiuytrewq0987",
        "mnbvcxzlkjhg",
        "ちとしはきくまのりれた",
        "19850401-20200401",
    ],
)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    assert is_weak(password, "aoki", "青木 花子 (Aoki Hanako)", 12)


@pytest.mark.parametrize(
    "password",
    [
        "green tractor behind the school",
        "kitsune gift lantern 71",
        "xK7v-qPz2-mmW9",
        "ランプと河原の石ころ七つ",
        "my dentist hates tuesdays",
        "reiwa8nen no inaho wa omoi",
        "🚜🐸🌾🏮🦊🍙🎣🛶🐝🍵🪁🎋 field",
        "Zq!8rT#wL0vB",
    ],
)
def test_what_is_long_and_ones_own_is_taken(password: str) -> None:
    assert not is_weak(password, "aoki", "青木 花子 (Aoki Hanako)", 12)


def test_length_is_as_the_settings_say() -> None:
    assert is_weak("xK7v-qPz2-mmW9", "aoki", "x", 15)
    assert not is_weak("xK7v-qPz2-mmW9", "aoki", "x", 14)


@pytest.mark.parametrize("password", ["a" * 1_024, "ab" * 512, "password" * 128, KANJI])
def test_the_longest_password_is_looked_at_in_a_moment(password: str) -> None:
    began = time.perf_counter()
    is_weak(password, "aoki", "x", 12)
    assert time.perf_counter() - began < 2
