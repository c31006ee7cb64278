"""Adding a law is one TOML entry and no code: done here with the entries of CONTRIBUTING.md."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from isoloss import find_law, read_runs
from isoloss.exceptions import LawError
from isoloss.law import calculus, find, forms, published_laws
from isoloss.law.precompile import derive
from isoloss.law.published import read
from isoloss.law.published.find import find_published
from isoloss.plan.laws import compare_laws
from tests.form_points import grid, scattered, typical
from tests.unit import test_forms

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```toml\n(.*?)^```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.M | re.S
)
FORM = next(block for block in BLOCKS if "[hill]" in block)
NUMBERS = next(block for block in BLOCKS if "[someone2026]" in block)


def forget() -> None:
    forms.cache_clear()
    published_laws.cache_clear()
    calculus._shipped.cache_clear()


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A copy of the two folders, in which an entry can be added."""
    folders = {"forms": calculus.FORMS, "published": read.FOLDER}
    for name, folder in folders.items():
        shutil.copytree(folder, tmp_path / name, ignore=shutil.ignore_patterns("*.py", "__*"))
    monkeypatch.setattr(calculus, "FORMS", tmp_path / "forms")
    monkeypatch.setattr(find, "FORMS", tmp_path / "forms")
    monkeypatch.setattr(read, "FOLDER", tmp_path / "published")
    forget()
    yield tmp_path
    monkeypatch.undo()
    forget()


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text("utf-8") + "\n" + text, "utf-8")


def test_a_form_of_one_toml_entry_is_found_fitted_and_tested(house):
    family = house / "forms" / "curves.toml"
    add(family, FORM)
    family.with_suffix(".json").write_text(derive(family), "utf-8")
    forget()
    law = find_law("hill")
    assert law.family == "curves"
    # the very tests that every built-in form goes through
    test_forms.test_the_typical_values_lie_within_bounds_and_starts_and_show_on_the_grid("hill")
    test_forms.test_a_form_finds_its_own_parameters("hill")
    test_forms.test_the_jacobian_agrees_with_a_complex_step("hill")
    test_forms.test_latex_holds_every_part("hill")
    # its derivatives were taken from the file beside it, not derived again
    assert calculus.key(law.expression, law.coordinates) in calculus._shipped()
    at = scattered(law, 10, seed=1)
    assert np.isfinite(law(at)).all()


def test_published_numbers_of_one_toml_entry_are_evaluated_planned_and_compared(house):
    add(house / "published" / "dense.toml", NUMBERS)
    forget()
    entry = find_published("someone2026")
    value = entry.evaluate({"N": 1e9, "D": 2e10})
    assert value.value == pytest.approx(1.70 + 420 / 1e9**0.340 + 2.1e3 / 2e10**0.37)
    assert value.inside
    assert value.low < value.value < value.high
    assert entry.plan(compute=1e21).optimum["N"].value > 1e8
    assert compare_laws([entry, find_published("besiroglu2024")], compute=1e21).pairs[0].told_apart
    # and its form is fitted under its name
    law = find_law("someone2026")
    points = grid(law)
    runs = read_runs({**points, "loss": law(points | typical(law))}, map="N=N,D=D,loss=loss")
    assert law.fit(runs, draws=0).certificate.certified


def test_an_entry_that_is_wrong_is_named(house):
    add(house / "published" / "dense.toml", NUMBERS.replace('evidence = "primary"', ""))
    forget()
    with pytest.raises(LawError, match=r"dense.toml \[someone2026\]: 'evidence' is missing"):
        find_published("someone2026")
