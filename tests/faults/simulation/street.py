"""A small street for a seed: six bays and two piles, each kind of detector once."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from config.loader import LoadedSite, load_site
from config.profile import Title
from config.site import Acknowledgement, BayDetection, StationDetection
from simulators.faults import Fault
from simulators.layout import Carried, LineKind, LinePlan, Model
from simulators.plan import Bikes, Cars, Span
from simulators.scenario import Scenario
from tests.faults.simulation.stretch import HOUR, Stretch
from tests.faults.simulation.wires import Wires

LINES = ("pair", "studs", "radio", "fence")
PAIRS = ("pair", "studs", "fence")
SINGLE = ("geo-01", "pile-01", "pile-02")
"""Devices that may fall silent alone."""


def scenario(seed: int, faults: tuple[Fault, ...], stretch: Stretch) -> Scenario:
    slower = stretch.slower
    return Scenario(
        title=Title(en="Drawn from a seed", zh="由种子生成"),
        seed=seed,
        cars=Cars(
            stay=Span(typical_s=420 * slower, spread=0.8, shortest_s=100 * slower),
            gap=Span(typical_s=300 * slower, spread=0.8, shortest_s=90 * slower),
            # Before, nobody has looked twice.
            first_move_s=3.75 * stretch.poll_s,
            slowest_move_s=4.0,
            drive_overs_per_h=0,
            buses_per_h=0,
        ),
        bikes=Bikes(
            stay=Span(typical_s=700 * slower, spread=0.8, shortest_s=120 * slower),
            gap=Span(typical_s=400 * slower, spread=0.8, shortest_s=120 * slower),
            first_move_s=3.75 * stretch.poll_s,
            missed_scans=0,
        ),
        lines=(
            LinePlan(name="pair", kind=LineKind.RTU_OVER_TCP, baud=19200, carries=(Carried(model=Model.GEOMAGNETIC, unit=1, bays=1),)),
            LinePlan(name="studs", kind=LineKind.RTU_OVER_TCP, baud=9600, carries=(Carried(model=Model.M77, unit=1, bays=1),)),
            LinePlan(name="radio", kind=LineKind.TCP, carries=(Carried(model=Model.DX80, unit=1, bays=4),)),
            LinePlan(name="fence", kind=LineKind.RTU_OVER_TCP, baud=19200, carries=(Carried(model=Model.PILE, unit=101, piles=2),)),
        ),
        faults=faults,
    )


@cache
def _pattern() -> LoadedSite:
    """The site of any seed, but for what differs: reading its profiles costs as much as ten minutes of the street."""
    with TemporaryDirectory(prefix="kerbgate-site-") as folder:
        path = Path(folder) / "site.yaml"
        wires = Wires(scenario(1, (), HOUR), Path(folder))
        wires.name_lines()
        path.write_text(wires.site_yaml("127.0.0.1", 1883, Path("journal.db")), "utf-8")
        return load_site(path)


def site(wires: Wires, gateway: str, ack: str, stretch: Stretch) -> LoadedSite:
    """As the street needs it; journal and broker of each life are put in later."""
    loaded = _pattern()
    random = Random(f"{wires.seed}/site")
    # Sub-units of one concentrator are one read, where they are asked for as often.
    periods = {name: stretch.poll_s * (1.0 - 0.0125 * random.randrange(10)) for name in LINES}
    bays = tuple(
        bay if bay.empty_field is None else bay.model_copy(update={"empty_field": wires.empty_field(bay.id)}) for bay in loaded.site.bays
    )
    assert loaded.site.uplink is not None
    changed = {
        "gateway": gateway,
        "devices": tuple(device.model_copy(update={"poll_s": periods[device.bus]}) for device in loaded.site.devices),
        "bays": bays,
        "detection": BayDetection(dwell_s=6.0, silent_s=stretch.silent_s),
        "station_detection": StationDetection(present_s=4.0, gone_s=3.75 * stretch.poll_s, silent_s=7.5 * stretch.poll_s),
        "journal": loaded.site.journal.model_copy(update={"checkpoint_s": 300.0}),
        "uplink": loaded.site.uplink.model_copy(update={"ack": Acknowledgement(ack)}),
    }
    return replace(loaded, site=loaded.site.model_copy(update=changed))
