"""`kerbgate demo`: a simulated street through the whole gateway, live. Needs no hardware and no configuration.

Simulated detectors and piles answer on real pseudo-terminals and TCP ports, kerbgate polls them, journals what it decides and
forwards it to an embedded broker; what scrolls by is what the platform behind that broker received.
"""

import asyncio
import logging
import tempfile
from pathlib import Path

import click
from rich.cells import cell_len
from rich.console import Console

from config.loader import load_site
from config.sentences import say
from config.site import MqttVersion
from gateway.clock import SystemClock
from gateway.console.event_loop import run_on_a_loop
from gateway.console.plain_words import PlainWords
from gateway.console.speech import fault, language
from gateway.console.until_stopped import until_stopped
from gateway.logs import begin
from gateway.supervisor import Gateway
from simulators.scenario import load_scenario
from simulators.stand import Stand

_GATEWAY = "demo"
_COLUMN = 84


class Show:
    """What the person in front of the terminal sees."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self.language = language()
        self.parked = 0
        self.events = 0
        self._seen: set[str] = set()

    def say(self, sentence: str, style: str = "", **values: object) -> None:
        self.console.print(say(sentence, self.language, **values), style=style, markup=False, soft_wrap=True)

    def received(self, body: str) -> None:
        words = PlainWords(body, self.language)
        if words.id in self._seen:
            return
        self._seen.add(words.id)
        self.events += 1
        self.parked += words.kind == "bay.park_start"
        line = f"{words.at:%H:%M:%S}  {words.sentence}"
        certain = say("demo.certain", self.language, seconds=f"{words.certain_after_s:.1f}") if words.certain_after_s >= 0.1 else ""
        # A Chinese character takes two columns.
        room = " " * max(_COLUMN - cell_len(line), 2)
        self.console.print(f"{line}{room}{certain}".rstrip(), style=words.colour, markup=False, soft_wrap=True)


@click.command("demo")
@click.option("--seconds", type=click.FloatRange(min=1), help="End by itself after so long. / 运行多少秒后自动结束")
def command(seconds: float | None) -> None:
    """Show a simulated street through the whole gateway, live. / 用模拟街道演示整个网关。"""
    try:
        from simulators.platform import Platform  # noqa: F401, PLC0415
    except ImportError:
        fault("demo.no_broker")
    with tempfile.TemporaryDirectory(prefix="kerbgate-demo-") as folder:
        run_on_a_loop(until_stopped(lambda stop: _show_street(stop, Path(folder)), seconds))


async def _show_street(stop: asyncio.Event, folder: Path) -> None:
    from simulators.platform import Platform  # noqa: PLC0415  # an extra: absent where the demo is not installed

    show = Show()
    async with Platform(_GATEWAY, show.received) as platform, Stand(load_scenario("demo"), folder) as stand:
        site_file = folder / "site.yaml"
        text = stand.site_yaml(
            uplink_host=platform.host,
            uplink_port=platform.port,
            journal_path=folder / "journal.db",
            gateway=_GATEWAY,
            ack="platform",
            # amqtt says nothing to MQTT 5, and nobody waits for a demo.
            mqtt=MqttVersion.V311,
        )
        site_file.write_text(text, "utf-8")
        loaded = load_site(site_file)
        show.say("demo.begin", "bold", bays=len(loaded.site.bays), stations=len(loaded.site.stations), lines=len(loaded.site.buses))
        show.say("demo.next", "dim", site=site_file)
        gateway = Gateway(loaded, clock=SystemClock(), log=begin(logging.WARNING))
        await gateway.run(stop)
        show.say("demo.end", "bold", events=show.events, parked=show.parked, waiting=gateway.waiting)
