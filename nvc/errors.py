"""Errors that a user can act on: what, where, what was expected, what to do."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with an input.

    Parameters
    ----------
    code : str
        Short stable identifier such as ``"several-patients"``.
    where : str
        The file or folder, as the user named it.
    reason : str
        What is wrong and what was expected.
    remedy : str
        What the user can do about it.
    """

    code: str
    where: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.reason}{remedy} [{self.code}]"


class NvcError(Exception):
    """Base of every error raised on purpose; always one clear line."""


class InputError(NvcError, ValueError):
    """An input that cannot be used; the command exits with code 2.

    Parameters
    ----------
    *problems : Problem
        All that was found wrong, gathered before raising.
    """

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))

    @classmethod
    def of(cls, code: str, where: str, reason: str, remedy: str = "") -> InputError:
        """Return an error holding one problem."""
        return cls(Problem(code=code, where=where, reason=reason, remedy=remedy))

    def naming(self, code: str, where: str) -> InputError:
        """Return the same, with problems of one code found in a place we know."""
        return InputError(
            *(
                replace(one, where=where) if one.code == code else one
                for one in self.problems
            )
        )


class NotSavedError(InputError):
    """A step of a review that could not be written; the file is as it was before."""


class GeometryError(NvcError, ValueError):
    """Shapes, affines or frames that do not fit together."""


class SettingsError(NvcError, ValueError):
    """A setting that does not exist or has a value out of its bounds."""


class RegistrationError(NvcError, ValueError):
    """Two volumes that could not be brought together."""


class ReviewError(NvcError, ValueError):
    """A step that a review does not allow, such as signing before reading."""


class Cancelled(NvcError):
    """The caller asked the work to stop."""
