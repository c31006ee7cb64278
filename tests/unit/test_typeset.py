"""Formulas in the characters of a terminal: laid out as people write them, read back unchanged."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

import numpy as np
import pytest

from isoloss.law import find_law, forms, from_formula, published_laws
from isoloss.law.expression import evaluate, parse
from isoloss.law.typeset import Box, beside, letter, small_index, typeset

LAWS = [*forms().values(), *(entry.law for entry in published_laws().values())]


def shown(formula: str) -> str:
    return typeset(from_formula(formula, variables=["N", "D"]))


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (
            "E + A/N**alpha + B/D**beta",
            """
                        A      B
            loss = E + ──── + ────
                         α      β
                        N      D
            """,
        ),
        (
            "((N_c/N)**(alpha_N/alpha_D) + D_c/D)**alpha_D",
            """
                                           α_D
                   ⎛       α_N/α_D        ⎞
                   ⎜⎛ N_c ⎞           D_c ⎟
            loss = ⎜⎜─────⎟        + ─────⎟
                   ⎝⎝  N  ⎠            D  ⎠
            """,
        ),
        (
            "a*exp(-N/tau)*(b + c*N)",
            """
                      (−N)/τ
            loss = a·e      ·(b + c·N)
            """,
        ),
        (
            "exp(a/N**b) - 2*N",
            """
                      ⎛ a  ⎞
            loss = exp⎜────⎟ − 2·N
                      ⎜  b ⎟
                      ⎝ N  ⎠
            """,
        ),
        (
            "min(a, log(N)/sqrt(b))",
            """
                      ⎛     ln(N)  ⎞
            loss = min⎜a, ─────────⎟
                      ⎝    sqrt(b) ⎠
            """,
        ),
    ],
)
def test_a_formula_is_laid_out_as_people_write_it(formula, wanted):
    lines = wanted.strip("\n").split("\n")[:-1]
    found = shown(formula).split("\n")
    # centred parts may begin or end with a space
    assert [line.rstrip() for line in lines] == [f"{'':12}{line}".rstrip() for line in found]


# what means something else without its brackets


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("a - (b - N)", "loss = a − (b − N)"),
        ("a - b - N", "loss = a − b − N"),
        ("(a + b)*N", "loss = (a + b)·N"),
        ("a + b*N", "loss = a + b·N"),
        ("-(a + N)", "loss = −(a + N)"),
        ("a*(-b)*N", "loss = a·(−b)·N"),
        ("a - (-2)*N", "loss = a − (−2)·N"),
        ("1e-5*N + a", "loss = 1e-05·N + a"),
        ("abs(a - N) + m4root(b, c)", "loss = abs(a − N) + m4root(b, c)"),
        ("log2(a*N) + log1p(N)", "loss = log2(a·N) + log1p(N)"),
    ],
)
def test_brackets_of_one_line(formula, wanted):
    assert shown(formula) == wanted


@pytest.mark.parametrize(
    ("formula", "base"),
    [
        ("(-a)**N", "(−a)"),
        ("-a**N", "−a"),
        ("(a*b)**N", "(a·b)"),
        ("a*b**N", "a·b"),
        ("(-2)**N*a", "(−2)"),
        ("(a + b)**N", "(a + b)"),
        # a number with a power of ten reads as a product
        ("a + 1e-5**N", "a + (1e-05)"),
    ],
)
def test_brackets_under_a_power(formula, base):
    exponent, below = shown(formula).split("\n")
    assert exponent.strip() == "N"
    assert below[: exponent.index("N")].rstrip() == f"loss = {base}"


@pytest.mark.parametrize(
    ("exponent", "wanted"),
    [
        ("a/b", "a/b"),
        ("(a + b)/c", "(a + b)/c"),
        ("a/(b*c)", "a/(b·c)"),
        ("a*b/c", "a·b/c"),
        ("-a", "−a"),
        ("-(a + b)", "−(a + b)"),
        ("-a/b", "(−a)/b"),
    ],
)
def test_exponents_on_one_line(exponent, wanted):
    assert shown(f"N**({exponent})").split("\n")[0].strip() == wanted


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("alpha", "α"),
        ("lam", "λ"),
        ("alpha_N", "α_N"),
        ("d_1", "d₁"),
        ("N_0", "N₀"),
        ("x_12", "x₁₂"),
        ("tau_mu", "τ_μ"),
        ("B_crit_2", "B_crit_2"),
        ("alphabet", "alphabet"),
        ("C[i]", "Cᵢ"),
        ("gamma[j]", "γⱼ"),
        ("C[d]", "C[d]"),
    ],
)
def test_letters(name, wanted):
    assert letter(name) == wanted


def test_letters_of_an_index():
    assert [small_index(text) for text in "ijkd"] == ["ᵢ", "ⱼ", "ₖ", "[d]"]


def test_a_sum_stays_a_sum():
    text = typeset(find_law("additive_mixture"))
    assert "Σᵢ Cᵢ·hᵢ" in text
    assert "C_1" not in text
    assert "Πᵢ" in typeset(find_law("bnsl"))


def test_boxes_stand_on_one_line():
    tall = Box(("a", "─", "b"), 1)
    both = beside(Box(("x",)), tall)
    assert both.lines == (" a", "x─", " b")
    assert both.base == 1
    assert both.width == 2


# a drawing is read back, so that it means what the formula means


class Drawing:
    """Reads a drawing in two dimensions: the oracle of the tests below."""

    def __init__(self, text: str, left: str) -> None:
        lines = text.split("\n")
        self.width = max(map(len, lines))
        self.rows = [line.ljust(self.width) for line in lines]
        self.left = left

    def read(self) -> str:
        """The right-hand side as a formula in the letters of the drawing."""
        (base,) = (r for r, line in enumerate(self.rows) if line.startswith(self.left))
        return self.line(0, len(self.rows), len(self.left), self.width, base)

    def line(self, top: int, bottom: int, left: int, right: int, base: int) -> str:
        """What stands on a baseline, with the powers above it."""
        parts, c, row = [], left, self.rows[base]
        while c < right:
            end = c + 1
            if row[c] == "─":
                while end < right and row[end] == "─":
                    end += 1
                above = self.block(top, base, c, end)
                parts.append(f"(({above})/({self.block(base + 1, bottom, c, end)}))")
            elif row[c] in "⎛⎜⎝":
                first, last, end = self.bracket(base, c)
                parts.append(f"({self.line(first, last + 1, c + 1, end - 1, base)})")
            elif row[c] != " ":
                parts.append(row[c])
            else:
                while end < right and row[end] == " ":
                    end += 1
                raised = any(self.rows[r][c:end].strip() for r in range(top, base))
                parts.append(f"**({self.block(top, base, c, end)})" if raised else " ")
            c = end
        return "".join(parts)

    def bracket(self, row: int, c: int) -> tuple[int, int, int]:
        """Top and bottom of a tall bracket that opens here, and the column behind its end."""
        first = last = row
        while self.rows[first][c] != "⎛":
            first -= 1
        while self.rows[last][c] != "⎝":
            last += 1
        depth, end = 0, c
        while True:
            pair = self.rows[first][end] + self.rows[last][end]
            depth += {"⎛⎝": 1, "⎞⎠": -1}.get(pair, 0)
            end += 1
            if not depth:
                return first, last, end

    def base(self, top: int, bottom: int, left: int, right: int) -> int:
        """The baseline of a part: that of what stands farthest to the left."""
        for c in range(left, right):
            for r in range(top, bottom):
                if self.rows[r][c] in "⎛⎜⎝":
                    first, last, end = self.bracket(r, c)
                    return self.base(first, last + 1, c + 1, end - 1)
                if self.rows[r][c] != " ":
                    return r
        raise AssertionError("an empty part")

    def block(self, top: int, bottom: int, left: int, right: int) -> str:
        base = self.base(top, bottom, left, right)
        return self.line(top, bottom, left, right, base).strip()


def formula_of(text: str, left: str, names: Iterable[str]) -> str:
    """The formula that a drawing shows, as `parse` reads it."""
    words = Drawing(text, left).read()
    words = re.sub(r"(?<!\w)e\*\*", "exp", words).replace("·", "*").replace("−", "-")
    words = re.sub(r"(?<!\w)ln(?=\()", "log", words)
    for name in sorted(names, key=lambda name: -len(letter(name))):
        words = re.sub(rf"(?<![\w]){re.escape(letter(name))}(?![\w₀-₉])", f"`{name}`", words)
    return words


PARTS = ["a", "N", "(a + b)", "(a - b)", "a*b", "(a/b)", "a**b", "(-a)", "2"]
OPERATORS = ["+", "-", "*", "/", "**"]


@pytest.mark.parametrize("op", OPERATORS)
def test_a_drawing_means_what_the_formula_means(op):
    values = {"a": 1.7, "b": 0.6, "N": 2.3, "c": 0.9}
    for left, right in itertools.product(PARTS, PARTS):
        for formula in (f"c*N + ({left}){op}({right})", f"N*c/(1 + ({left}){op}({right}))"):
            drawn = formula_of(shown(formula), "loss = ", ())
            with np.errstate(all="ignore"):
                found = evaluate(parse(drawn), values)
                wanted = evaluate(parse(formula), values)
            np.testing.assert_allclose(found, wanted, rtol=1e-12, err_msg=f"{formula}\n{drawn}")


# of all laws


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_every_law_is_drawn_whole(law):
    text = typeset(law)
    lines = text.split("\n")
    assert lines == [line.rstrip() for line in lines]
    assert sum(line.startswith(f"{law.target} = ") for line in lines) == 1
    for opening, closing in ("()", "⎛⎞", "⎜⎟", "⎝⎠"):
        assert text.count(opening) == text.count(closing), text
    assert text.count("⎛") == text.count("⎝")


@pytest.mark.parametrize("law", [law for law in LAWS if not law.indices], ids=lambda law: law.id)
def test_the_drawing_of_a_law_means_what_it_means(law):
    drawn = formula_of(typeset(law), f"{law.target} = ", law.expression.names)
    rng = np.random.default_rng(1)
    values = {name: rng.uniform(0.5, 2.0, 5) for name in law.expression.names}
    found, wanted = evaluate(parse(drawn), values), evaluate(law.expression, values)
    np.testing.assert_allclose(found, wanted, rtol=1e-12, err_msg=drawn)
