"""The claims: verdicts by law and by runs, what they rest on, and what points the other way."""

from __future__ import annotations

import pytest

from isoloss.exceptions import PlanError
from isoloss.federated import check_claims, fit_federated
from isoloss.federated.provenance import MEANING
from tests.federated.cases import table

LETTERS = ["a", "b", "c", "d", "e"]


def verdicts(found):
    return {letter: found.verdict(letter) for letter in LETTERS}


def test_a_law_alone_cannot_tell_what_rho_decides():
    found = check_claims("hoffmann2022_a3")
    assert verdicts(found) == {
        "a": "supported",
        "b": "supported",
        "c": "cannot tell",
        "d": "cannot tell",
        "e": "cannot tell",
    }
    assert "rho > 0" in found.evidence["c"][0].rests_on


@pytest.mark.parametrize(
    ("rho", "c", "d", "e"),
    [
        (1, "supported", "supported", "supported"),
        ("diloco", "supported", "supported", "contradicted"),
        (0, "contradicted", "contradicted", "contradicted"),
        ((0.3, 0.8), "supported", "supported", "cannot tell"),
    ],
)
def test_rho_decides(rho, c, d, e):
    found = verdicts(check_claims(rho=rho))
    assert (found["c"], found["d"], found["e"]) == (c, d, e)


@pytest.mark.parametrize(
    ("rho", "expected"),
    [
        (1.0, {"c": "supported", "d": "supported", "e": "supported"}),
        (0.0, {"c": "contradicted", "d": "contradicted", "e": "contradicted"}),
    ],
)
def test_runs_decide_over_the_law(rho, expected):
    runs = table(rho, seeds=5, clients=(1, 10, 100), budgets=(1e19, 1e20, 1e21))
    found = check_claims(runs=runs, rho="diloco")
    for letter, verdict in expected.items():
        assert found.verdict(letter) == verdict
        assert found.decided_by(letter) == "runs"
        runs_say = found.evidence[letter][1]
        assert runs_say.kind == "runs"
        assert "these runs" in runs_say.rests_on
    assert found.decided_by("a") == "law"
    assert "by the law alone" in found.words("a")


def test_noise_cannot_tell():
    found = check_claims(runs=table(0.1, noise=0.05, seeds=3), rho=None)
    assert found.evidence["c"][1].verdict == "cannot tell"


def test_runs_that_form_no_sweeps_cannot_tell(shared):
    found = check_claims(
        runs=shared / "data/diloco_eval_loss.csv",
        map="N=params_nominal,loss=eval_loss",
        where="algorithm == 'diloco'",
    )
    assert {found.evidence[letter][1].verdict for letter in LETTERS} == {"cannot tell"}


def test_contrary_literature_is_named():
    text = str(check_claims())
    for name in ("Sefidgaran", "arXiv:2411.02908", "slope is -0.022", "2.086 against 2.090"):
        assert name in text
    assert "abstract only" in text


def test_every_line_has_its_provenance():
    document = check_claims(runs=table(1.0, seeds=3)).to_document()
    for claim in document["claims"]:
        assert claim["provenance"] == ["abstract"]
        for evidence in claim["evidence"]:
            assert evidence["provenance"]
            assert set(evidence["provenance"]) <= set(MEANING)
        for contrary in claim["contrary"]:
            assert contrary["provenance"] in MEANING


def test_a_fitted_law_is_checked_against_its_own_runs():
    made = fit_federated(table(0.8), draws=200)
    found = check_claims(made)
    assert found.verdict("c") == found.verdict("d") == "supported"
    assert found.evidence["c"][0].provenance == ("your runs",)
    assert len(found.evidence["c"]) == 2


@pytest.mark.parametrize("wrong", [{"clients": 1}, {"clients": "x"}, {"flops": 0}])
def test_questions_that_cannot_be(wrong):
    with pytest.raises(PlanError, match=next(iter(wrong))):
        check_claims(**wrong)
