"""Forecasts of curves of one input: loss or error against data, steps or compute.

>>> from isoloss.trust.curves import forecast
>>> x = [2**i for i in range(12)]
>>> y = [0.2 + 0.7 * v**-0.4 for v in x]
>>> round(float(forecast(x, y, at=2**13).value[0]), 2)
0.22
"""

from isoloss.trust.curves.forecast import Forecast, forecast

__all__ = ["Forecast", "forecast"]
