"""The view that every contestant draws: loss over size at one budget, with a band of the draws.

Plain NumPy. The task stands in a JSON file, named by the environment variable EXPLORE_TASK: `point`
and `draws` of E, A, alpha, B, beta, and `low`, `high`, `step` of the slider in log10 FLOP.
"""

import json
import os
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

GRID, LEVEL, SPAN = 160, 0.9, 12
TASK = json.loads(Path(os.environ["EXPLORE_TASK"]).read_text(encoding="utf-8"))
POINT, DRAWS = np.asarray(TASK["point"]), np.asarray(TASK["draws"])


def best(theta: np.ndarray, C: float) -> np.ndarray:
    """The size with the least loss, in closed form."""
    _, A, alpha, B, beta = np.atleast_2d(theta).T
    return (alpha * A / (beta * B) * (C / 6) ** beta) ** (1 / (alpha + beta))


def loss(theta: np.ndarray, C: float, N: np.ndarray) -> np.ndarray:
    """(rows, sizes)."""
    E, A, alpha, B, beta = (column[:, None] for column in np.atleast_2d(theta).T)
    return E + A / N**alpha + B / (C / (6 * N)) ** beta


def answer(log_c: float) -> tuple[str, go.Figure]:
    """The optimum in words, and the figure."""
    C = 10.0**log_c
    N = float(best(POINT, C)[0])
    tails = [50 - 50 * LEVEL, 50 + 50 * LEVEL]
    low, high = np.percentile(best(DRAWS, C), tails)
    sizes = np.geomspace(N / SPAN, N * SPAN, GRID)
    curve = loss(POINT, C, sizes)[0]
    below, above = np.percentile(loss(DRAWS, C, sizes), tails, axis=0)
    figure = go.Figure(
        [
            go.Scatter(
                x=np.concatenate([sizes, sizes[::-1]]),
                y=np.concatenate([below, above[::-1]]),
                fill="toself",
                mode="lines",
                line={"width": 0},
                hoverinfo="skip",
            ),
            go.Scatter(x=sizes, y=curve, mode="lines"),
            go.Scatter(x=[N], y=[loss(POINT, C, np.array([N]))[0, 0]], mode="markers"),
        ]
    )
    figure.update_layout(
        xaxis={"type": "log", "title": "parameters N"},
        yaxis={"title": "loss, nats/token"},
        showlegend=False,
        height=380,
    )
    return f"{N:.6g} parameters, 90 % {low:.3g} to {high:.3g}", figure
