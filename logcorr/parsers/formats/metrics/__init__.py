"""Metrics: numbers sampled at intervals, as sysstat, Prometheus, netdata, collectd and spreadsheets keep them.

A module for each layout makes records of one form (``points``): the time, the host, and as the message what was
measured and each metric with its value, ``eno1: rxerr/s 0.00, txerr/s 0.00``. What changed is found on the timeline.
"""

from logcorr.parsers.formats.metrics.naming import named
from logcorr.parsers.formats.metrics.points import TRANSPORT
from logcorr.parsers.formats.metrics.ranges import RANGES
from logcorr.parsers.formats.metrics.sadf import SADF, SADF_JSON
from logcorr.parsers.formats.metrics.sar import SAR

__all__ = ["RANGES", "SADF", "SADF_JSON", "SAR", "TRANSPORT", "named"]
