"""Finds the root cause of connectivity incidents in exported logs.

``analyze(AnalyzeRequest(inputs=("logs/",)))`` returns a ``Report``. Read ``logcorr/api.py`` first: it is the pipeline.
"""

TYPE_CHECKING = False  # typing's own would be loaded for its sake
if TYPE_CHECKING:
    from logcorr.api import AnalyzeRequest, analyze
    from logcorr.errors import LogcorrError
    from logcorr.model import Report

__all__ = ["AnalyzeRequest", "LogcorrError", "Report", "__version__", "analyze"]
__version__ = "0.1.0"

_HOMES = {
    "AnalyzeRequest": "logcorr.api",
    "LogcorrError": "logcorr.errors",
    "Report": "logcorr.model",
    "analyze": "logcorr.api",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that ``logcorr --help`` stays fast."""
    if name in _HOMES:
        from importlib import import_module  # noqa: PLC0415  # as above

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
