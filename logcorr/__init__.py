"""Finds the root cause of connectivity incidents in exported logs.

``read("logs/")`` returns a ``Timeline``, ``analyze("logs/")`` a ``Report``. Read ``logcorr/api.py`` first: it is the
pipeline.
"""

TYPE_CHECKING = False  # typing's own would be loaded for its sake
if TYPE_CHECKING:
    from logcorr.errors import LogcorrError
    from logcorr.inputs.request import AnalyzeRequest
    from logcorr.notebook import Report, Timeline, analyze, read
    from logcorr.options import Options

__all__ = ["AnalyzeRequest", "LogcorrError", "Options", "Report", "Timeline", "__version__", "analyze", "read"]
__version__ = "0.2.0"

_HOMES = {
    "AnalyzeRequest": "logcorr.inputs.request",
    "LogcorrError": "logcorr.errors",
    "Options": "logcorr.options",
    "Report": "logcorr.notebook",
    "Timeline": "logcorr.notebook",
    "analyze": "logcorr.notebook",
    "read": "logcorr.notebook",
}


def __getattr__(name: str) -> object:
    """Import what is asked for when it is asked for, so that ``logcorr --help`` stays fast."""
    if name in _HOMES:
        from importlib import import_module  # noqa: PLC0415  # as above

        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is, loaded or not: completion in a notebook asks for it."""
    return __all__
