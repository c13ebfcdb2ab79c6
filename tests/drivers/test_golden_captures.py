"""Bytes of each device model as its documents have them: what we ask is what stands there, and what it answers is read as it says.

tests/captures/<profile>.json: `frames` are requests printed in manuals, `settings` what is written to configure the device,
`polls` the exchanges of a poll and the reading that they must give. Each says where its bytes are from; none was recorded, for
no device has been attached yet.
"""

import json
from typing import Any

import pytest

from config.catalogue import gather
from config.loader import load_profile
from config.profile import Table
from drivers.configuring import Configuring, Stage
from drivers.decode import decoder_for
from drivers.device import BusDevice
from drivers.framing import framing_for
from drivers.links.pacing import pace_of
from drivers.modbus.pdu import read, write
from drivers.polls import polls_of
from drivers.question import Question
from drivers.reading import Quality, Sighting
from drivers.task import Poll
from tests.checkout import ROOT
from tests.drivers.things import SERIAL, device

FOLDER = ROOT / "tests" / "captures"
PROFILES = gather((), load_profile).profiles
CAPTURES: dict[str, Any] = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def _cases(key: str) -> list[Any]:
    each = [(capture, case) for capture in CAPTURES.values() for case in capture.get(key, ())]
    return [pytest.param(capture, case, id=f"{capture['profile']}: {case.get('what') or case['name']}") for capture, case in each]


def _device(capture: Any) -> BusDevice:
    return device("bay-07", capture["unit"], PROFILES[capture["profile"]], sub_unit=capture["sub_unit"])


def _request(question: Question) -> str:
    return framing_for(SERIAL, question.protocol).ask(question).hex(" ").upper()


def _poll(bay: BusDevice) -> Poll:
    (poll,) = polls_of([bay], SERIAL)
    return poll


def test_every_packaged_profile_has_its_captures_and_they_say_where_they_are_from() -> None:
    assert sorted(CAPTURES) == list(PROFILES.names)
    for name, capture in CAPTURES.items():
        assert capture["profile"] == name
        frames = [
            *capture.get("frames", ()),
            *capture.get("settings", ()),
            *(each for case in capture["polls"] for each in case["exchanges"]),
        ]
        assert frames
        assert all(frame["from"] for frame in frames)


@pytest.mark.parametrize(("capture", "case"), _cases("frames"))
def test_a_request_of_a_manual_is_encoded_as_it_is_printed(capture: Any, case: Any) -> None:
    if "read" in case:
        asked = read(capture["unit"], Table(case["read"]["table"]), case["read"]["address"], case["read"]["count"])
    else:
        asked = write(capture["unit"], Table(case["write"]["table"]), case["write"]["address"], [case["write"]["value"]])
    assert _request(asked) == case["request"]


@pytest.mark.parametrize(("capture", "case"), _cases("settings"))
def test_a_setting_is_written_as_the_manual_wants_it(capture: Any, case: Any) -> None:
    bay = _device(capture)
    (setting,) = (each for each in bay.profile.settings if each.name == case["name"])
    assert setting.minimum <= case["value"] <= setting.maximum
    task = Configuring((bay,), pace_of(SERIAL)).task(bay, setting, case["value"], Stage.WRITE)
    assert [_request(each.question) for each in task.slices if not each.reads] == case["writes"]


@pytest.mark.parametrize(("capture", "case"), _cases("polls"))
def test_a_poll_asks_these_bytes_and_reads_this_from_the_answers(capture: Any, case: Any) -> None:
    bay = _device(capture)
    slices = _poll(bay).slices
    assert [_request(each.question) for each in slices] == [exchange["request"] for exchange in case["exchanges"]]
    answers: list[Any] = []
    for ask, exchange in zip(slices, case["exchanges"], strict=True):
        framing = framing_for(SERIAL, ask.question.protocol)
        framing.ask(ask.question)
        payload = framing.feed(bytes.fromhex(exchange["answer"]))
        assert payload is not None
        if ask.reads:
            answers.append(ask.question.decode(payload))
    reading = decoder_for(bay, [each for each in slices if each.reads]).decode(answers, 12.5)
    expected = {"quality": "good", "silent": False, "cause": None, **case["reading"]}
    assert reading.trusted is (expected["quality"] == "good" and not expected["silent"])
    for key, value in expected.items():
        assert getattr(reading, key) == _typed(key, value), key


@pytest.mark.parametrize(("capture", "case"), _cases("polls"))
def test_an_answer_that_comes_octet_by_octet_is_the_same_answer(capture: Any, case: Any) -> None:
    for ask, exchange in zip(_poll(_device(capture)).slices, case["exchanges"], strict=True):
        answer = bytes.fromhex(exchange["answer"])
        framing = framing_for(SERIAL, ask.question.protocol)
        framing.ask(ask.question)
        whole = framing.feed(answer)
        framing.ask(ask.question)
        pieces = [framing.feed(answer[at : at + 1]) for at in range(len(answer))]
        assert pieces == [None] * (len(answer) - 1) + [whole]


def _typed(key: str, value: Any) -> object:
    if key == "quality":
        return Quality(value)
    if key == "sightings" and value is not None:
        return tuple(Sighting(each) if isinstance(each, str) else Sighting(*each) for each in value)
    return value
