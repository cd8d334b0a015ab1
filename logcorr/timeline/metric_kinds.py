"""Which metrics tell of trouble, and how: by their names in sysstat, Prometheus' exporters, collectd, netdata and SNMP.

References: sar(1); node_exporter collector/netdev_*.go, netstat_linux.go, conntrack_linux.go, filesystem_common.go;
blackbox_exporter prober/; collectd types.db; netdata proc.plugin; RFC 2863 (IF-MIB).
"""

from __future__ import annotations

from typing import Final

import polars as pl

from logcorr.dataclass import dataclass

_SIDE: Final = r"(?i)rx|receive|(?:^|[._])in|ifHC?In|inbound"


@dataclass(frozen=True, slots=True)
class Kind:
    """Metrics of one meaning. ``thing`` (a regex) is what they have to be of; ``share``: the scale, where 1 is all."""

    id: str
    names: str
    thing: str = ""
    share: float = 1.0


#: What counts packets in error or dropped; a rise is told as the counter's growth.
COUNTED: Final = (
    Kind("errors",
         r"^(?:[rt]x(?:err|fram|fifo|carr)(?:/s)?|coll(?:/s)?"
         r"|node_network_(?:receive|transmit)_(?:errs|fifo|frame|carrier|colls)(?:_total)?|if(?:In|Out)Errors(?:_total)?"
         r"|if_(?:rx_|tx_)?errors[\w-]*\.\w+|net_(?:errors|fifo)\.\w+)$"),
    Kind("dropped",
         r"^(?:[rt]xdrop(?:/s)?|node_network_(?:receive|transmit)_drop(?:_total)?|if(?:In|Out)Discards(?:_total)?"
         r"|if_(?:rx_|tx_)?dropped[\w-]*\.\w+|net_drops\.\w+)$"),
)  # fmt: skip
#: What is told as a value that rose from what it was.
RISING: Final = (
    Kind("retransmits", r"^(?:retrans(?:/s)?|node_netstat_Tcp_RetransSegs|\w*tcperrors\.RetransSegs|RetransSegs)$",
         r"^(?:tcp|system|\?|[\w.-]*tcp\w*|\S+)$"),
    Kind("steal", r"^(?:%?steal(?:-percent)?|system_cpu\.steal|cpu\.steal|steal\.value|node_cpu_seconds_total)$",
         r"(?i)^cpu|steal"),
    Kind("loss", r"(?i)^(?:.*packet_?loss\w*(?:\.\w+)?|.*loss_(?:percent|ratio)|ping_droprate[\w-]*\.\w+|probe_loss)$"),
    Kind("round-trip", r"(?i)^(?:probe_(?:icmp_)?duration_seconds|smokeping_response.*_(?:avg|median)|ping_rtt\w*"
                       r"|ping[\w-]*\.(?:value|ping)|.*(?:latency|rtt)(?:_(?:ms|seconds|avg|mean))?)$"),
)  # fmt: skip
#: What cannot be fuller: a share of its limit (``share`` is all of it).
FULL: Final = (
    Kind("space", r"^(?:%ufsused|ufsused-percent|disk_used_percent|percent_bytes[\w-]*used\.\w+)$", share=100),
    Kind("inodes", r"^(?:%Iused|Iused-percent|disk_inodes_used_percent|percent_inodes[\w-]*used\.\w+)$", share=100),
    Kind("swap", r"^(?:%swpused|swpused-percent)$", share=100),
)  # fmt: skip
#: What is full where the first is as much as the second: used and limit of one thing.
PAIRS: Final = (
    ("conntrack", r"^(?:node_nf_conntrack_entries|nf_conntrack_count|conntrack_count|conntrack\.(?:value|entropy))$",
     r"^(?:node_nf_conntrack_entries_limit|nf_conntrack_max|conntrack_max|conntrack-max\.value)$"),
    ("file-handles", r"^(?:node_filefd_allocated|process_open_fds)$", r"^(?:node_filefd_maximum|process_max_fds)$"),
)  # fmt: skip
#: What is full where nothing is left of it.
SPENT: Final = (
    Kind("space", r"^(?:node_filesystem_avail_bytes|disk_space\.avail)$"),
    Kind("inodes", r"^(?:node_filesystem_files_free|disk_inodes\.avail)$"),
)
#: Traffic, which ends where a way is cut.
TRAFFIC: Final = Kind(
    "traffic",
    r"^(?:[rt]xpck(?:/s)?|node_network_(?:receive|transmit)_(?:packets|bytes)(?:_total)?|if_packets[\w-]*\.[rt]x"
    r"|if(?:HC)?(?:In|Out)(?:Octets|UcastPkts)(?:_total)?|net_packets\.\w+)$",
)
#: 1 while a card has a link.
CARRIER: Final = Kind("carrier", r"^node_network_(?:carrier|up)$")
#: Processes that the kernel OOM-killed.
KILLED: Final = Kind("killed", r"^node_vmstat_oom_kill(?:_total)?$")

_COUNTERS: Final = r"(?:_total|_count)$|^node_(?:netstat|vmstat)_\w+$|^if(?:HC)?(?:In|Out)\w+$"
#: collectd keeps counters as they are, unless told to store rates.
_COUNTERS_IF_RISING: Final = r"^if_\w+[\w-]*\.[rt]x$"


def of_kind(kind: Kind) -> pl.Expr:
    """Whether columns name and thing are of a kind."""
    named = pl.col("name").str.contains(kind.names)
    return named & pl.col("thing").str.contains(kind.thing) if kind.thing else named


def is_counter() -> pl.Expr:
    """Whether a series counts since some start, in the order of time within each column ``series``."""
    whole = (pl.col("value") == pl.col("value").floor()).all().over("series")
    rising = (pl.col("value").diff().fill_null(0) >= 0).all().over("series")
    late = pl.col("value").min().over("series") > 0
    return pl.col("name").str.contains(_COUNTERS) | (
        pl.col("name").str.contains(_COUNTERS_IF_RISING) & whole & rising & late
    )


def counter_name(kind: str) -> pl.Expr:
    """What the kernel calls a card's counter: ``rx_errors``, ``tx_dropped``."""
    side = pl.when(pl.col("name").str.contains(_SIDE)).then(pl.lit("rx")).otherwise(pl.lit("tx"))
    return pl.format("{}_{}", side, pl.lit(kind))
