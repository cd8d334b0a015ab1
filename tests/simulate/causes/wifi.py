"""Scripts of wireless links. The kernel's words are those of net/mac80211/mlme.c and the drivers, the rest hostap's."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulate.machines.clock import SECOND, Clock, Window, seconds
from tests.simulate.machines.device import Device, logread
from tests.simulate.machines.host import service
from tests.simulate.machines.symptoms import dead_link
from tests.simulate.stage import Outcome, Stage

WPA = service("wpa_supplicant", transport="stdout", cmdline="/sbin/wpa_supplicant -u -s -O DIR=/run/wpa_supplicant")

#: Reasons with which access points end an association (IEEE 802.11, table 9-49; names as in net/mac80211/main.c).
REASONS = {
    1: "UNSPECIFIED",
    2: "PREV_AUTH_NOT_VALID",
    4: "DISASSOC_DUE_TO_INACTIVITY",
    5: "DISASSOC_AP_BUSY",
    6: "CLASS2_FRAME_FROM_NONAUTH_STA",
    7: "CLASS3_FRAME_FROM_NONASSOC_STA",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """The access point that the server is a station of."""

    mac: str
    ssid: str
    freq: int


def cell(stage: Stage) -> Cell:
    rng = stage.rng("cell")
    mac = f"02:00:5e:10:{rng.randrange(256):02x}:{rng.randrange(256):02x}"
    return Cell(mac, rng.choice(("office", "warehouse 2", "Halle-Nord")), rng.choice((2437, 5180, 5500, 5745)))


def supplicant(stage: Stage, at: int, text: str) -> None:
    stage.server.log(at, WPA, f"{stage.wired}: {text}")


def lost(stage: Stage, at: int, reason: int, *, own: bool = False) -> None:
    """The association is over: what wpa_supplicant and networkd say. ``own``: this side gave it up."""
    supplicant(
        stage,
        at + seconds(0.02),
        f"CTRL-EVENT-DISCONNECTED bssid={cell(stage).mac} reason={reason}{' locally_generated=1' if own else ''}",
    )
    stage.networkd.carrier(at + seconds(0.03), stage.wired, gained=False)


def associated(stage: Stage, at: int) -> None:
    """The station finds its access point again, up to the association."""
    ap, name = cell(stage), stage.wired
    supplicant(stage, at, f"SME: Trying to authenticate with {ap.mac} (SSID='{ap.ssid}' freq={ap.freq} MHz)")
    stage.kernel(at + seconds(0.01), f"{name}: authenticate with {ap.mac}")
    stage.kernel(at + seconds(0.06), f"{name}: send auth to {ap.mac} (try 1/3)")
    stage.kernel(at + seconds(0.08), f"{name}: authenticated")
    supplicant(stage, at + seconds(0.09), f"Trying to associate with {ap.mac} (SSID='{ap.ssid}' freq={ap.freq} MHz)")
    stage.kernel(at + seconds(0.1), f"{name}: associate with {ap.mac} (try 1/3)")
    stage.kernel(at + seconds(0.11), f"{name}: RX AssocResp from {ap.mac} (capab=0x1511 status=0 aid=3)")
    stage.kernel(at + seconds(0.12), f"{name}: associated")
    supplicant(stage, at + seconds(0.13), f"Associated with {ap.mac}")


def joined(stage: Stage, at: int) -> None:
    """The link stands again at ``at``, with its keys and address."""
    ap, lan = cell(stage), stage.on_server.lan
    associated(stage, at - seconds(0.6))
    supplicant(stage, at - seconds(0.3), f"WPA: Key negotiation completed with {ap.mac} [PTK=CCMP GTK=CCMP]")
    supplicant(stage, at - seconds(0.29), f"CTRL-EVENT-CONNECTED - Connection to {ap.mac} completed [id=0 id_str=]")
    stage.networkd.carrier(at - seconds(0.28), stage.wired, gained=True)
    if stage.server.systemd >= 247:
        text = f"Connected WiFi access point: {ap.ssid} ({ap.mac})"
        stage.networkd.say(at - seconds(0.27), stage.wired, text, "link_get_wlan_interface")
    stage.networkd.dhcp(at - seconds(0.1), stage.wired, f"{lan}/24", lan.rpartition(".")[0] + ".1")


def wifi_disconnected(stage: Stage, at: int) -> Outcome:
    """The access point ends the association, or is not heard any more; once or a few times."""
    rng, name, ap, start, outages = stage.rng("wifi"), stage.wired, cell(stage), at, []
    for number in range(rng.choice((1, 1, 2, 3))):
        window = Window(at, at + seconds(rng.uniform(40, 300) if number == 0 else rng.uniform(20, 90)))
        if rng.random() < 0.6:
            reason = rng.choice(tuple(REASONS))
            stage.kernel(at, f"{name}: deauthenticated from {ap.mac} (Reason: {reason}={REASONS[reason]})")
            lost(stage, at, reason)
        else:
            supplicant(stage, at - seconds(2), "CTRL-EVENT-BEACON-LOSS ")
            stage.kernel(at, f"{name}: Connection to AP {ap.mac} lost")
            lost(stage, at, 4, own=True)
        for miss in range(1, int((window.end - at) // (20 * SECOND))):
            supplicant(stage, at + miss * 17 * SECOND, "CTRL-EVENT-NETWORK-NOT-FOUND ")
        dead_link(stage, window)
        joined(stage, window.end)
        outages.append(Window(window.start, window.end + 2 * SECOND))
        at = window.end + seconds(rng.uniform(60, 240))
    return Outcome(start, outages[-1].end, tuple(outages), tuple(outages))


def wifi_handshake_failed(stage: Stage, at: int) -> Outcome:
    """The group key's renewal is lost, and the handshakes after it, until one comes through."""
    rng, name, ap = stage.rng("wifi"), stage.wired, cell(stage)
    window = Window(at, at + seconds(rng.uniform(70, 260)))
    stage.kernel(at, f"{name}: deauthenticated from {ap.mac} (Reason: 16=GROUP_KEY_HANDSHAKE_TIMEOUT)")
    lost(stage, at, 16)
    tries, again = 0, at + seconds(rng.uniform(2, 5))
    while again < window.end - 15 * SECOND:
        tries += 1
        associated(stage, again)
        stage.networkd.carrier(again + seconds(0.2), name, gained=True)
        failed = again + seconds(4.1)
        stage.kernel(failed, f"{name}: deauthenticated from {ap.mac} (Reason: 15=4WAY_HANDSHAKE_TIMEOUT)")
        lost(stage, failed, 15)
        if tries > 1:
            supplicant(stage, failed + seconds(0.03), "WPA: 4-Way Handshake failed - pre-shared key may be incorrect")
            supplicant(
                stage,
                failed + seconds(0.04),
                f'CTRL-EVENT-SSID-TEMP-DISABLED id=0 ssid="{ap.ssid}" auth_failures={tries} '
                f"duration={10 * tries} reason=WRONG_KEY",
            )
        again = failed + seconds(1 + 10 * tries)
    dead_link(stage, window)
    joined(stage, window.end)
    outage = Window(window.start, window.end + 2 * SECOND)
    return Outcome(at, outage.end, (outage,), (outage,))


#: Per driver what the kernel says when the firmware dies, with seconds after it, and when it is back.
CRASHES: dict[str, tuple[tuple[float, str], ...]] = {
    "iwlwifi": (
        (0.0, "iwlwifi 0000:03:00.0: Microcode SW error detected. Restarting 0x0."),
        (0.001, "iwlwifi 0000:03:00.0: Start IWL Error Log Dump:"),
        (0.002, "iwlwifi 0000:03:00.0: Transport status: 0x0000004B, valid: 6"),
        (0.003, "iwlwifi 0000:03:00.0: Loaded firmware version: 77.6eaf654b.0 cc-a0-77.ucode"),
        (0.004, "iwlwifi 0000:03:00.0: 0x00000071 | NMI_INTERRUPT_UMAC_FATAL    "),
        (0.2, "ieee80211 phy0: Hardware restart was requested"),
    ),
    "ath10k": (
        (0.0, "ath10k_pci 0000:03:00.0: firmware crashed! (guid 1c3a5f0e-2f4b-4a83-9d55-0e8d6a7c1b21)"),
        (0.001, "ath10k_pci 0000:03:00.0: qca6174 hw3.2 target 0x05030000 chip_id 0x00340aff sub 1a56:1535"),
        (0.3, "ieee80211 phy0: Hardware restart was requested"),
        (3.9, "ath10k_pci 0000:03:00.0: device successfully recovered"),
    ),
    "mt7921e": (
        (0.0, "mt7921e 0000:03:00.0: Message 00020007 (seq 5) timeout"),
        (0.2, "mt7921e 0000:03:00.0: chip reset"),
        (0.9, "mt7921e 0000:03:00.0: HW/SW Version: 0x8a108a10, Build Time: 20240219110958a"),
    ),
    "brcmfmac": (
        (0.0, "ieee80211 phy0: brcmf_fw_crashed: Firmware has halted or crashed"),
        (2.6, "brcmfmac: brcmf_cfg80211_stop: Set BRCMF_C_DOWN error (-52)"),
    ),
}


def wifi_firmware_crashed(stage: Stage, at: int) -> Outcome:
    """The card's firmware dies, the driver starts it anew, and the link comes back; a few times."""
    rng, start, outages = stage.rng("wifi"), at, []
    lines = CRASHES[rng.choice(tuple(CRASHES))]
    for _ in range(rng.choice((1, 2, 3))):
        for after, text in lines:
            stage.kernel(at + seconds(after), text, 3)
        window = Window(at + seconds(0.4), at + seconds(rng.uniform(18, 90)))
        lost(stage, window.start, 4, own=True)
        dead_link(stage, window)
        joined(stage, window.end)
        outages.append(Window(at, window.end + 2 * SECOND))
        at = window.end + seconds(rng.uniform(60, 300))
    return Outcome(start, outages[-1].end, tuple(outages), tuple(outages))


def wifi_radar(stage: Stage, at: int) -> Outcome:
    """The access point sees a radar, moves to a channel on which it must listen first, and its stations lose it."""
    rng, ap = stage.rng("wifi"), cell(stage)
    point = Device("ap-1.log", logread, Clock(seconds(rng.uniform(-1, 1))))
    stage.devices.append(point)
    back = at + seconds(rng.uniform(61.5, 64))
    window = Window(at + seconds(rng.uniform(1, 3)), back + seconds(rng.uniform(3, 30)))
    name, level = rng.choice(("phy1-ap0", "wlan1")), "daemon.notice hostapd: "
    for before in range(3, 60, 9):
        station = f"02:00:5e:20:00:{before:02x}"
        point.say(at - before * 60 * SECOND, f"{level}{name}: AP-STA-CONNECTED {station} auth_alg=open")
    for moment, text in (
        (at, "DFS-RADAR-DETECTED freq=5500 ht_enabled=1 chan_offset=1 chan_width=3 cf1=5530 cf2=0"),
        (at + seconds(0.02), "DFS-NEW-CHANNEL freq=5260 chan=52 sec_chan=1"),
        (at + seconds(0.4), "interface state ENABLED->DFS"),
        (at + seconds(0.41), "DFS-CAC-START freq=5260 chan=52 sec_chan=1, width=1, seg0=58, seg1=0, cac_time=60s"),
        (back - seconds(0.3), "DFS-CAC-COMPLETED success=1 freq=5260 ht_enabled=1 chan_offset=1 chan_width=3 cf1=5290"),
        (back, "interface state DFS->ENABLED"),
        (back + 1_000, "AP-ENABLED "),
        (window.end - seconds(0.3), "AP-STA-CONNECTED 02:00:5e:20:00:7f auth_alg=open"),
    ):
        point.say(moment, f"{level}{name}: {text}")
    stage.kernel(window.start, f"{stage.wired}: Connection to AP {ap.mac} lost")
    lost(stage, window.start, 4, own=True)
    dead_link(stage, window)
    joined(stage, window.end)
    outage = Window(window.start, window.end + 2 * SECOND)
    return Outcome(at, outage.end, (outage,), (outage,))
