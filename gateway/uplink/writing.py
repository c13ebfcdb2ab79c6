"""Messages of events as they go out: which of them are marked late, one or a batch, and what MQTT 5 is told of their kind."""

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.uplink.encodings.cloudevents import BATCH_CONTENT_TYPE, CONTENT_TYPE, mark_replayed, message
from gateway.uplink.moves import Send


def event_message(send: Send, speaks_5: bool) -> tuple[str, Properties | None]:  # one version or the other
    if send.rows[-1].sequence <= send.late_upto:
        body = mark_replayed(message([row.body for row in send.rows]))  # all are, where a backlog goes out: many times as quick
    else:
        body = message([mark_replayed(row.body) if row.sequence <= send.late_upto else row.body for row in send.rows])
    if not speaks_5:
        return body, None
    return body, _LONE if len(send.rows) == 1 else _BATCH


def _of_kind(content_type: str) -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = content_type
    properties.PayloadFormatIndicator = 1  # UTF-8
    return properties


_LONE, _BATCH = _of_kind(CONTENT_TYPE), _of_kind(BATCH_CONTENT_TYPE)
