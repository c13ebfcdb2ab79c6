"""`kerbgate read`: one exchange with one device, decoded."""

import asyncio
import logging
from pathlib import Path

import click

from drivers.reading import Reading
from gateway.console.site_file import config_option, loaded
from gateway.console.speech import fault, tell, wrong_call
from gateway.live import ask_device
from gateway.logs import begin
from gateway.trace import reading_line

_SHOWN = (
    ("x_ut", "µT"),
    ("y_ut", "µT"),
    ("z_ut", "µT"),
    ("b_ut", "µT"),
    ("level", ""),
    ("occupied", ""),
    ("distance_mm", "mm"),
    ("temperature_c", "°C"),
    ("battery_v", "V"),
    ("battery_pct", "%"),
    ("rssi_dbm", "dBm"),
    ("snr_db", "dB"),
    ("fault", ""),
    ("count", ""),
)


@click.command("read")
@click.argument("device")
@config_option
@click.option("--json", "as_json", is_flag=True, help="One line of a reading trace. / 输出一行读数记录")
def command(device: str, config: Path, *, as_json: bool) -> None:
    """Ask one device once and show what it says. / 读取一台设备一次。"""
    site = loaded(config)
    names = [each.name for each in site.site.devices]
    if device not in names:
        wrong_call("read.unknown", device=device, known=", ".join(names[:12]) + (" …" if len(names) > 12 else ""))
    answer = asyncio.run(ask_device(site, device, begin(logging.ERROR)))
    if answer.error is not None:
        fault(answer.error.sentence, **answer.error.values)
    assert answer.reading is not None
    if as_json:
        click.echo(reading_line(answer.reading))
        return
    _show(answer.reading, answer.elapsed_ms)
    if answer.reading.cause == "other_model":
        fault("drivers.other_model", device=device)
    if not answer.reading.trusted:
        fault("read.untrusted", device=device, cause=answer.reading.cause or "?")


def _show(reading: Reading, elapsed_ms: float) -> None:
    tell("read.answered", device=reading.device, elapsed_ms=f"{elapsed_ms:.0f}")
    for name, unit in _SHOWN:
        value = getattr(reading, name)
        if value is not None:
            shown = f"{value:.2f}" if isinstance(value, float) else str(int(value) if isinstance(value, bool) else value)
            click.echo(f"  {name:<14} {shown:>10} {unit}".rstrip())
    if reading.sightings is not None:
        tell("read.tags" if reading.sightings else "read.no_tags", count=len(reading.sightings))
        for sighting in reading.sightings:
            click.echo(f"  {sighting.tag:<20} {'' if sighting.rssi_dbm is None else f'{sighting.rssi_dbm:.0f} dBm'}".rstrip())
