"""What a crew reads at the end of `watch`: each ailing device, the most urgent first, with what is wrong and what to do."""

import json
from dataclasses import replace

import click
import pytest

from config.catalogue import gather, packaged_folder
from config.loader import load_profile
from config.sentences import catalogue, say
from config.site import Bay, Language
from drivers.identity import OTHER_MODEL
from drivers.turns import Outcome
from gateway.clock import TimeQuality
from gateway.console.watch import SHOWN
from gateway.console.watch_show import show
from gateway.detection.ailments import Ailment
from gateway.detection.detectors import Detectors, Polled
from gateway.detection.silence import NO_READING
from gateway.minting import Now
from gateway.replay import bays_of
from gateway.status import LOCAL_PARTS, Snapshot, snapshot
from tests.gateway.field import field_readings


@pytest.fixture(scope="module")
def shown() -> Snapshot:
    """A street of three bays: a sensor with a low battery, a silent one, one that is well."""
    names = ("geo-1", "geo-2", "geo-3")
    site = bays_of(()).model_copy(update={"bays": tuple(Bay(id=f"bay-{name}", device=name) for name in names)})
    detectors = Detectors(site, [Polled(name, 1.0) for name in names], 0.0)
    for low, well in zip(field_readings((), 900, device="geo-1"), field_readings((), 900, device="geo-3"), strict=True):
        detectors.tick(low.t)
        detectors.feed(replace(low, battery_pct=8.0), low.t)
        detectors.feed(replace(low, device="geo-2", silent=True, x_ut=None, y_ut=None, z_ut=None, cause="no_answer"), low.t)
        detectors.feed(well, well.t)
    return snapshot(
        "g-1",
        detectors,
        (),
        (),
        Now(900.0, 1_767_000_000.0, TimeQuality.SYNCED),
        last_sequence=0,
        acknowledged=0,
        work=detectors.work_list(),
    )


def parts_of(shown: Snapshot) -> dict[str, object]:
    """As the local socket gives them."""
    parts: dict[str, object] = {}
    for part in LOCAL_PARTS:
        parts |= json.loads(shown.body(part))
    return parts


def spoken(parts: dict[str, object], lang: Language) -> None:
    with click.Context(click.Command("kerbgate")) as context:
        context.params["lang"] = lang.value
        show(SHOWN.validate_python(parts))


@pytest.mark.parametrize("lang", list(Language))
def test_the_most_urgent_device_comes_first_with_its_bay_its_cause_and_the_next_step(
    shown: Snapshot, lang: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    spoken(parts_of(shown), lang)
    told = capsys.readouterr().out.splitlines()
    assert told[told.index(say("work.head", lang)) + 1 :] == [
        say("work.device", lang, place=1, device="geo-2", watches="bay-geo-2"),
        "   " + say("work.cause.no_answer", lang) + " " + say("work.cause.no_answer.next", lang),
        say("work.device", lang, place=2, device="geo-1", watches="bay-geo-1"),
        "   " + say("work.cause.battery_low", lang) + " " + say("work.cause.battery_low.next", lang),
    ]


def test_what_a_crew_should_do_is_not_sent_to_the_platform(shown: Snapshot) -> None:
    assert json.loads(shown.body("work"))["work"][0] == {"device": "geo-2", "watches": "bay-geo-2", "causes": ["no_answer"]}
    assert "work" not in json.loads(shown.body("device"))


def _causes() -> list[str]:
    """Of the detectors, the line, and the packaged profiles."""
    profiles = gather([packaged_folder()], load_profile).profiles.all
    return sorted(
        {*Ailment, *Outcome, "frozen", "saturated", "link_down", NO_READING, OTHER_MODEL} - {Outcome.ANSWERED}
        | {rule.cause for profile in profiles for rule in profile.health}
    )


@pytest.mark.parametrize("cause", _causes())
def test_everything_that_can_ail_a_device_has_its_sentence_and_next_step(cause: str) -> None:
    assert {f"work.cause.{cause}", f"work.cause.{cause}.next"} <= catalogue().keys()


def test_a_cause_that_only_a_profile_knows_is_told_by_its_own_name(shown: Snapshot, capsys: pytest.CaptureFixture[str]) -> None:
    spoken(parts_of(shown) | {"work": [{"device": "d", "watches": None, "causes": ["lid_open"]}]}, Language.EN)
    assert "It says of itself: lid_open." in capsys.readouterr().out
