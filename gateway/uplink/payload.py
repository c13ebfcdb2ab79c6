"""What a platform has sent us, read with suspicion: a short JSON message."""

import json


def read_json(payload: object, bytes_max: int) -> object:
    """Raises ValueError for what is too long or no JSON."""
    if not isinstance(payload, bytes) or len(payload) > bytes_max:
        raise ValueError("not a short message")
    try:
        message: object = json.loads(payload)
    except RecursionError:
        raise ValueError("nested without end") from None
    return message
