"""A million rows are read in seconds of processor time, however busy the machine is."""

import json
import random
import time

import numpy as np
import pandas as pd
import pytest

from isoloss.errors.items import models_of
from isoloss.errors.readers import read_items
from tests.errors.reader_cases import choice_sample

pytestmark = pytest.mark.slow
MODELS = models_of({f"m-{k}b": {"family": "m", "params": f"{k + 1}B"} for k in range(10)})
QUESTIONS = 100_000


@pytest.fixture(scope="module")
def frame():
    """Answers of ten models to 100,000 questions."""
    rng = np.random.default_rng(0)
    count = 10 * QUESTIONS
    item = np.tile(np.arange(QUESTIONS), 10)
    gold = np.array(list("ABCD"))[np.tile(rng.integers(0, 4, QUESTIONS), 10)]
    said = np.array(list("ABCD"))[rng.integers(0, 4, count)]
    return pd.DataFrame(
        {
            "model": [f"m-{k}b" for k in np.repeat(np.arange(10), QUESTIONS)],
            "item": item,
            "task": [f"t{k % 57}" for k in item],
            "gold": gold,
            "prediction": said,
            "correct": (gold == said).astype(int),
            "raw": [f"The answer is {one} ({k})" for k, one in enumerate(said)],
            "loss": rng.random(count),
        }
    )


@pytest.mark.parametrize(("ending", "most"), [("csv", 25.0), ("parquet", 5.0)])
def test_a_million_rows(tmp_path, frame, ending, most):
    path = tmp_path / f"a.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    start = time.process_time()
    items = read_items(path, models=MODELS)
    assert time.process_time() - start < most
    assert len(items) == len(frame)
    assert items.correct.tolist() == frame["correct"].tolist()


def test_thirty_thousand_samples_of_lm_eval(tmp_path):
    draw = random.Random(0)
    path = tmp_path / "m-1b" / "samples_t.jsonl"
    path.parent.mkdir()
    with path.open("w") as file:
        for k in range(30_000):
            sums = [-draw.random() * 20 for _ in range(4)]
            sample = choice_sample(k, sums, k % 4, prompt="Shots before the question. " * 20)
            file.write(json.dumps(sample) + "\n")
    start = time.process_time()
    items = read_items(path, models=MODELS)
    assert time.process_time() - start < 3.0
    assert len(items) == 30_000
