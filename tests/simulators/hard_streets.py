"""A street with everything that makes one hard, for tests."""

from simulators.bay_day import TraceStreet
from simulators.fleet import Fleet
from simulators.plan import Cars, Plan, Span, Weather
from simulators.sensing import Chip, Sensing

BAYS = ("bay-1", "bay-2", "bay-3")
HARD = Cars(
    stay="melbourne",
    gap="melbourne",
    occupied_at_start=0,
    first_move_s=60,
    arrival=Span(typical_s=4.5, spread=0.65, shortest_s=0.8),
    departure=Span(typical_s=2.25, spread=0.79, spread_below=0.98, shortest_s=0.25),
    drive_over=Span(typical_s=2.4, spread=0.29, shortest_s=0.8),
    slowest_move_s=30,
    calm_s=0,
    fleet=Fleet(hidden_share=0.05, careless_share=0.1, motorcycles=0.02),
    heading_deg=130,
    bay_width_m=2.5,
    swap_share=0.2,
    shuffles_per_h=1,
    bus_stop_share=0.1,
    charger_share=0.5,
)
WEATHER = Weather(begins_at_h=0, daily_swing_c=14, clouds_c=1, sun_c=6)
SENSING = Sensing(chip=Chip.DEPLOYED, lag_s=120, curve_ut_per_c2=0.01, turned_deg=180, hum_ut=0.5, spikes_per_h=5, faults_per_day=6)


def hard_street(seed: int, cars: Cars = HARD, weather: Weather = WEATHER, sensing: Sensing = SENSING) -> TraceStreet:
    return TraceStreet(seed, Plan(bays=BAYS, cars=cars), weather, sensing)
