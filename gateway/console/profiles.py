"""`kerbgate profiles`: which device models are known, where each map comes from, and how much of it nobody has confirmed."""

import json
from pathlib import Path

import click

from config.catalogue import Profiles, gather
from config.loader import load_profile
from config.mistakes import in_order, shown
from config.profile import Factory, Profile
from config.sentences import say
from config.site import Language
from gateway.console.profiles_show import show
from gateway.console.speech import Status, language, wrong_call
from gateway.console.table import Column, print_table


@click.command("profiles")
@click.argument("name", required=False)
@click.option("--folder", multiple=True, type=click.Path(path_type=Path), metavar="DIR", help="More device profiles. / 附加型号目录")
@click.option("--json", "as_json", is_flag=True, help="One JSON object. / 输出一个 JSON 对象")
def command(name: str | None, folder: tuple[Path, ...], *, as_json: bool) -> None:
    """Show the device models that are known, or one of them whole. / 列出已知的设备型号，或完整显示其中一个。"""
    profiles = _gathered(folder)
    if name is not None:
        profile = _found(name, profiles)
        if as_json:
            click.echo(json.dumps(_whole(profile), ensure_ascii=False))
        else:
            show(profile, _title(profile), _factory(profile.factory))
    elif as_json:
        click.echo(json.dumps({"profiles": [_in_short(profile) for profile in profiles.all]}, ensure_ascii=False))
    else:
        _print(profiles)


def _factory(factory: Factory | None) -> str:
    """254, 9600 8N1"""
    return "-" if factory is None else f"{factory.unit}, {factory.baud} 8{factory.parity.value[0].upper()}{factory.stop_bits}"


def _gathered(folders: tuple[Path, ...]) -> Profiles:
    gathered = gather(folders, load_profile)
    for mistake in in_order(gathered.mistakes):
        click.echo(mistake.text(language()), err=True)
    if gathered.mistakes:
        raise SystemExit(int(Status.WRONG_CALL))
    return gathered.profiles


def _found(name: str, profiles: Profiles) -> Profile:
    profile = profiles.get(name)
    if profile is None:
        meant = profiles.nearest(name)
        if meant is not None:
            wrong_call("profiles.unknown_near", name=shown(name), nearest=meant)
        wrong_call("profiles.unknown", name=shown(name), known=", ".join(profiles.names))
    return profile


def _title(profile: Profile) -> str:
    return profile.title.zh if language() is Language.ZH else profile.title.en


def _print(profiles: Profiles) -> None:
    names = ("profiles.name", "profiles.title", "profiles.protocol", "profiles.factory", "profiles.unverified", "profiles.source")
    columns = [Column(say(name, language()), right=name == "profiles.unverified") for name in names]
    print_table(
        columns,
        [
            (each.profile, _title(each), each.protocol.value, _factory(each.factory), str(len(each.unverified)), each.source)
            for each in profiles.all
        ],
    )


def _in_short(profile: Profile) -> dict[str, object]:
    kept = {"profile", "title", "protocol", "source", "factory"}
    return {**profile.model_dump(mode="json", include=kept), "unverified": len(profile.unverified)}


def _whole(profile: Profile) -> dict[str, object]:
    """As a file of its own would say it; variants are profiles by now."""
    return profile.model_dump(mode="json", exclude={"variants"})
