"""The JSON Schemas are what the models say, and editors agree with the loader about the examples and the profiles."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from config.catalogue import packaged_folder
from config.loader import load_site, read_tree
from config.schema import SCHEMAS, main, schema_text, stale
from config.tree import plain

CONFIG = Path(__file__).parents[2] / "config"
EXAMPLES = sorted((CONFIG / "examples").glob("*.yaml"))


def _schema(name: str) -> Any:
    return json.loads((CONFIG / name).read_text("utf-8"))


def test_no_schema_is_stale() -> None:
    assert stale(CONFIG) == (), "run: python -m config.schema"


def test_the_check_tells_a_stale_schema(tmp_path: Path) -> None:
    for name, model in SCHEMAS:
        (tmp_path / name).write_text(schema_text(model), "utf-8")
    assert stale(tmp_path) == ()
    (tmp_path / "site.schema.json").write_text("{}")
    (tmp_path / "profile.schema.json").unlink()
    assert stale(tmp_path) == ("site.schema.json", "profile.schema.json")


def test_the_command_checks_and_knows_its_arguments() -> None:
    run = subprocess.run([sys.executable, "-m", "config.schema", "--check"], cwd=CONFIG.parent, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert main(["--wrong"]) == 2


@pytest.mark.parametrize("name", [name for name, _ in SCHEMAS])
def test_each_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(_schema(name))


def test_there_are_examples() -> None:
    assert "street.yaml" in [example.name for example in EXAMPLES]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: str(path.name))
def test_every_example_is_right_by_the_loader_and_by_the_schema(example: Path) -> None:
    assert load_site(example).advice == ()
    assert example.read_text("utf-8").startswith("# yaml-language-server: $schema=../site.schema.json\n")
    Draft202012Validator(_schema("site.schema.json")).validate(plain(read_tree(example)[0]))


@pytest.mark.parametrize("profile", sorted(packaged_folder().glob("*.yaml")), ids=lambda path: str(path.name))
def test_every_profile_is_right_by_the_schema(profile: Path) -> None:
    Draft202012Validator(_schema("profile.schema.json")).validate(plain(read_tree(profile)[0]))


def test_the_schema_refuses_an_unknown_key() -> None:
    values: Any = plain(read_tree(CONFIG / "examples" / "one-bay.yaml")[0])
    values["gatway"] = "x"
    with pytest.raises(ValidationError, match="gatway"):
        Draft202012Validator(_schema("site.schema.json")).validate(values)
