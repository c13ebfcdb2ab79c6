"""What each device model answers. Values are computed when they are read."""

from simulators.devices.device import Device, Refusal, Refused
from simulators.devices.dx80 import Dx80, Dx80Node
from simulators.devices.frame import FrameDevice
from simulators.devices.geomagnetic import Geomagnetic
from simulators.devices.hmr2300 import Hmr2300
from simulators.devices.ld120 import Ld120
from simulators.devices.m77 import M77
from simulators.devices.pile import Pile
from simulators.devices.uhfreader18 import UhfReader18
from simulators.devices.urm import Urm

__all__ = [
    "M77",
    "Device",
    "Dx80",
    "Dx80Node",
    "FrameDevice",
    "Geomagnetic",
    "Hmr2300",
    "Ld120",
    "Pile",
    "Refusal",
    "Refused",
    "UhfReader18",
    "Urm",
]
