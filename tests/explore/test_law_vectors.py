"""The page's laws and Python's at shared points: every form that has numbers, draws included."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from isoloss.exceptions import IsolossError
from isoloss.explore.bundle import make_bundle
from isoloss.explore.entry import published_entry
from isoloss.law import published_laws
from isoloss.law.find import find_law
from tests.explore.node import run

POINTS = 3


def laws():
    """Every published law and set that a page can show."""
    for entry in published_laws().values():
        for name in entry.sets:
            try:
                document, law = published_entry(entry, name, draws=4)
            except IsolossError:
                continue
            yield document, law


def points(document, rng):
    """Inputs of a few points within the span of each variable."""
    rows = []
    for _ in range(POINTS):
        row = []
        for v in document["variables"]:
            share, low, high = rng.random(), v["low"], v["high"]
            row.append(low * (high / low) ** share if v["log"] else low + (high - low) * share)
        rows.append(row)
    return rows


def test_values_in_the_page_are_those_of_python_over_every_published_law():
    rng = np.random.default_rng(0)
    documents, cases, wanted = [], [], []
    made = list(laws())
    forms = {law.formula for _, law in made}
    for document, law in made:
        documents.append((document["key"], law))
        natural = np.frombuffer(base64.b64decode(document["theta"]["data"]))
        theta = natural.reshape(document["theta"]["rows"], -1)
        for row in points(document, rng):
            cases.append([document["key"], row, theta.tolist()])
            values = [
                float(
                    law(
                        dict(zip(law.variable_names, row, strict=True))
                        | dict(zip(law.parameter_names, numbers, strict=True))
                    )
                )
                for numbers in theta
            ]
            wanted.append(values)
    assert len(cases) >= 500
    assert len(forms) >= 50
    found = evaluate(documents, cases)
    for case, ours, theirs in zip(cases, wanted, found, strict=True):
        for a, b in zip(ours, theirs, strict=True):
            if not np.isfinite(a):
                assert b is None
            else:
                assert b == pytest.approx(a, rel=1e-9, abs=1e-12), case[:2]


def evaluate(documents, cases):
    """Values by `one` and `many` of the generated module, which must agree to the last bit."""
    from isoloss.explore.javascript import laws_module

    return run(
        """
        const text = given.module;
        const address = "data:text/javascript;base64," + Buffer.from(text).toString("base64");
        const { functions } = await import(address);
        answer(given.cases.map(([key, x, theta]) => {
          const { one, many } = functions[key];
          const out = new Float64Array(theta.length);
          many(out, Float64Array.from(theta.flat()), x);
          theta.forEach((p, i) => { if (!Object.is(one(x, p), out[i])) throw new Error(key); });
          return [...out];
        }));
        """,
        {"module": laws_module(documents), "cases": cases},
    )


def test_a_law_with_hostile_looking_names_stays_a_formula():
    law = find_law("E + A/N**alpha + constructor/D**beta")
    found = evaluate([("x", law)], [["x", [10.0, 100.0], [[1.0, 2.0, 0.5, 3.0, 0.25]]]])
    values = dict(zip(law.parameter_names, [1.0, 2.0, 0.5, 3.0, 0.25], strict=True))
    assert found[0][0] == pytest.approx(float(law({"N": 10.0, "D": 100.0, **values})), rel=1e-12)


def test_every_law_to_start_with_is_in_the_first_bundle():
    from isoloss.explore.bundle import START

    keys = [entry["key"] for entry in make_bundle().document["laws"]]
    assert len(keys) == len(START)
