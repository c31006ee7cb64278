"""Reading texts: numbers, letters, options, classes; and that no text takes long."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import pytest

from isoloss.errors.labels import Taxonomy, label, read_taxonomy, rescored
from isoloss.errors.labels import options as option_texts
from isoloss.errors.labels.numbers import number
from isoloss.errors.labels.text import joined_letters, letter, letters, stated_letter, yes_no
from isoloss.exceptions import ItemsError
from tests.errors.labels_cases import answers

NUMBERS = {
    "12": (12, ""),
    "-3.5": (-3.5, ""),
    "1,000": (1000, ""),
    "5.": (5, ""),
    "1e3": (1000, ""),
    "seven": (7, ""),
    "1/2": (0.5, ""),
    "33 1/3": (100 / 3, ""),
    "45 degrees": (45, "degrees"),
    r"$35^{\circ}$": (35, "°"),
    r"$9 \mathrm{~cm}$": (9, "cm"),
    r"\frac{1}{2}": (0.5, ""),
    "\x0crac{36}{13}": (36 / 13, ""),
    r"$\boxed{\frac{16}{7}}$": (16 / 7, ""),
    r"5 \sqrt{3}": (5 * math.sqrt(3), ""),
    r"6\sqrt{3}+4 \pi": (6 * math.sqrt(3) + 4 * math.pi, ""),
    r"\frac{7^3}{2^{12} 13^2}": (343 / (4096 * 169), ""),
    "2(3-1)": (4, ""),
    r"1,000 \pi": (1000 * math.pi, ""),
    "5x10^2": (500, ""),
    "2pi": (2 * math.pi, ""),
    "−4": (-4, ""),
    "20%": (20, "%"),
    "There are 3 cats.": (3, ""),
}
NO_NUMBERS = ["", "giraffe", "1:2", "3-5", "(3,-4)", "4!", "5x", "225+3p", "2024-06-01", "3 or 4"]
NO_NUMBERS += ["7^7^7^7^7", "1/0", "(" * 80, "x2", "nan", r"\frac{1}{", "r^2", "1 2 3"]


@pytest.mark.parametrize("text", NUMBERS)
def test_numbers(text: str) -> None:
    value, unit = NUMBERS[text]
    found = number(text)
    assert found[0] == pytest.approx(value, rel=1e-12)
    assert found[1] == unit


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_no_numbers(text: str) -> None:
    assert math.isnan(number(text)[0])


def test_sentences_are_no_golds() -> None:
    assert math.isnan(number("There are 3 cats.", False)[0])


def test_letters() -> None:
    assert [letter(text) for text in ("A", "(b)", " c. ", "d)", "E:", "ab", "7", "")] == [
        *range(5),
        -1,
        -1,
        -1,
    ]
    assert letters("a, c") == letters("(C) and (a)") == 0b101
    assert letters("a, cat") == letters("") == 0
    assert joined_letters("ABD") == 0b1011
    assert joined_letters("BAD") == joined_letters("abd") == joined_letters("A") == 0
    assert [yes_no(text) for text in ("Yes.", "['False']", "no, there is", "none", "")] == [
        1,
        0,
        0,
        -1,
        -1,
    ]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("c) point c", (2, "point c")),
        ("(d) 7:16", (3, "7:16")),
        ("the answer is (a).", (0, "")),
        ("so the correct option is b", (1, "")),
        ("option b is right, not option c", (-1, "")),
        ("the answer is a triangle", (-1, "")),
        ("b:a = 3:5", (-1, "")),
        ("e.g. this", (-1, "")),
        ("i.e. this", (-1, "")),
    ],
)
def test_letters_in_sentences(words: str, told: tuple[int, str]) -> None:
    assert stated_letter(words) == told


def test_options() -> None:
    assert option_texts.texts('{"b": "two", "a": "one"}') == ("one", "two")
    assert option_texts.texts('["one", 2]') == ("one", "2")
    for strange in ("", "3", '"abc"', "[1]", "[" * 9999, json.dumps([str(i) for i in range(40)])):
        assert option_texts.texts(strange) == ()
    assert option_texts.values('["May", "March"]') == (4.0, 2.0)
    assert option_texts.values('["1 cm", "2 m"]') == ()


def test_taxonomy_files(tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    path.write_text("class,superclass,item,texture\nbeagle,dog,,\n,,cat-bear,bear\n")
    assert read_taxonomy(path) == Taxonomy({"beagle": "dog"}, {"cat-bear": "bear"})
    for text, says in {
        "a,b\n1,2\n": "expected columns class,superclass",
        "class,superclass\nbeagle,\n": "line 2 has class 'beagle', superclass ''",
        "class,superclass\nx,dog\nx,cat\n": "line 3 gives class 'x' a second superclass",
    }.items():
        path.write_text(text)
        with pytest.raises(ItemsError) as caught:
            read_taxonomy(path)
        assert says in str(caught.value)
    with pytest.raises(ItemsError, match="cannot read"):
        read_taxonomy(tmp_path / "none.csv")


HOSTILE = [
    "cannot " * 5000,
    "no image " * 5000,
    "provide the " + "a " * 20_000,
    "a" * 100_000,
    "answer is " * 4000,
    "<a>" * 20_000,
    "((((" * 20_000,
    "\\frac{1}{" * 9000,
    "1," * 30_000,
    "a,b," * 20_000,
    "not possible to " * 3000,
    "𝟙" * 50_000,
]


def test_hostile_texts_end_soon() -> None:
    rows = [
        {"gold": gold, "n": n, "options": options, "question": "x" * 9999, column: text}
        for text in HOSTILE
        for column in ("raw", "prediction")
        for gold, n, options in (("a", 4, None), ("7", 0, None), ("red", 0, ["red", "blue"]))
    ]
    start = time.process_time()
    found = rescored(label(answers(*({**row, "task": f"t{i}"} for i, row in enumerate(rows)))))
    assert time.process_time() - start < 5
    assert len(found) == len(rows)
