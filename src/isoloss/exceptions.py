"""The errors that isoloss raises, in one tree.

    IsolossError
    ├── InputError              what was given is wrong: the message says where and what to do
    │   ├── FormulaError        the text of a formula or condition
    │   ├── LawError            a law's definition: TOML, variables, parameters, bounds
    │   ├── RunsError           a table of runs: file, columns, rows
    │   │   └── ConventionError two counting conventions or units were mixed
    │   ├── ItemsError          a table of answers: log, models file, columns, rows
    │   ├── QuantityError       a unit, or a value outside what its quantity allows
    │   ├── PlanError           a question that the law cannot answer as asked
    │   └── DocumentError       a saved document: unreadable, another schema, not writable
    ├── FitError                no fit could be made from valid input
    └── MissingExtraError       an optional dependency is not installed

Catch `IsolossError` to catch everything. The command line turns `InputError`, `FitError` and
`MissingExtraError` into exit code 1 with the message alone, no traceback.
"""


class IsolossError(Exception):
    """Root of the tree."""


class InputError(IsolossError):
    """What was given is wrong; the message says where, what was expected, and what to do."""


class FormulaError(InputError):
    """The text of a formula or of a condition cannot be used."""


class LawError(InputError):
    """A law's definition is incomplete or inconsistent."""


class RunsError(InputError):
    """A table of runs cannot be used as it is."""


class ConventionError(RunsError):
    """Two counting conventions or units were mixed."""


class ItemsError(InputError):
    """A table of answers, or the models file beside it, cannot be used as it is."""


class QuantityError(InputError):
    """An unknown unit, or a value outside what its quantity allows."""


class PlanError(InputError):
    """The question cannot be answered by this law as it was asked."""


class DocumentError(InputError):
    """A saved document cannot be read, has another schema, or cannot be written."""


class FitError(IsolossError):
    """No fit could be made from input that is valid in itself."""


class MissingExtraError(IsolossError):
    """An optional dependency is needed and not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package '{package}', which is not installed: "
            f"run  pip install 'isoloss[{extra}]'"
        )
