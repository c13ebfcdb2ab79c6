"""Plans for tests, and hypothesis' way to draw them."""

from hypothesis import strategies as st

from simulators.plan import Bikes, Cars, Plan, Span, StationPlan

BAYS = ("bay-1", "bay-2", "bay-3", "bay-4")
PILES = ("pile-1", "pile-2", "pile-3")
STATION = "station-1"

seeds = st.integers(0, 10_000)
moments = st.floats(0, 20_000, allow_nan=False)


def busy(**cars: object) -> Plan:
    """Short stays and gaps, so that an hour holds many."""
    given = {
        "stay": Span(typical_s=90, spread=0.8, shortest_s=25),
        "gap": Span(typical_s=50, spread=0.7, shortest_s=20),
        "drive_overs_per_h": 40,
        "buses_per_h": 60,
        **cars,
    }
    bikes = Bikes(stay=Span(typical_s=120, spread=0.8, shortest_s=60), gap=Span(typical_s=90, spread=0.5, shortest_s=60))
    return Plan(bays=BAYS, stations=(StationPlan(STATION, PILES),), cars=Cars.model_validate(given), bikes=bikes)
