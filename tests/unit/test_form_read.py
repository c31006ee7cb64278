"""Forms with an index from TOML: what is wrong is named by file and key.

Forms without an index are in `test_law.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from isoloss.exceptions import LawError
from isoloss.law import find
from isoloss.law.read import read_family

FORM = """
[mine]
formula = "E + sum(C[i]*h[i]) + A/N**alpha"
sources = [{ cite = "Nobody 2024, A Law" }]
[mine.indices.domains]
size = 2
[mine.variables.N]
range = [1e7, 1e10]
[mine.variables.h]
over = "domains"
share = true
log = false
[mine.parameters.E]
bounds = [0.0, inf]
[mine.parameters.A]
bounds = [0.0, inf]
transform = "log"
typical = 400.0
[mine.parameters.alpha]
bounds = [0.0, 5.0]
start = [0.02, 1.5]
[mine.parameters.C]
over = "domains"
bounds = [0.0, inf]
typical = [1.0, 2.0]
"""


def test_one_id_in_two_files_of_forms(tmp_path: Path, monkeypatch):
    (tmp_path / "first.toml").write_text(FORM, encoding="utf-8")
    (tmp_path / "second.toml").write_text(FORM, encoding="utf-8")
    monkeypatch.setattr(find, "FORMS", tmp_path)
    with pytest.raises(LawError, match=r"second\.toml \[mine\]: stands in first\.toml too; rename"):
        find.forms.__wrapped__()


def test_a_form_with_an_index_is_read(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(FORM, encoding="utf-8")
    law = read_family(path)["mine"]
    assert law.variable_names == ("N", "h_1", "h_2")
    assert law.parameter_names == ("E", "A", "alpha", "C_1", "C_2")
    assert [p.typical for p in law.parameters] == [None, 400.0, None, 1.0, 2.0]
    assert [v.share for v in law.variables] == [False, True, True]
    assert law.indices[0].labels == ("1", "2")
    assert law.family == "mine"


@pytest.mark.parametrize(
    ("old", "new", "needles"),
    [
        ("bounds = [0.0, 5.0]\n", "", ("[mine.parameters.alpha]", "'bounds' is missing", "inf]")),
        ("size = 2", "size = 0", ("[mine.indices.domains]", "between 1 and 60", "got 0")),
        ("size = 2", "size = true", ("[mine.indices.domains]", "a list of labels", "True")),
        ("size = 2", "size = 2.5", ("[mine.indices.domains]", "a list of labels", "2.5")),
        ("size = 2", 'labels = ["a", "a"]', ("[mine.indices.domains]", "different labels", "a, a")),
        ("size = 2", 'labels = ["a-b"]', ("[mine.indices.domains]", "letters, digits", "'a-b'")),
        ("size = 2", 'labels = [""]', ("[mine.indices.domains]", "letters, digits", "''")),
        ("size = 2", "labels = []", ("[mine.indices.domains]", "got none")),
        ("size = 2", 'letter = "ij"', ("[mine.indices.domains]", "one letter", "'ij'")),
        ("size = 2", "number = 2", ("[mine.indices.domains]", "unknown key 'number'", "size")),
        ('over = "domains"\nbounds', 'over = "breaks"\nbounds', ("parameters.C]", "'breaks'")),
        ("typical = [1.0, 2.0]", "typical = [1.0]", ("parameters.C] typical", "2 values", "got 1")),
        ("typical = 400.0", "typical = -1.0", ("parameters.A] typical", "-1", "bounds")),
        ("typical = 400.0", "typical = nan", ("parameters.A] typical", "a number", "nan")),
        ("range = [1e7, 1e10]", "range = [1e10, 1e7]", ("[mine]", "'N'", "range")),
        ("range = [1e7, 1e10]", "range = [0.0, 1e7]", ("[mine]", "'N'", "log = false")),
        ("C[i]*h[i]", "C[j]*h[j]", ("[mine]", "one index", "i")),
        ("sum(C[i]*h[i])", "C[i]*h[i]", ("[mine]", "'C[i]'", "outside of sum")),
    ],
)
def test_a_spoilt_form_is_named_by_file_and_key(tmp_path: Path, old, new, needles):
    assert FORM.count(old) >= 1
    path = tmp_path / "mine.toml"
    path.write_text(FORM.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(LawError) as caught:
        read_family(path)
    message = str(caught.value)
    for needle in ("mine.toml [mine", *needles):
        assert needle in message, message
    assert message.count("mine.toml") == 1
