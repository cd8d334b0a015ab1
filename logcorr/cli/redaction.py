"""What a report may say of people and machines: the options, and the last look before a file is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from logcorr.dataclass import dataclass
from logcorr.errors import OutputError, UsageError

if TYPE_CHECKING:
    from logcorr.model import Report
    from logcorr.redact import Profile, Redactor, Wishes
    from logcorr.report import Text

Command = TypeVar("Command", bound=Callable[..., Any])
NAMES = ("profile", "redaction_map", "keep", "keywords")  # the options' parameters
_PROFILES = ("share", "secrets", "none")
_PROFILE = "What to hide: recognised names, addresses and secrets (share, default of files), secrets alone, or none."
_PROFILE_OF_RECORDS = "What to hide: recognised names, addresses and secrets (share), secrets alone, or none (default)."
_MAP = "Keep what the labels stand for in FILE (mode 0600), and use the labels that are there."
_KEEP = "Leave this value, or the addresses of this network, as they are (repeatable)."
_KEYWORD = "Replace this word, too, wherever it stands (repeatable)."


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options say. ``profile`` is None where the place of the output decides."""

    profile: Profile | None
    map: Path | None
    wishes: Wishes

    def redactor(self, place: str) -> Redactor:
        """One for what goes to ``place``: a file is meant to be shared, standard output to be read here."""
        from logcorr.redact import Labels, Redactor, load

        labels = load(self.map) if self.map else Labels()
        return Redactor(self.profile or ("secrets" if place == "-" else "share"), labels, self.wishes)

    def redactor_of_records(self) -> Redactor | None:
        """One for a timeline, which is written as it is unless an option says what to hide."""
        if self.profile == "none" or not (self.profile or self.map or self.wishes != type(self.wishes)()):
            return None
        return self.redactor("file")


def redaction_options(flag: str, *, of_records: bool = False) -> Callable[[Command], Command]:
    """The options; ``flag`` is the name under which the profile is chosen."""

    def decorate(command: Command) -> Command:
        for option in reversed(
            (
                click.option(
                    flag,
                    "profile",
                    type=click.Choice(_PROFILES),
                    help=_PROFILE_OF_RECORDS if of_records else _PROFILE,
                ),
                click.option("--redaction-map", metavar="FILE", type=click.Path(path_type=Path), help=_MAP),
                click.option("--keep", multiple=True, metavar="VALUE|NETWORK", help=_KEEP),
                click.option("--keyword", "keywords", multiple=True, metavar="WORD", help=_KEYWORD),
            )
        ):
            command = option(command)
        return command

    return decorate


def make_choice(given: dict[str, Any]) -> Choice:
    """The choice that the values of ``redaction_options`` make; they are taken out of ``given``."""
    from ipaddress import ip_network

    from logcorr.redact import Wishes

    profile, path, keep, words = (given.pop(name) for name in NAMES)
    networks = []
    for value in keep:
        try:
            networks += [ip_network(value)] if "/" in value else []
        except ValueError as error:
            raise UsageError(f"{value!r} is not a network", location="--keep", hint="write 192.0.2.0/24") from error
    short = [word for word in words if not word.strip()]
    if short:
        raise UsageError("an empty word would be everywhere", location="--keyword", hint="name the word to hide")
    return Choice(profile, path, Wishes(frozenset(value.lower() for value in keep), tuple(networks), tuple(words)))


def refuse_survivors(text: str, redactor: Redactor, place: str) -> None:
    """Raise OutputError where a value that was to be hidden stands in ``text``; which one is not said."""
    from logcorr.redact import survivors

    _refuse(survivors(text, redactor), place)


def _refuse(left: tuple[str, ...], place: str) -> None:
    if left:
        raise OutputError(
            f"not written: of these classes a value was left after redaction: {', '.join(left)}",
            location=place,
            hint="--keyword WORD hides what was not recognised; --redact none writes everything",
        )


def rendered(report: Report, form: Text, redactor: Redactor, place: str) -> str:
    """A redacted report as text. Raises OutputError where something private is left in it."""
    from logcorr.api import shipped_names
    from logcorr.redact import written
    from logcorr.report import render

    text, left = written(report, redactor, lambda told: render(told, form), shipped_names)
    _refuse(left, place)
    return text
