"""The distillation law: the numbers that its source prints."""

from __future__ import annotations

import pytest

from isoloss.law import published_laws


def supervised(n: float, d: float) -> float:
    return published_laws()["busbridge2025_supervised"].evaluate({"N": n, "D": d}).value


def student(n: float, d: float, teacher: float) -> float:
    at = {"N": n, "D": d, "teacher_loss": teacher, "supervised_loss": supervised(n, d)}
    return published_laws()["busbridge2025_distill"].evaluate(at).value


def test_busbridge_student_of_half_a_billion():
    # updates.yaml: N_S = 546M, D = 10.9B, teacher 2.1: student 2.392, without a teacher 2.515
    assert supervised(546e6, 10.9e9) == pytest.approx(2.515, abs=1e-3)
    assert student(546e6, 10.9e9, 2.1) == pytest.approx(2.392, abs=1e-3)


def test_busbridge_exponents_of_the_best_student():
    # updates.yaml, Table 6: a' = 0.664, b' = 0.335, from the printed exponents within rounding
    v = published_laws()["busbridge2025_distill"].values()
    total = v["alpha"] + v["beta"]
    assert v["beta"] / total == pytest.approx(0.664, abs=2e-3)
    assert v["alpha"] / total == pytest.approx(0.335, abs=2e-3)


def test_busbridge_a_teacher_that_is_too_strong_does_not_help():
    # the capacity gap: the best teacher of a small student is not the best teacher
    losses = {teacher: student(198e6, 4e9, teacher) for teacher in (2.6, 2.3, 2.0, 1.7, 1.5)}
    best = min(losses, key=lambda teacher: losses[teacher])
    assert 1.7 <= best <= 2.3
    assert losses[1.5] > losses[best] + 0.005


def test_busbridge_intervals_hold_their_values():
    numbers = published_laws()["busbridge2025_distill"].coefficients().numbers
    # Table 6 prints 90 % intervals of all constants; that of c_1 was not read
    assert [n.name for n in numbers.values() if n.interval is None] == ["c_1"]
    assert {n.level for n in numbers.values() if n.interval} == {0.9}
    assert not any(n.outside_own_interval for n in numbers.values())
