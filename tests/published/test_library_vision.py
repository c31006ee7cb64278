"""Published laws of vision models against what their sources report."""

from __future__ import annotations

import numpy as np
import pytest

from isoloss.law import forms, published_laws

PF_DAY = 8.64e19


def value(law: str, at: dict, coefficients: str | None = None) -> float:
    return published_laws()[law].evaluate(at, coefficients).value


# ---- Henighan et al. 2020, arXiv 2010.14701, Table 1


def test_autoregressive_laws_at_a_point():
    assert value("henighan2020_N", {"N": 1e9}, "image_32x32") == pytest.approx(
        2.31585486391741, rel=1e-9
    )
    assert value("henighan2020_C", {"C": PF_DAY}, "video_vq_16x16x16") == pytest.approx(
        1.1728123069840068, rel=1e-9
    )
    assert value("henighan2020_Nopt", {"C": PF_DAY}, "image_32x32") == pytest.approx(
        207645254.99192852, rel=1e-9
    )


def test_the_three_laws_of_a_domain_were_fitted_apart():
    library = published_laws()
    size = library["henighan2020_N"].values("video_vq_16x16x16")["alpha_N"]
    compute = library["henighan2020_C"].values("video_vq_16x16x16")["alpha_C"]
    best = library["henighan2020_Nopt"].values("video_vq_16x16x16")["b"]
    assert size * best == pytest.approx(0.170, abs=5e-4)
    assert size * best == pytest.approx(compute, rel=0.25)
    # a consistent surface would have them equal
    assert size * best != pytest.approx(compute, rel=0.15)


def test_best_size_of_language_is_that_of_kaplan():
    # (1/3.3e-13)**0.73 and the prefactor 1.3e9 of Kaplan et al. 2020
    assert value("henighan2020_Nopt", {"C": PF_DAY}, "language") == pytest.approx(1.293e9, rel=1e-3)


# ---- Zhai et al. 2021, arXiv 2106.04560


@pytest.mark.parametrize(
    ("coefficients", "error", "reported"),
    # reported: ViT-G/14 after fine-tuning and from 10 examples a class
    [("imagenet_finetune", 0.1003, 0.9045), ("imagenet_10shot", 0.153, 0.8486)],
)
def test_vision_transformers_at_ten_thousand_core_days(coefficients, error, reported):
    found = value("zhai2021_vit", {"C": 1e4}, coefficients)
    assert found == pytest.approx(error, rel=0.02)
    assert 1 - found == pytest.approx(reported, abs=0.006)


# ---- Alabdulmohsin et al. 2023, arXiv 2305.13035


def test_the_best_shape_grows_with_the_exponent_of_the_closed_form():
    form = forms()["shape"]
    at = {p.name: float(p.typical or 0) for p in form.parameters}
    x = np.geomspace(1.0, 1e4, 200_001)
    best = [x[np.argmin(form(at | {"x": x, "C": compute}))] for compute in (1e19, 1e21)]
    growth = np.log(best[1] / best[0]) / np.log(100.0)
    assert growth == pytest.approx(at["c"] / (at["a"] + at["b"]), rel=1e-3)
    closed = (at["A"] * at["a"] * 1e19 ** at["c"] / (at["B"] * at["b"])) ** (
        1 / (at["a"] + at["b"])
    )
    assert best[0] == pytest.approx(closed, rel=1e-3)


def test_mlp_grows_faster_than_depth_and_depth_faster_than_width():
    entry = published_laws()["alabdulmohsin2023_sovit"]
    width, depth, mlp = (entry.values(name)["s"] for name in ("width", "depth", "mlp"))
    assert width < depth < mlp
