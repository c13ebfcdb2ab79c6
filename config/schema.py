"""Writes the JSON Schemas by which editors complete and check site files and device profiles.

python -m config.schema            write them
python -m config.schema --check    exit status 1 where a file is stale
"""

import json
import sys
from importlib.resources import files
from pathlib import Path

from pydantic import BaseModel

from config.profile import Profile
from config.site import Site

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS: tuple[tuple[str, type[BaseModel]], ...] = (("site.schema.json", Site), ("profile.schema.json", Profile))


def schema_text(model: type[BaseModel]) -> str:
    schema = {"$schema": DRAFT, **model.model_json_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def stale(folder: Path) -> tuple[str, ...]:
    """The files that do not say what the models say."""
    return tuple(
        name for name, model in SCHEMAS if not (folder / name).exists() or (folder / name).read_text("utf-8") != schema_text(model)
    )


def main(arguments: list[str]) -> int:
    folder = Path(str(files("config")))
    old = stale(folder)
    if arguments == ["--check"]:
        for name in old:
            sys.stderr.write(f"config/{name} is stale; run: python -m config.schema\n")
        return 1 if old else 0
    if arguments:
        sys.stderr.write("usage: python -m config.schema [--check]\n")
        return 2
    for name, model in SCHEMAS:
        (folder / name).write_text(schema_text(model), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
