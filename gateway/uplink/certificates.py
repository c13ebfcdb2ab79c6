"""Our own certificates: what tells one from another, and until when they are good.

Python's ssl shows the dates of a certificate only where it was verified as the far side's; asn1crypto reads any.
"""

import hashlib
import ssl
from datetime import datetime
from pathlib import Path

from asn1crypto import x509

from config.site import Tls
from gateway.uplink.slots import Slot

ALARM_DAYS = 30
_DAY_S = 86400.0


def files_of(tls: Tls, slot: Slot) -> tuple[Path, Path] | None:
    """Certificate and key."""
    pair = (tls.certificate_file, tls.key_file) if slot is Slot.PRESENT else (tls.next_certificate_file, tls.next_key_file)
    certificate, key = pair
    return None if certificate is None or key is None else (certificate, key)


def print_of_next(tls: Tls) -> str | None:
    """What tells this pair of next files from another; None while one of them is missing."""
    pair = files_of(tls, Slot.NEXT)
    if pair is None:
        return None
    try:
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in pair)).hexdigest()
    except OSError:
        return None


def good_until(certificate: Path) -> float:
    """Unix seconds. Raises OSError, ValueError."""
    body = ssl.PEM_cert_to_DER_cert(_first(certificate.read_text("ascii")))
    certificate_of_ours = x509.Certificate.load(body)  # type: ignore[no-untyped-call]
    until: datetime = certificate_of_ours["tbs_certificate"]["validity"]["not_after"].native
    return until.timestamp()


def _first(text: str) -> str:
    """Of a chain: ours comes first."""
    begin = text.find(ssl.PEM_HEADER)
    return text[begin : text.find(ssl.PEM_FOOTER, begin) + len(ssl.PEM_FOOTER)]


def days_left(until: float, wall_s: float) -> int:
    """Whole days; negative when it has expired."""
    return int((until - wall_s) // _DAY_S)
