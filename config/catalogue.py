"""The device profiles by name: those that come with kerbgate, overlaid by those of the user's folders.

A profile in a user's folder takes the place of a packaged one of the same name; a later folder that of an earlier one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from config.mistakes import ConfigError, Mistake
from config.nearest import nearest
from config.profile import Profile

MOST_PROFILES = 500


@dataclass(frozen=True, slots=True)
class Profiles:
    """Looked up by name; in the order of names."""

    all: tuple[Profile, ...] = ()

    def get(self, name: str) -> Profile | None:
        return next((profile for profile in self.all if profile.profile == name), None)

    def __getitem__(self, name: str) -> Profile:
        found = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.all)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(profile.profile for profile in self.all)

    def nearest(self, name: str) -> str | None:
        return nearest(name, self.names)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The profiles that are right, the mistakes in those that are not, and the names that those would have had."""

    profiles: Profiles
    mistakes: tuple[Mistake, ...] = ()
    broken: frozenset[str] = frozenset()


def packaged_folder() -> Path:
    return Path(str(files("config").joinpath("profiles")))


def expanded(profile: Profile) -> tuple[Profile, ...]:
    """A profile with variants stands for each of them, and no longer for itself."""
    if not profile.variants:
        return (profile,)
    return tuple(
        profile.model_copy(
            update={
                "profile": variant.profile,
                "title": variant.title,
                "points": tuple(
                    point.model_copy(update={"scale": variant.scale[point.key]}) if point.key in variant.scale else point
                    for point in profile.points
                ),
                "identity": profile.identity if variant.identity is None else variant.identity,
                "factory": variant.factory or profile.factory,
                "variants": (),
            }
        )
        for variant in profile.variants
    )


def gather(folders: Sequence[Path], read: Callable[[Path], Profile]) -> Gathered:
    """Reads every `*.yaml` of the folders, the packaged ones first. One wrong file does not hide the others."""
    found: dict[str, Profile] = {}
    mistakes: list[Mistake] = []
    broken: set[str] = set()
    for folder in (packaged_folder(), *folders):
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix == ".yaml")[:MOST_PROFILES]
        except OSError as error:
            mistakes.append(Mistake(str(folder), 1, 1, "config.profile_folder", (("reason", error.strerror),)))
            continue
        for path in paths:
            try:
                profile = read(path)
            except ConfigError as error:
                mistakes += error.mistakes
                broken.add(path.stem)
            else:
                found.update((each.profile, each) for each in expanded(profile))
    return Gathered(Profiles(tuple(found[name] for name in sorted(found))), tuple(mistakes), frozenset(broken - found.keys()))
