"""Metrics in tables: what a table of numbers is of, as its headings and its file's path say, and what is none."""

from io import BytesIO

import pytest

from logcorr import parsers
from logcorr.schema import Source

GRAFANA = """"Time","{device=""eno1"", instance=""srv1:9100""}"
2026-03-14 13:10:01,812.5
2026-03-14 13:11:01,9
"""
PLAIN = """time,host,iface,rx_errors,rx_dropped
2026-03-14T13:10:01Z,srv1,eno1,812,
2026-03-14T13:11:01Z,srv1,eno1,813,1
"""


def read(text: str, name: str = "x.csv") -> Source:
    source = parsers.read(name, BytesIO(text.encode()))
    assert source.lines == source.rows.height + source.unparsed.height + source.continuation + source.markers
    return source


@pytest.mark.parametrize(
    ("name", "text", "host", "message"),
    [
        ("net_errors.eno1.csv", "time,inbound,outbound\n2026-03-14 13:10:02,5,0\n2026-03-14 13:10:01,0,0\n",
         None, "eno1: net_errors.inbound 5, net_errors.outbound 0"),
        ("csv/srv1/interface-eno1/if_errors-2026-03-14", "epoch,rx,tx\n1773493801.123,5,0\n1773493811.124,9,0\n",
         "srv1", "eno1: if_errors.rx 5, if_errors.tx 0"),
        ("export.csv", GRAFANA, None, "eno1: value 812.5"),
        ("export.csv", PLAIN, "srv1", "eno1: rx_errors 812"),
        ("export.csv", "time,host,metric,value\n2026-03-14T13:10:01Z,srv1,conntrack_count,262144\n",
         "srv1", "export: conntrack_count 262144"),
    ],
)  # fmt: skip
def test_tables_of_numbers(name: str, text: str, host: str | None, message: str) -> None:
    rows = read(text, name).rows
    assert rows["message"][0] == message
    assert rows["host"][0] == host
    assert set(rows["transport"]) == {"metric"}


def test_gaps_in_samples_are_no_lines_that_were_not_understood() -> None:
    source = read("time,free\n2026-03-14 13:10:01,5\n2026-03-14 13:10:02,null\n2026-03-14 13:10:03,4\n")
    assert source.rows.height == 2
    assert source.unparsed.height == 0


def test_mtr_as_csv() -> None:
    text = (
        "Mtr_Version,Start_Time,Status,Host,Hop,Ip,Loss%,Snt, ,Last,Avg,Best,Wrst,StDev,\n"
        "MTR.0.95,1773493801,OK,vps1.example,1,192.0.2.1,0.00,10,0,0.41,0.50,0.30,1.10,0.10\n"
        "MTR.0.95,1773493801,OK,vps1.example,2,203.0.113.9,45.00,10,0,9.40,9.50,8.30,9.10,3.10\n"
    )
    rows = read(text).rows
    assert rows["message"][1].startswith("hop 2 203.0.113.9: sent 10, lost-percent 45.00, last 9.40")
    assert rows["stamp"].n_unique() == 1


@pytest.mark.parametrize(
    "text",
    [
        "Time,Level,Content\n2026-03-14 13:10:01,Info,link lost\n",
        "time,src,dst,bytes\n2026-03-14 13:10:01,192.0.2.1,192.0.2.9,40\n",
    ],
)
def test_tables_with_other_text_are_logs(text: str) -> None:
    assert read(text).rows["transport"].null_count() == 1
