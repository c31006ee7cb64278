"""Large printed errors of positive scales: what they say about the logarithm that is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from isoloss.law.published.evaluate import draws
from tests.unit.published_cases import power, read

ALPHA = 'alpha = { value = "0.36585", exact = true }'


def drawn(value: str, se: float) -> np.ndarray:
    entry = read(power(f'A = {{ value = "{value}", se = "{se}" }}\n{ALPHA}'))
    return draws(entry, entry.coefficients())[0]["A"]


@pytest.mark.parametrize("share", [0.01, 0.2, 0.62, 1.5])
def test_draws_have_the_printed_standard_error(share):
    """The sd of a lognormal is more than its width: exp(w*w/2)*sqrt(exp(w*w) - 1) of the median."""
    found = drawn("2085.4342", share * 2085.4342)
    w = float(np.std(np.log(found)))
    spread = 2085.4342 * math.exp(w * w / 2) * math.sqrt(math.expm1(w * w))
    assert spread == pytest.approx(share * 2085.4342, rel=0.05)
    assert np.median(found) == pytest.approx(2085.4342, rel=0.05)
    assert found.min() > 0
    if share > 0.5:
        assert w < 0.9 * share


def test_a_scale_and_its_exponent_cancel_where_the_runs_lie():
    """Known to a percent at N = 1e9, though the scale alone is known to a factor of two."""
    w, at = 0.55, math.log(1e9)
    se = 2000 * math.exp(w * w / 2) * math.sqrt(math.expm1(w * w))
    rest = 0.01
    slope = math.sqrt(w * w - rest * rest) / at
    rho = math.sqrt(1 - (rest / w) ** 2)
    numbers = f'A = {{ value = "2000.0000", se = "{se}" }}\n'
    numbers += f'alpha = {{ value = "0.3658500", se = "{slope}" }}'
    text = power(numbers)
    text += f'[mine.correlation]\nnames = ["A", "alpha"]\nmatrix = [[1, {rho}], [{rho}, 1]]\n'
    found = read(text).evaluate({"N": 1e9})
    assert math.log(found.high / found.low) / (2 * 1.645) == pytest.approx(rest, rel=0.1)
