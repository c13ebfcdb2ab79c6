"""Every error of the wire speaks both languages, with the values that it carries, and says what to do next."""

import pytest

import drivers.links.faults  # noqa: F401  # so that all errors are known
from config.sentences import catalogue, say
from config.site import Language
from drivers.errors import WireError


def all_errors(of: type[WireError] = WireError) -> list[type[WireError]]:
    return [of, *(error for below in of.__subclasses__() for error in all_errors(below))]


OF_THE_LOG = {"drivers.other_model", "drivers.values_left_out"}
"""Said of what goes on, for it ends no exchange."""
VALUES = {"port": "/dev/ttyUSB0", "host": "10.0.0.7", "reason": "EIO", "unit": 7, "timeout_s": 0.3, "octets": 9, "code": 2, "bus": "east"}


@pytest.mark.parametrize("error", all_errors())
@pytest.mark.parametrize("language", list(Language))
def test_every_error_has_a_sentence_in_each_language(error: type[WireError], language: Language) -> None:
    assert say(error.sentence, language, **VALUES)
    if error is not WireError:
        assert say(error.sentence + ".next", language, **VALUES)


def test_no_two_errors_share_a_sentence() -> None:
    sentences = [error.sentence for error in all_errors()]
    assert len(sentences) == len(set(sentences))


def test_no_sentence_is_left_over() -> None:
    known = {error.sentence for error in all_errors()}
    ours = {sentence.removesuffix(".next") for sentence in catalogue() if sentence.startswith("drivers.")}
    assert ours == known | OF_THE_LOG


@pytest.mark.parametrize("language", list(Language))
def test_what_the_log_says_of_a_device_is_a_sentence_in_each_language(language: Language) -> None:
    values = {"device": "bay-07", "devices": "bay-07", "count": 1, "table": "input", "address": 40, "refusal": 2, "for_s": 30}
    assert all("bay-07" in say(sentence, language, **values) for sentence in OF_THE_LOG)
