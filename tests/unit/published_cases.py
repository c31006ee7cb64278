"""Small published laws written as TOML, for the tests that read and use them."""

from __future__ import annotations

import tomllib
from typing import Any

from isoloss.law.published import Published
from isoloss.law.published.read import read_entry

# every kind of key that an entry of one set has
MINE = """
[mine]
name = "My law"
form = "chinchilla"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
where = "equation 10"
sources = [{ cite = "Nobody 2024, A Law", where = "equation 10", url = "https://example.org" }]
pitfalls = ["It holds in a test."]
misstated = [{ stated = "E = 2", where = "a blog", correct = "E = 1.69" }]
optimum = "N grows as C**0.45"

[mine.setup]
data = "made up"

[mine.variables.N]
counts = "total"
range = [1e8, 1e10]
meaning = "parameters"

[mine.variables.D]
counts = "tokens"
range = [1e9, 1e12]

[mine.numbers]
E = "1.69"
A = { value = "406.4", se = "12", evidence = "author-code", where = "table 3", note = "rounded" }
alpha = { value = "0.34", interval = ["0.32", "0.36"], level = 0.9 }
B = "410.7"
beta = "0.28"
"""

# two sets that share a number, one of them without all its numbers
SETS = """
[mine]
form = "power(C)"
formula = "(C_c/C)**alpha"
unit = "nats/token"
modality = ["vision"]
evidence = "primary"
sources = [{ cite = "Nobody 2024, A Law" }]
default = "large"

[mine.numbers]
alpha = "0.050"

[mine.variables.C]
unit = "PF-days"

[mine.sets.small]
name = "8 x 8"
unseen = ["C_c"]

[mine.sets.large]
evidence = "secondary"
note = "from a figure"
measured_in = "nats/image"
numbers = { C_c = "3.1e8" }
variables = { C = { range = [1e-5, 1.0], meaning = "training" } }
"""

# a vector over the index of its form
MIXTURE = """
[mine]
form = "additive_mixture(domains=web:code)"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
sources = [{ cite = "Nobody 2024, A Law" }]

[mine.variables.h]
unit = "fraction"
range = [0.1, 0.9]
meaning = "share"

[mine.variables.N]
[mine.variables.D]

[mine.numbers]
E = "1.5"
A = "400"
alpha = "0.3"
B = "1000"
beta = "0.4"
C = ["1.0", "2.0"]
g = [{ value = "0.5", se = "0.1" }, "0.25"]
"""


def read(text: str, *changes: tuple[str, str]) -> Published:
    """The one entry of a TOML text, with words replaced."""
    for old, new in changes:
        assert text.count(old) >= 1, f"nothing to replace: {old}"
        text = text.replace(old, new, 1)
    tables: dict[str, Any] = tomllib.loads(text)
    ((id_, table),) = tables.items()
    return read_entry(id_, table, "mine.toml", "mine")


def power(numbers: str, *, inputs: str = "", formula: str = "A/N**alpha", more: str = "") -> str:
    """An entry of one input N with the numbers given, as TOML."""
    return f"""
[mine]
form = "power"
formula = "{formula}"
unit = "nats/token"
modality = ["language"]
evidence = "primary"
sources = [{{ cite = "Nobody 2024, A Law" }}]
{more}
[mine.variables.N]
{inputs}
[mine.numbers]
{numbers}
"""
