"""A simulated bay-day as the detectors get it: readings, without going through a file."""

from drivers.reading import Reading
from simulators.bay_day import BayDay


def readings_of(day: BayDay) -> list[Reading]:
    device = day.device
    columns = {column.name: column.values.tolist() for column in day.columns}
    times = day.times.tolist()
    if "occupied" in columns:
        return [Reading(device=device, t=t, occupied=said > 0.5) for t, said in zip(times, columns["occupied"], strict=True)]
    names = tuple(columns)
    if names == ("x_ut", "y_ut", "z_ut", "temperature_c"):
        rows = zip(times, *columns.values(), strict=True)
        return [Reading(device=device, t=t, x_ut=x, y_ut=y, z_ut=z, temperature_c=warm) for t, x, y, z, warm in rows]
    return [Reading(device=device, t=t, **dict(zip(names, row, strict=True))) for t, *row in zip(times, *columns.values(), strict=True)]
