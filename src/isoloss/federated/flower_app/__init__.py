"""Federated training with Flower: for the sweep, and for models and machines of your own.

    >>> from isoloss.federated.flower_app import write_app
    >>> folder = write_app("my_app")  # doctest: +SKIP

`write_app` writes a Flower app whose `model.py` a person replaces by their own. It needs Flower to
run (`pip install 'isoloss[federated]'`), and no isoloss. `isoloss.federated.sweep.run_sweep` with
`engine="flower"` trains the sweep's runs through Flower's simulation.
"""

from isoloss.federated.flower_app.interface import Model
from isoloss.federated.flower_app.write import write_app

__all__ = ["Model", "write_app"]
