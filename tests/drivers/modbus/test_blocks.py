"""Reads are merged where that is cheaper, allowed, and tears no device apart."""

from hypothesis import given
from hypothesis import strategies as st

from config.profile import Key, Limits, Point, PointType, Table, TagList
from drivers.decode import Decoder
from drivers.device import BusDevice
from drivers.modbus.blocks import SLICE_S, Block, spans_of
from drivers.polls import polls_of, split
from drivers.task import Poll
from tests.drivers.things import DX80, LEVEL, SERIAL, TCP, device, profile

ON_TCP = TCP
ON_9600 = SERIAL


def blocks_of(poll: Poll) -> list[Block]:
    return [each for each in poll.slices if isinstance(each, Block)]


def reads(polls: tuple[Poll, ...]) -> list[list[tuple[str, int, int]]]:
    return [[(block.table.value, block.address, block.count) for block in blocks_of(poll)] for poll in polls]


def nodes(*sub_units: int, poll_s: float = 1.0) -> list[BusDevice]:
    return [device(f"node-{number}", of=DX80, sub_unit=number, poll_s=poll_s) for number in sub_units]


def test_seven_nodes_of_a_dx80_are_one_read_where_the_line_is_quick() -> None:
    (poll,) = polls_of(nodes(1, 2, 3, 4, 5, 6, 7), ON_TCP)
    assert reads((poll,)) == [[("holding", 16, 104)]]
    assert [member.name for member in poll.devices] == [f"node-{number}" for number in range(1, 8)]


def test_the_eighth_node_begins_a_read_of_its_own_and_no_node_is_torn() -> None:
    assert reads(polls_of(nodes(*range(1, 9)), ON_TCP)) == [[("holding", 16, 104)], [("holding", 128, 8)]]


def test_no_read_of_several_devices_keeps_a_slow_line_from_a_command_for_longer_than_a_slice() -> None:
    polls = polls_of(nodes(*range(1, 8)), ON_9600)
    assert reads(polls) == [[("holding", 16, 24)], [("holding", 48, 24)], [("holding", 80, 24)], [("holding", 112, 8)]]
    assert all(ask.cost_s <= SLICE_S for poll in polls for ask in poll.slices)


def test_a_device_that_needs_more_than_a_slice_is_not_torn() -> None:
    wide = profile(Point(key=Key.LEVEL, address=0), health=[{"address": 60, "equals": 1, "effect": "bad", "cause": "broken"}])
    (poll,) = polls_of([device(of=wide)], ON_9600)
    assert [block.count for block in blocks_of(poll)] in ([61], [1, 1])


def test_a_block_refused_as_a_whole_is_halved_until_single_devices_and_single_spans_are_left() -> None:
    def halved(polls: tuple[Poll, ...]) -> tuple[Poll, ...]:
        apart: list[Poll] = []
        for poll in polls:
            apart += split(poll, blocks_of(poll)[0], ON_TCP) or (poll,)
        return tuple(apart)

    polls = polls_of(nodes(1, 2, 3), ON_TCP)
    assert reads(polls) == [[("holding", 16, 40)]]
    polls = halved(polls)
    assert reads(polls) == [[("holding", 16, 24)], [("holding", 48, 8)]]
    polls = halved(polls)
    assert reads(polls) == [[("holding", 16, 8)], [("holding", 32, 8)], [("holding", 48, 1), ("holding", 55, 1)]]
    assert reads(halved(polls)) == [[("holding", at, 1), ("holding", at + 7, 1)] for at in (16, 32, 48)]
    assert sorted(member.name for poll in halved(polls) for member in poll.devices) == ["node-1", "node-2", "node-3"]


def test_what_a_reading_can_do_without_is_read_last() -> None:
    of = profile(Point(key=Key.TEMPERATURE_C, address=0), Point(key=Key.LEVEL, address=500))
    (poll,) = polls_of([device(of=of)], ON_TCP)
    assert [(block.address, block.essential) for block in blocks_of(poll)] == [(500, True), (0, False)]


def test_a_trigger_is_written_before_each_read_and_the_line_is_free_while_the_device_measures() -> None:
    of = profile(Point(key=Key.DISTANCE_MM, address=5), before_read=[{"address": 8, "value": 12, "wait_ms": 80}])
    (poll,) = polls_of([device(of=of)], ON_TCP)
    write, read = poll.slices
    assert (write.reads, write.wait_s, write.question.request_octets) == (False, 0.08, 8)
    assert isinstance(read, Block)


def test_other_units_and_other_periods_are_read_apart() -> None:
    devices = [device("a", 1), device("b", 2), device("c", 1, poll_s=5.0)]
    assert [poll.unit for poll in polls_of(devices, ON_TCP)] == [1, 2, 1]


def test_a_hole_is_read_along_where_that_is_cheaper_than_another_exchange() -> None:
    # Twenty characters and the device's 10 ms: fifteen registers at 9600 baud.
    near = profile(Point(key=Key.X_UT, address=0), Point(key=Key.Y_UT, address=15))
    far = profile(Point(key=Key.X_UT, address=0), Point(key=Key.Y_UT, address=17))
    assert reads(polls_of([device(of=near)], ON_9600)) == [[("holding", 0, 16)]]
    assert reads(polls_of([device(of=far)], ON_9600)) == [[("holding", 0, 1), ("holding", 17, 1)]]
    assert reads(polls_of([device(of=far)], ON_TCP)) == [[("holding", 0, 18)]]


def test_no_hole_is_read_where_the_device_bears_none() -> None:
    strict = profile(
        Point(key=Key.X_UT, address=0), Point(key=Key.Y_UT, address=1), Point(key=Key.Z_UT, address=3), limits=Limits(holes=False)
    )
    assert reads(polls_of([device(of=strict)], ON_TCP)) == [[("holding", 0, 2), ("holding", 3, 1)]]


def test_the_strictest_limit_of_those_who_share_a_unit_holds() -> None:
    small = profile(Point(key=Key.LEVEL, address=4), limits=Limits(registers_per_read=4))
    large = profile(Point(key=Key.TEMPERATURE_C, address=0))
    assert reads(polls_of([device("a", of=large), device("b", of=small)], ON_TCP)) == [[("holding", 0, 1)], [("holding", 4, 1)]]


def test_a_device_in_two_tables_is_one_turn_of_two_reads() -> None:
    loop = profile(
        Point(key=Key.OCCUPIED, table=Table.DISCRETE, address=1, type=PointType.BIT),
        Point(key=Key.COUNT, table=Table.HOLDING, address=9, type=PointType.U32),
        health=[{"table": "discrete", "address": 0, "equals": 1, "mask": 1, "effect": "bad", "cause": "loop_fault"}],
        limits=Limits(registers_per_read=8, bits_per_read=8),
    )
    (poll,) = polls_of([device(unit=254, of=loop)], ON_9600)
    assert reads((poll,)) == [[("discrete", 0, 2), ("holding", 9, 2)]]
    assert {question.question.unit for question in blocks_of(poll)} == {254}


def test_a_long_list_of_tags_is_read_in_parts_that_tear_no_tag() -> None:
    reader = profile(limits=Limits(registers_per_read=64), tags=TagList(count_address=0, first_address=1, entries=25, tag_words=6))
    (poll,) = polls_of([device(of=reader)], ON_TCP)
    assert reads((poll,)) == [[("holding", 0, 64), ("holding", 64, 63), ("holding", 127, 49)]]


def test_the_slowest_device_sets_the_timeout_of_a_shared_read() -> None:
    devices = [device("a", of=DX80, sub_unit=1, timeout_s=0.2), device("b", of=DX80, sub_unit=2, timeout_s=0.9)]
    (poll,) = polls_of(devices, ON_TCP)
    assert poll.slices[0].timeout_s == 0.9


def test_a_unit_without_windows_is_read_where_its_profile_says() -> None:
    assert reads(polls_of([device(of=LEVEL)], ON_TCP)) == [[("holding", 0, 1)]]


@given(
    st.lists(st.integers(1, 47), unique=True, min_size=1, max_size=47),
    st.integers(8, 125),
    st.booleans(),
    st.sampled_from([ON_TCP, ON_9600]),
)
def test_every_register_is_read_once_within_the_limits(sub_units: list[int], most: int, holes: bool, pace: object) -> None:
    of = DX80.model_copy(update={"limits": Limits(registers_per_read=most, holes=holes)})
    devices = [device(f"node-{number}", of=of, sub_unit=number) for number in sub_units]
    polls = polls_of(devices, ON_TCP if pace is ON_TCP else ON_9600)
    read = [address for poll in polls for block in blocks_of(poll) for address in range(block.address, block.address + block.count)]
    needed = {span.address for member in devices for span in spans_of(member.profile, member.window)}
    assert needed <= set(read)
    assert len(read) == len(set(read))
    assert holes or set(read) == needed
    assert all(block.count <= most for poll in polls for block in blocks_of(poll))
    assert sorted(member.name for poll in polls for member in poll.devices) == sorted(member.name for member in devices)
    for poll in polls:
        for member in poll.devices:
            Decoder(member, blocks_of(poll))
