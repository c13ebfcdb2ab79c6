"""A table for people: columns by width, Chinese characters counted as two, no lines; whole on a pipe, however wide."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    right: bool = False


_ON_A_PIPE = 10_000


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _ON_A_PIPE, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.title, justify="right" if column.right else "left", overflow="fold")
    for row in rows:
        # Text, not markup: a name in square brackets is a name.
        table.add_row(*(Text(cell) for cell in row))
    with console.capture() as capture:
        console.print(table)
    # Padding on the right is for boxes, and there is none here.
    click.echo("\n".join(line.rstrip() for line in capture.get().splitlines()))
