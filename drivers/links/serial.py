"""A link over a serial port: pyserial opens and sets it, the event loop waits for it."""

import asyncio
import fcntl
import os
import termios
from array import array
from collections.abc import Callable
from pathlib import Path

from serial import PARITY_EVEN, PARITY_NONE, PARITY_ODD, Serial, SerialException
from serial.rs485 import RS485Settings

from config.site import Parity, SerialLine
from drivers.errors import LinkDown
from drivers.links.faults import NoDirectionControl, NotAPort, NotOpen, PortBusy, PortSettings, PortVanished, Stalled, port_fault
from drivers.links.hearing import LEAST_S, Hearing
from drivers.links.link import Alarm, Listener
from drivers.links.lock_holder import holder_of
from drivers.links.pacing import pace_of
from drivers.links.port_identity import STABLE_NAMES, PortMemory
from drivers.links.punctual import Punctual

MOST_UNSENT = 1024
MOST_OCTETS = 4096
_HEARS_AGAIN_S = 0.000_500
"""So long before an answer can be whole: less than an octet where it is worth to be mute, more than an alarm is late."""
_PARITIES = {Parity.NONE: PARITY_NONE, Parity.EVEN: PARITY_EVEN, Parity.ODD: PARITY_ODD}


class SerialLink:
    def __init__(self, line: SerialLine, stable_names: Path = STABLE_NAMES) -> None:
        self._line = line
        self._path = line.port
        self._memory = PortMemory(line.port, stable_names)
        self._time: Punctual | None = None
        self._serial: Serial | None = None
        self._listener: Listener | None = None
        self._fault: LinkDown | None = None
        self._fd = -1
        self._unsent = bytearray()
        self._waits_for_room = False
        self._expected = 0
        self._blocked = False
        self._pace = pace_of(line)
        self._hearing: Hearing | None = None
        self._waiting = array("i", [0])

    async def open(self, listener: Listener) -> None:
        self.close()
        self._listener, self._fault, self._expected = listener, None, 0
        try:
            self._path = self._memory.find()
            self._serial = Serial(
                port=self._path,
                baudrate=self._line.baud,
                parity=_PARITIES[self._line.parity],
                stopbits=self._line.stop_bits,
                timeout=0,
                write_timeout=0,
                # A lock, so that two daemons never share a line. Released with the process, however that ends.
                exclusive=True,
            )
            self._fd = self._serial.fileno()
            self._take_direction_control()
            # pyserial leaves VMIN at 0, with which nothing to read and the end of the line look alike.
            self.expect(1)
            self._time = Punctual(asyncio.get_running_loop())
            self._hearing = Hearing(asyncio.get_running_loop(), self._fd, self._readable, self._time.alarms)
        except LinkDown:
            self.close()
            raise
        except (SerialException, OSError, ValueError, termios.error) as error:
            self.close()
            raise self._fault_of(error) from None
        self._memory.opened()

    def _take_direction_control(self) -> None:
        wanted = self._line.rs485
        if wanted is None or self._serial is None:
            return
        try:
            self._serial.rs485_mode = RS485Settings(
                rts_level_for_tx=wanted.rts_on_send,
                rts_level_for_rx=not wanted.rts_on_send,
                loopback=wanted.hear_oneself,
                # Seconds for pyserial, whole milliseconds for the kernel.
                delay_before_tx=wanted.delay_before_ms / 1000,
                delay_before_rx=wanted.delay_after_ms / 1000,
            )
        except (ValueError, OSError) as error:
            raise NoDirectionControl(port=self._path, reason=str(error)) from None

    def _fault_of(self, error: Exception) -> LinkDown:
        port = self._path
        if isinstance(error, ValueError) or "custom baud" in str(error):
            return PortSettings(port=port, reason=str(error))
        if "exclusively lock" in str(error):
            return PortBusy(port=port, reason=holder_of(port) or "lock")
        if isinstance(error, termios.error):
            return port_fault(port, error.args[0] if error.args else None)
        # pyserial does not pass on the errno of tcgetattr, only its words.
        number = getattr(error, "errno", None)
        if number is None:
            return NotAPort(port=port, reason=str(error))
        return port_fault(port, number)

    def _readable(self) -> None:
        if self._serial is None:
            return
        data = self._read()
        if data and self._listener is not None:
            self._listener.received(data)
        elif not data and self._serial is not None and not self._blocked:
            self._fail(PortVanished(port=self._path, reason="EOF"))

    def take(self) -> bytes:
        if self._serial is None or not self._something_waits():
            return b""
        return self._read()

    def _something_waits(self) -> bool:
        """Mostly not: to ask first is cheaper than to read in vain, which is an exception."""
        try:
            fcntl.ioctl(self._fd, termios.FIONREAD, self._waiting)
        except OSError:
            return True
        return self._waiting[0] > 0

    def _read(self) -> bytes:
        self._blocked = False
        try:
            return os.read(self._fd, MOST_OCTETS)
        except BlockingIOError:
            self._blocked = True
            return b""
        except OSError as error:
            self._fail(PortVanished(port=self._path, reason=os.strerror(error.errno or 0)))
            return b""

    def expect(self, octets: int) -> None:
        """VMIN: the loop is woken once for an answer, not for each of its bytes."""
        octets = min(octets, 255)
        if self._hearing is not None:
            self._hearing.hear()
        if self._serial is None or octets == self._expected:
            return
        try:
            attributes = termios.tcgetattr(self._serial.fileno())
            attributes[6][termios.VMIN], attributes[6][termios.VTIME] = octets, 0
            termios.tcsetattr(self._serial.fileno(), termios.TCSANOW, attributes)
        except (termios.error, OSError):
            return
        self._expected = octets

    def alarm(self, at: float, call: Callable[[], None]) -> Alarm:
        """Not after `close`: what is still set then does not ring."""
        if self._time is None:
            return asyncio.get_running_loop().call_at(at, call)
        if self._hearing is not None:
            # The one precise alarm is the silence's.
            self._hearing.hear()
        return self._time.alarm(at, call)

    def _fail(self, fault: LinkDown) -> None:
        """Told by the loop, not from within a call of the bus."""
        if self._fault is None:
            self._fault = fault
            asyncio.get_running_loop().call_soon(self._say_lost, self._listener, fault)
        self._forget()

    def _say_lost(self, listener: Listener | None, fault: LinkDown) -> None:
        if listener is not None and listener is self._listener and self._fault is fault:
            listener.lost(fault)

    def write(self, data: bytes) -> None:
        if self._fault is not None:
            raise self._fault
        if self._serial is None:
            raise NotOpen(port=self._path)
        if len(self._unsent) + len(data) > MOST_UNSENT:
            raise Stalled(port=self._path)
        if self._time is not None:
            self._time.keep()
        idle = not self._unsent
        self._unsent += data
        if idle:
            self._writable()
            if self._fault is not None:
                raise self._fault
            if self._unsent:
                self._waits_for_room = True
                asyncio.get_running_loop().add_writer(self._serial.fileno(), self._writable)
        if self._expected > 1 and not self._unsent and self._hearing is not None and self._time is not None:
            mute_s = self._pace.wire_s(len(data) + self._expected) + self._pace.gap_s - _HEARS_AGAIN_S
            if mute_s >= LEAST_S:
                self._hearing.mute(self._time.now() + mute_s)

    def _writable(self) -> None:
        assert self._serial is not None
        try:
            sent = os.write(self._fd, self._unsent)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(PortVanished(port=self._path, reason=os.strerror(error.errno or 0)))
            return
        del self._unsent[:sent]
        if not self._unsent and self._waits_for_room:
            self._waits_for_room = False
            asyncio.get_running_loop().remove_writer(self._serial.fileno())

    def close(self) -> None:
        self._forget()
        self._listener = None
        self._fault = None
        if self._time is not None:
            self._time.close()
            self._time = None

    def _forget(self) -> None:
        """Let the port go: a vanished device must not keep its name busy."""
        self._unsent.clear()
        if self._serial is None:
            return
        if self._hearing is not None:
            self._hearing.close()
            self._hearing = None
        asyncio.get_running_loop().remove_writer(self._serial.fileno())
        serial, self._serial = self._serial, None
        try:
            serial.close()
        except (OSError, SerialException, termios.error):
            return
