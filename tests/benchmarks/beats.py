"""How regularly readings come: how far each is behind the beat of its own unit, whoever polls it and however that is planned."""

from collections import defaultdict


class Beats:
    def __init__(self, period_s: float) -> None:
        self._period_s = period_s
        self._times: dict[str, list[float]] = defaultdict(list)

    def came(self, unit: str, at: float) -> None:
        self._times[unit].append(at)

    def forget(self) -> None:
        """What came until now was to warm up."""
        self._times.clear()

    @property
    def count(self) -> int:
        return sum(map(len, self._times.values()))

    def late_ms(self) -> list[float]:
        """Sorted. A unit's beat is the earliest that its readings allow."""
        late = []
        for times in self._times.values():
            phases = [at - (at - times[0] + self._period_s / 2) // self._period_s * self._period_s for at in times]
            late += [1000 * (phase - min(phases)) for phase in phases]
        return sorted(late)

    def line(self) -> str:
        """p50, p99 and the worst, in ms, and how many units there were."""
        late = self.late_ms()
        return f"{late[len(late) // 2]} {late[len(late) * 99 // 100]} {late[-1]} {len(self._times)}"
