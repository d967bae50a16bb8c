"""Which letters an operator means."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics_sql.application_file import application_name
from fleet.errors import ConfigError
from sinks.dead_letter import FILE_NAME
from sinks.dead_letter_log import StoredLetter, read_letters


@dataclass(frozen=True, slots=True)
class Choice:
    """All letters of a file, or those that match every filter that is given."""

    path: Path
    shard: str | None = None
    stage: str | None = None
    reason: str | None = None
    """A part of the reason, in any case of letters."""
    since_ms: int | None = None
    numbers: frozenset[int] = frozenset()
    """Lines of the file; empty: any."""

    def letters(self) -> Iterator[StoredLetter]:
        """Those chosen, in the order of the file. Raises FleetError as read_letters does."""
        return filter(self._is_chosen, read_letters(self.path))

    def _is_chosen(self, stored: StoredLetter) -> bool:
        letter = stored.letter
        return (
            (self.shard is None or letter.shard_id.endswith(self.shard))
            and (self.stage is None or f"{letter.stage} ".startswith(f"{self.stage} "))
            and (self.reason is None or self.reason.lower() in letter.reason.lower())
            and (self.since_ms is None or letter.arrival_ms >= self.since_ms)
            and (not self.numbers or stored.number in self.numbers)
        )


def letters_file(data: Path, application: str | None) -> Path:
    """The file of an application in a --data folder; None: of the only one there.

    Raises ConfigError when there is none, or more than one and none was named.
    """
    root = data / "processor"
    if application is not None:
        home = root / application_name(Path(application))
        if not home.is_dir():
            raise ConfigError(
                f"there is no application {home.name} in {root}", remedy=_known(_homes(root))
            )
        return home / FILE_NAME
    homes = _homes(root)
    if len(homes) == 1:
        return homes[0] / FILE_NAME
    if not homes:
        raise ConfigError(
            f"no processor has run with {data}",
            remedy="give the --data folder that the processor has",
        )
    raise ConfigError(f"{root} has several applications", remedy=_known(homes))


def _homes(root: Path) -> list[Path]:
    return sorted(p for p in root.glob("*") if (p / FILE_NAME).exists())


def _known(homes: list[Path]) -> str:
    return f"name one with --app: {', '.join(home.name for home in homes) or 'there is none'}"
