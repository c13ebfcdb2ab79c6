"""What follows the end of a task: readings go on, a technician gets his answer, settings are written, a refused block is split."""

from collections.abc import Callable, Iterable, Sequence

from config.site import Line
from drivers.commissioning import Commissioning
from drivers.configuring import SettingTask
from drivers.cycle import Finished
from drivers.device import BusDevice
from drivers.jobs import Jobs
from drivers.links.pacing import Pace
from drivers.plan import Plan
from drivers.polls import polls_of, split
from drivers.reading import Reading
from drivers.reporting import Reporting
from drivers.task import Duty, Poll
from drivers.turns import Asked, Ended, Outcome, Replaced, Told, Turn


class FollowUp:
    """Of one bus. No I/O: it feeds the plan and hands on readings."""

    def __init__(
        self,
        line: Line,
        pace: Pace,
        devices: Sequence[BusDevice],
        plan: Plan,
        jobs: Jobs,
        reporting: Reporting,
        emit: Callable[[Reading], None],
        *,
        writes: bool,
    ) -> None:
        self.polls_alone = {device.name: polls_of((device,), line, identify=True)[0] for device in devices}
        """What a technician's read asks, by device."""
        self._line = line
        self._plan = plan
        self._jobs = jobs
        self._reporting = reporting
        self._emit = emit
        self._commissioning = Commissioning(devices, pace, self.polls_alone, writes=writes)

    def finished(self, turn: Turn, finished: Finished, now: float) -> None:
        told = self._plan.feed(Ended(finished.outcome, finished.doubts), now)
        if finished.too_much is not None:
            self._split(turn, finished, now)
            return
        if isinstance(turn.task, SettingTask):
            self._configured(turn.task, finished, now)
            return
        if turn.ticket is not None:
            self._job_done(turn.ticket, finished)
            return
        for reading in finished.readings:
            judged = self._commissioning.judged(reading)
            self._emit(judged)
            self._commission(judged, now)
        for change in told:
            assert isinstance(change, Told)
            if self._reporting.unit(change, now):
                self.away(change.poll.devices)

    def _job_done(self, ticket: int, finished: Finished) -> None:
        for reading in finished.readings:
            if self._commissioning.identified(reading):
                self._reporting.other_model(reading.device)
        if finished.error is not None:
            self._jobs.fail(ticket, finished.error)
        else:
            self._jobs.read(ticket, finished.readings[0])

    def _commission(self, reading: Reading, now: float) -> None:
        """A line with more jobs than there is room for has no time for this: the next reading asks again."""
        if self._plan.full and not reading.silent:
            return
        task = self._commissioning.due(reading, now)
        if task is not None:
            self._plan.feed(Asked(0, command(task) if isinstance(task, Poll) else task), now)

    def away(self, devices: Iterable[BusDevice]) -> None:
        """They may forget their configuration meanwhile."""
        for device in devices:
            self._commissioning.away(device.name)

    def _configured(self, task: SettingTask, finished: Finished, now: float) -> None:
        good = finished.outcome is Outcome.ANSWERED and finished.error is None
        verdict, following = self._commissioning.ended(task, finished.answers if good else None, now)
        if verdict is not None:
            self._reporting.setting(verdict, task)
        if following is not None and self._plan.full:
            self._commissioning.away(task.device)
        elif following is not None:
            self._plan.feed(Asked(0, following), now)

    def _split(self, turn: Turn, finished: Finished, now: float) -> None:
        """Remembered as split: the same registers are asked for in smaller reads from now on."""
        assert finished.too_much is not None
        poll = turn.task
        assert isinstance(poll, Poll)
        smaller = split(poll, finished.too_much, self._line)
        assert smaller is not None
        self._reporting.split(poll.unit, finished.too_much)
        if turn.ticket is None:
            self._plan.feed(Replaced(poll, smaller), now)
            return
        self.polls_alone[poll.devices[0].name] = smaller[0]
        self._plan.feed(Asked(turn.ticket, command(smaller[0])), now)


def command(poll: Poll) -> Poll:
    """The same reads for one who waits for them: a task of its own, for the poll itself may be under way."""
    return Poll(unit=poll.unit, duty=Duty.COMMAND, slices=poll.slices, devices=poll.devices, period_s=poll.period_s)
