"""Which functions of Modbus the packaged profiles use: taken from the very requests that are made of them."""

from collections.abc import Iterator

from config.catalogue import gather
from config.loader import load_profile
from config.profile import Profile
from config.protocols import Protocol
from drivers.configuring import Configuring, Stage
from drivers.links.pacing import pace_of
from drivers.modbus.pdu import Function, ModbusQuestion, read
from drivers.polls import polls_of
from drivers.question import Question
from tests.drivers.things import SERIAL, device


def functions_of(profile: Profile) -> frozenset[Function]:
    """Of its polls, with what is written before them, of its settings, and of the registers that tell what it is."""
    return frozenset(Function(question.function) for question in _questions(profile) if isinstance(question, ModbusQuestion))


def _questions(profile: Profile) -> Iterator[Question]:
    if profile.protocol is not Protocol.MODBUS:
        return
    one = device("a", 1, profile, sub_unit=None if profile.sub_units is None else profile.sub_units.first)
    for poll in polls_of([one], SERIAL):
        yield from (each.question for each in poll.slices)
    for setting in profile.settings:
        for stage in Stage:
            task = Configuring((one,), pace_of(SERIAL)).task(one, setting, setting.minimum, stage)
            yield from (each.question for each in task.slices)
    yield from (read(1, identity.table, identity.address, 1) for identity in profile.identity)


USED: dict[Function, tuple[str, ...]] = {}
"""By whom."""
for _profile in gather((), load_profile).profiles.all:
    for _function in sorted(functions_of(_profile)):
        USED[_function] = (*USED.get(_function, ()), _profile.profile)
USED = dict(sorted(USED.items()))
