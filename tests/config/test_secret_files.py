"""Credentials by file: there, readable, complete, and nobody else's to read."""

import os
from pathlib import Path

import pytest

from config.loader import load_site
from tests.config.sites import RIGHT, pointed, told, written


def test_every_missing_secret_is_told_where_it_is_named(tmp_path: Path) -> None:
    uplink = """uplink:
  host: h
  username: u
  password_file: nowhere
  tls: {ca_file: nope.pem, certificate_file: /no/cert, key_file: /no/key}
"""
    missing = [(16, 18), (17, 18), (17, 46), (17, 66)]
    assert told(tmp_path, RIGHT + uplink) == [(line, column, "secret_missing") for line, column in missing]


@pytest.mark.parametrize(
    ("uplink", "expected"),
    [
        ("{host: h, username: u}", ["username_alone"]),
        ("{host: h, password_file: good}", ["password_alone"]),
        ("{host: h, tls: {certificate_file: good}}", ["certificate_alone"]),
        ("{host: h, tls: {key_file: good}}", ["key_alone"]),
        ("{host: h, username: u, password_file: .}", ["secret_no_file"]),
        ("{host: h, username: u, password_file: void}", ["secret_empty"]),
        ("{host: h, tls: {certificate_file: good, key_file: good, ca_file: good}}", []),
        ("{host: h, tls: {}}", []),
    ],
)
def test_credentials_come_in_pairs_and_have_content(tmp_path: Path, uplink: str, expected: list[str]) -> None:
    (tmp_path / "good").write_text("x")
    (tmp_path / "void").touch()
    assert [sentence for *_, sentence in told(tmp_path, RIGHT + f"uplink: {uplink}\n")] == expected


def test_a_secret_that_we_may_not_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pw").write_text("x")
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = told(tmp_path, RIGHT + "uplink: {host: h, username: u, password_file: pw}\n")
    assert [sentence for *_, sentence in found] == ["secret_unreadable"]


def test_a_secret_that_everybody_can_read_and_a_password_in_clear_are_advice(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x")
    (tmp_path / "pw").chmod(0o644)
    path = written(tmp_path, RIGHT + "uplink: {host: h, username: u, password_file: pw}\n")
    assert [each.sentence for each in load_site(path).advice] == ["config.password_in_clear", "config.secret_open_to_all"]
    (tmp_path / "pw").chmod(0o600)
    path = written(tmp_path, RIGHT + "uplink: {host: localhost, username: u, password_file: pw}\n")
    assert load_site(path).advice == ()


def test_each_of_several_uplinks_is_looked_at(tmp_path: Path) -> None:
    uplinks = """uplinks:
  - {name: city, host: h, username: u}
  - {name: fleet, host: i, tls: {ca_file: nope.pem}}
"""
    found = pointed(tmp_path, RIGHT + uplinks)
    assert [(line, sentence) for line, _, sentence in found] == [(14, "username_alone"), (15, "secret_missing")]


def test_a_certificate_that_is_to_follow_need_not_be_there_yet(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("x")
    slots = "certificate_file: good, key_file: good, next_certificate_file: later, next_key_file: later"
    assert told(tmp_path, RIGHT + f"uplink: {{host: h, tls: {{{slots}}}}}\n") == []
    alone = "{next_certificate_file: later, next_key_file: later}"
    assert [each for *_, each in told(tmp_path, RIGHT + f"uplink: {{host: h, tls: {alone}}}\n")] == ["next_certificate_alone"]
    half = "{certificate_file: good, key_file: good, next_key_file: later}"
    assert [each for *_, each in told(tmp_path, RIGHT + f"uplink: {{host: h, tls: {half}}}\n")] == ["key_alone"]
