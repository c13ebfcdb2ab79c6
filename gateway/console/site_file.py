"""A verb's --config: loaded, or every mistake of it on stderr and the verb ended with status 2."""

from pathlib import Path

import click

from config.loader import LoadedSite, load_site
from config.mistakes import ConfigError
from gateway.console.speech import Status, language


def loaded(path: Path) -> LoadedSite:
    try:
        return load_site(path)
    except ConfigError as error:
        for mistake in error.mistakes:
            click.echo(mistake.text(language()), err=True)
        raise SystemExit(int(Status.WRONG_CALL)) from None


config_option = click.option(
    "--config", "config", required=True, type=click.Path(path_type=Path), metavar="FILE", help="The site, in YAML. / 站点配置文件"
)
