"""Names on the broker, and what the platform says there."""

import pytest

from gateway.uplink.topics import Topics, Upto, read_acknowledgement


def test_the_contracts_topics() -> None:
    topics = Topics("jj-0007")
    assert topics.events("bay") == "kerb/v1/jj-0007/ev/bay"
    assert topics.snapshot("station") == "kerb/v1/jj-0007/snap/station"
    assert topics.snapshot("bay", page=2) == "kerb/v1/jj-0007/snap/bay/2"
    assert topics.state == "kerb/v1/jj-0007/state"
    assert topics.acknowledgements == "kerb/v1/jj-0007/ack"


def test_an_acknowledgement_names_the_last_event_that_is_stored() -> None:
    identifier = "jj-0007/0000000017-9f3a/0000000000018234"
    payload = b'{"upto":"' + identifier.encode() + b'","more":[1]}'
    assert read_acknowledgement(payload, "jj-0007") == Upto(identifier, 17, 18234)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"upto":18234}',
        b'{"upto":"18234"}',
        b'{"upto":"jj-0007/x/"}',
        b'{"upto":"jj-0007/x/0000000000018234"}',
        b'{"upto":"jj-0007/x/-1"}',
        b'{"upto":"jj-0008/0000000017-9f3a/0000000000018234"}',
        b'{"upto":"jj-00077/0000000017-9f3a/0000000000018234"}',
        b"\xff\xfe",
        b'{"upto":"' + b"9" * 2000 + b'"}',
        b"[" * 1024,
        "text",
        None,
    ],
)
def test_anything_else_is_refused(payload: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # the sentence is for a log; that it is refused is the point
        read_acknowledgement(payload, "jj-0007")
