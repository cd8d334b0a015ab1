"""Real samples of other projects (``../shared/data``): everything in them is recognised."""

from io import BytesIO
from pathlib import Path

import pytest

from logcorr import parsers
from logcorr.schema import Source

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the samples of other projects are not in ../shared/data")


def read(path: str) -> Source:
    source = parsers.read(path, BytesIO((DATA / path).read_bytes()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


def test_omada_controller() -> None:
    source = read("omada/controller.log")
    assert source.format == "omada-controller"
    assert (source.rows.height, source.unparsed.height) == (54, 0)
    lag = (source.rows["received"].dt.replace_time_zone(None) - source.rows["stamp"]).dt.total_seconds()
    assert lag.filter(lag.abs() < 86_400).len() == 53  # one line is a year off


def test_export() -> None:
    source = read("journals/export-1.txt")
    assert (source.format, source.rows.height, source.unparsed.height) == ("journal-export", 1, 0)


def test_an_export_entry_without_any_time_is_unparsed() -> None:
    source = read("journals/export-2.txt")
    assert (source.rows.height, source.markers) == (0, 2)


@pytest.mark.parametrize(
    ("path", "fmt", "records"),
    [
        ("routers/iptables-logs.log", "syslog-rfc3164", 4),
        ("routers/mikrotik-logs.log", "syslog-rfc3339", 7),
        ("routers/pf-logs.log", "syslog-rfc5424+syslog-rfc3164", 9),
        ("routers/pfsense-rfc5424-filterlog.log", "syslog-rfc5424", 4),
        ("routers/pfsense.log", "syslog-rfc3339", 39),
        ("routers/unifi-cef.log", "unifi-cef+syslog-rfc3164", 3),
        ("routers/unifi-logs.log", "syslog-rfc3164", 4),
        ("time/dst.0", "syslog-rfc3164", 10),
        ("time/rollover.0", "time-of-day", 6),
        ("time/syslog_fr.0", "syslog-rfc3164", 1),
        ("time/syslog_with_mixed_times.0", "syslog-rfc3164", 13),
        ("time/with_zones.0", "syslog-rfc5424", 3),
    ],
)
def test_recognised_in_full(path: str, fmt: str, records: int) -> None:
    source = read(path)
    assert (source.format, source.rows.height, source.unparsed.height) == (fmt, records, 0)


def test_routers_are_named() -> None:
    def programs(path: str) -> list[str]:
        return read(path).rows["program"].to_list()

    assert set(programs("routers/mikrotik-logs.log")) == {"mikrotik"}
    assert set(programs("routers/unifi-cef.log")) == {"unifi"}
    assert programs("routers/unifi-logs.log") == ["kernel", "kernel", "kernel", "sshd"]
    assert {"filterlog", "kernel", "reboot"} <= set(programs("routers/pfsense.log"))


def test_cef_time_is_utc_and_beats_the_header() -> None:
    rows = read("routers/unifi-cef.log").rows
    assert rows["stamp_kind"].to_list() == ["utc"] * 3
    assert [str(stamp) for stamp in rows["stamp"]][2] == "2025-10-26 19:01:31.807000"


def test_kernel_uptime_beside_the_wall_clock() -> None:
    assert read("routers/iptables-logs.log").rows["monotonic"].to_list()[3] == 203_842_973


def test_french_month() -> None:
    (stamp,) = read("time/syslog_fr.0").rows["stamp"]
    assert str(stamp) == "1972-08-19 11:08:37"


def test_zones_of_rfc5424_are_applied() -> None:
    rows = read("time/with_zones.0").rows
    assert [str(stamp)[:19] for stamp in rows["stamp"]] == ["2022-08-27 14:22:01"] * 3
