"""The view in Dash: `python explore_dash.py PORT`."""

import sys

from dash import Dash, Input, Output, dcc, html  # pyright: ignore[reportMissingImports]
from explore_task import TASK, answer

app = Dash(__name__, serve_locally=True)
start_text, start_figure = answer(TASK["start"])
app.layout = html.Div(
    [
        dcc.Slider(
            TASK["low"],
            TASK["high"],
            TASK["step"],
            value=TASK["start"],
            id="C",
            marks=None,
            updatemode="drag",
        ),
        html.P(start_text, id="optimum", className="optimum"),
        dcc.Graph(figure=start_figure, id="curve"),
    ]
)


@app.callback(Output("optimum", "children"), Output("curve", "figure"), Input("C", "value"))
def update(log_c: float):
    """A new budget."""
    return answer(log_c)


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), debug=False)
