"""A router that loses one of its uplinks and keeps another has not lost the internet."""

from __future__ import annotations

from pathlib import Path

import pytest

from logcorr.api import AnalyzeRequest, analyze
from logcorr.model import Verdict

NAMES = {
    "peplink": ("WAN1", "WAN2"),
    "dpinger": ("FIBRE_DHCP", "LTE_GW"),
    "openwrt": ("wan", "wanb"),
    "omada": ("WAN1", "SFP WAN2"),
}
DOWN = {
    "peplink": ["balance: {it} is down", "balance: {it} connection: down"],
    "dpinger": [
        "dpinger[388]: {it} 198.51.100.1: Alarm latency 0us stddev 0us loss 100%",
        "php-fpm[355]: /rc.openvpn: MONITOR: {it} is down, omitting from routing group MAIN 198.51.100.1|x|{it}|0ms",
    ],
    "openwrt": ["netifd: Interface '{it}' is now down", "mwan3track[2002]: Interface {it} (eth2) is offline"],
    "omada": ["omada-controller: [gateway:Main:02-00-5E-10-00-01]: The online detection result of [{it}] was offline."],
}
UP = {
    "peplink": "balance: {it} is up",
    "dpinger": "dpinger[388]: {it} 198.51.100.1: Clear latency 15211us stddev 4112us loss 0%",
    "openwrt": "mwan3track[2002]: Interface {it} (eth2) is online",
    "omada": "omada-controller: [gateway:Main:02-00-5E-10-00-01]: The online detection result of [{it}] was online.",
}
SURE = ("likely", "confirmed")


def _verdict(tmp_path: Path, *lines: str) -> Verdict:
    around = ("07:00:00 gw1 CRON[1]: (root) CMD (true)", *lines, "13:00:00 gw1 CRON[2]: (root) CMD (true)")
    (tmp_path / "all.log").write_text(
        "".join("2026-03-14T{}+00:00 {}\n".format(*line.split(" ", 1)) for line in sorted(around))
    )
    return analyze(AnalyzeRequest(inputs=[str(tmp_path)])).verdict


def _lost(make: str, thing: str, at: str = "10:00", until: str = "10:20") -> list[str]:
    down = [f"{at}:0{second} gw1 {line.format(it=thing)}" for second, line in enumerate(DOWN[make])]
    return [*down, f"{until}:00 gw1 {UP[make].format(it=thing)}"]


def _missed(*minutes: int) -> list[str]:
    error = "www tailscaled[812]: magicsock: [0xc0005a6f7c] derp.Recv(derp-4): read tcp4 192.168.0.100:50166->198.51.100.8:443: read: connection reset by peer"  # noqa: E501  a line of a log
    return [f"10:{minute:02}:10 {error}" for minute in minutes]


@pytest.mark.parametrize("make", NAMES)
def test_one_of_two_uplinks_is_named_and_nothing_more_is_claimed(make: str, tmp_path: Path) -> None:
    kept, lost = NAMES[make]
    said = _verdict(tmp_path, f"08:00:00 gw1 {UP[make].format(it=kept)}", *_lost(make, lost))
    assert (said.cause, said.status) == ("wan-outage", "possible")
    assert said.title == f"The router lost its uplink {lost}, and {kept} stayed up"
    assert "nothing shows that anybody missed" in said.reason
    assert said.summary.startswith(f"{said.title}.")


@pytest.mark.parametrize("make", NAMES)
def test_both_uplinks_lost_are_an_outage(make: str, tmp_path: Path) -> None:
    one, two = NAMES[make]
    up = f"08:00:00 gw1 {UP[make].format(it=one)}"
    said = _verdict(tmp_path, up, *_lost(make, two), *_lost(make, one, "10:05", "10:25"))
    assert said.cause == "wan-outage"
    assert said.title == "The router lost its internet uplink"
    assert "missed" not in said.reason


@pytest.mark.parametrize("make", NAMES)
def test_the_other_was_down_before(make: str, tmp_path: Path) -> None:
    one, two = NAMES[make]
    before = _lost(make, one, "08:00", "12:30")
    assert "stayed up" not in _verdict(tmp_path, *before, *_lost(make, two)).title


def test_users_who_miss_the_one_that_is_lost_make_it_likely(tmp_path: Path) -> None:
    up = f"08:00:00 gw1 {UP['peplink'].format(it='WAN1')}"
    said = _verdict(tmp_path, up, *_lost("peplink", "WAN2"), *_missed(1, 2, 4, 6, 9))
    assert (said.cause, said.status in SURE) == ("wan-outage", True)
    assert said.title == "The router lost its uplink WAN2, and WAN1 stayed up"


@pytest.mark.parametrize(
    "layer",
    [
        "08:00:00 gw1 netifd: Interface 'wan6' is now up",
        "08:00:00 gw1 netifd: Interface 'wan_6' is now up",
        "08:00:00 gw1 pppd[77]: local  IP address 203.0.113.9",  # the session over the same line
    ],
)
def test_another_layer_of_the_same_line_is_no_other_uplink(layer: str, tmp_path: Path) -> None:
    said = _verdict(tmp_path, layer, *_lost("openwrt", "wan"))
    assert (said.cause, said.status in SURE, said.title) == ("wan-outage", True, "The router lost its internet uplink")
