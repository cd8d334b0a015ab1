"""Private values of every class, each in the wordings in which logs print them. Each is made up."""

from __future__ import annotations

from base64 import b64encode
from random import Random
from typing import NamedTuple

from logcorr.redact.identities import short_forms

LOWER, DIGITS, HEX = "abcdefghijkmnopqrstuvwxyz", "0123456789", "0123456789abcdef"
UPPER = LOWER.upper()
ANY = LOWER + UPPER + DIGITS


class Canary(NamedTuple):
    """``needle`` must not be found in what is written when ``text`` stood in the log."""

    kind: str
    needle: str
    text: str


def word(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(length))


def secrets(random: Random) -> list[Canary]:
    """One key of each vendor, and one value behind each name of a secret."""

    def some(alphabet: str, length: int) -> str:
        return word(random, alphabet, length)

    tokens = [
        f"tskey-auth-k{some(ANY, 11)}CNTRL-{some(ANY, 32)}",
        f"tskey-client-k{some(ANY, 11)}CNTRL-{some(ANY, 32)}",
        f"tskey-api-{some(ANY, 30)}",
        f"hskey-auth-{some(ANY, 24)}",
        f"privkey:{some(HEX, 64)}",
        f"nlpriv:{some(HEX, 64)}",
        f"AKIA{some(UPPER, 16)}",
        f"ghp_{some(ANY, 36)}",
        f"github_pat_{some(ANY, 40)}",
        f"glpat-{some(ANY, 20)}",
        f"xoxb-{some(DIGITS, 12)}-{some(ANY, 24)}",
        f"https://hooks.slack.com/services/T{some(UPPER, 8)}/B{some(UPPER, 8)}/{some(ANY, 24)}",
        f"https://discord.com/api/webhooks/{some(DIGITS, 18)}/{some(ANY, 60)}",
        f"AIza{some(ANY, 35)}",
        f"ya29.{some(ANY, 60)}",
        f"sk_live_{some(ANY, 24)}",
        f"sk-proj-{some(ANY, 48)}",
        f"npm_{some(ANY, 36)}",
        f"pypi-{some(ANY, 60)}",
        f"dop_v1_{some(HEX, 64)}",
        f"SG.{some(ANY, 22)}.{some(ANY, 43)}",
        f"hvs.{some(ANY, 24)}",
        f"glsa_{some(ANY, 32)}",
        f"{some(DIGITS, 9)}:AA{some(ANY, 33)}",
        f"dapi{some(HEX, 32)}",
        f"dckr_pat_{some(ANY, 27)}",
        f"hf_{some(ANY, 34)}",
        f"eyJ{some(ANY, 20)}.eyJ{some(ANY, 30)}.{some(ANY, 43)}",
    ]
    shapes = ("key {} refused", "unexpected argument {!r}", 'level=error key="{}"', "GET /?k={} HTTP/1.1")
    found = [Canary("secrets", token, shape.format(token)) for token in tokens for shape in shapes]
    names = (
        "password=", "passwd: ", "PASSWORD=", "psk=", "wpa_passphrase=", "secret: ", "client_secret=", "api_key=",
        "apikey: ",
        "access_token=", "refresh_token=", "token=", "--auth-key=", "--authkey ", "--password=",
        "Authorization: Bearer ",
        "authorization: Basic ", "Proxy-Authorization: Basic ", "Cookie: session=", "Set-Cookie: sid=",
        "PrivateKey = ", "PresharedKey = ",
        "snmp-server community ", "community=", "radius_secret=", "pppoe_password=", '"password": "', '"token":"',
        "DB_PASSWORD=",
        "postgresql://app:", "https://deploy:",
    )  # fmt: skip
    for name in names:
        value = some(ANY, 43) if "Key = " in name else some(ANY, 17)
        tail = "@192.0.2.9/db" if "://" in name else "=" if "Key = " in name else '"' if name.endswith('"') else ""
        found += [
            Canary("secrets", value, f"{before}{name}{value}{tail}{after}")
            for before, after in (("", ""), ("config: ", " end"))
        ]
    value = some(ANY, 12)
    found.append(Canary("secrets", value, f"Login OK: [petra/{value}] (from client edge port 0)"))
    found.append(
        Canary(
            "secrets",
            "MC4CAQAwBQYDK2VwBCIEIDx1",
            "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIDx1\n-----END PRIVATE KEY-----",
        )
    )
    return found


def addresses(random: Random) -> list[Canary]:
    found = []
    places = (
        "from {} port 22",
        "{}: timeout",
        "dial tcp {}:443: i/o timeout",
        "src={} dst=127.0.0.1",
        "[{}] lost",
        "({})",
        '"{}"',
        "192.0.2.1[a]...{}[b]",
        '{{"{}": 1}}',
    )
    for stem in ("203.0.113", "198.51.100", "192.168.41", "10.9.8", "172.20.3", "100.99.3", "169.254.7"):
        for place in places:
            value = f"{stem}.{random.randrange(1, 255)}"
            found.append(Canary("address", value, place.format(value)))
    for stem in ("2001:db8:7::", "fd00:1234:5::", "fe80::a8bb:ccff:", "fd7a:115c:a1e0::"):
        for place in (
            "from {} port 22",
            "dial tcp [{}]:443: i/o timeout",
            "route {}/64",
            "{}%eth0 lost",
            "addr={},",
            "2001:db8::1[a]...{}[b]",
        ):
            value = f"{stem}{random.randrange(0x1000, 0xFFFF):x}"
            found.append(Canary("address", value, place.format(value)))
    found.append(Canary("address", "203-0-113-77", "ec2-203-0-113-77.compute.example: refused"))
    for place in (
        "STA {} associated",
        "MAC={}:aa:bb:cc:dd:ee:f0:08:00",
        "[client:phone:{}] left",
        "lladdr {} REACHABLE",
        "dhcp {} on br0",
    ):
        for sign in (":", "-"):
            value = sign.join(["3c", "84", *(f"{random.randrange(16, 255):02x}" for _ in range(4))])
            found += [Canary("MAC", each, place.format(each)) for each in (value, value.upper())]
    found.append(Canary("MAC", "3c84.6a1d.0277", "Host 3c84.6a1d.0277 in vlan 10 is flapping"))
    found.append(Canary("MAC", "enx3c846a1d0299", "enx3c846a1d0299: link down"))
    return found


def identities(random: Random) -> list[Canary]:
    key = word(random, HEX, 64)
    wireguard = b64encode(random.randbytes(32)).decode()
    found = [
        Canary("key", key, f"nodekey:{key} rejected"),
        Canary("key", wireguard, f"wg set wg0 peer {wireguard} allowed-ips 10.0.0.2/32"),
        Canary("key", wireguard, f"peer: {wireguard}"),
        Canary("key", short_forms(key)[0], f"magicsock: [{short_forms(key)[0]}] d:{short_forms(key)[1]} now"),
        Canary("tailnet", "quokka-lemur", "login.quokka-lemur.ts.net not found"),
        Canary("tailnet", "tail5c1ab", "srv.tail5c1ab.ts.net: no answer"),
        Canary("node", "nPx7QmK2vw1CNTRL", "peer nPx7QmK2vw1CNTRL expired"),
        Canary("mail", "petra.k@mail.example", "logged in as petra.k@mail.example"),
        Canary("cloud", "i-0ab12cd34ef56ab78", "instance i-0ab12cd34ef56ab78 rebooted"),
        Canary("cloud", "arn:aws:iam::111122223333:role/night", "assumed arn:aws:iam::111122223333:role/night"),
        Canary(
            "uuid", "7f3c1d2e-9a8b-4c5d-8e7f-112233445566", "connection 7f3c1d2e-9a8b-4c5d-8e7f-112233445566 failed"
        ),
        Canary("fingerprint", "q" * 43, f"RSA SHA256:{'q' * 43}"),
        Canary("name", "intranet.wombat.example", "lookup intranet.wombat.example: SERVFAIL"),
        Canary("name", "wombat.example", "no zone wombat.example here"),
        Canary("name", "printer7.lan", "cannot resolve printer7.lan"),
    ]
    # Names of services as programs write them: in URLs with any ending, in paths, of shares and images.
    for number, shape in enumerate(
        (
            "fetch https://{}/v1/jobs: getaddrinfo EAI_AGAIN", 'GET "http://{}:8080/x"', "ldap://{}:389 is down",
            "cannot renew /etc/letsencrypt/live/{}/fullchain.pem", "mount.cifs //{}/share failed", "pull {}/app:v1",
            "mount {}:/export timed out", "proxy https://anna@{}/", 'host="{}", upstream', "<{}>: no route",
            "\\\\{}\\d$", '{{"{}": {{"state": "down"}}}}', "upstreams[{}]=down",
        )
    ):  # fmt: skip
        value = f"{word(random, LOWER, 6)}{number}.{word(random, LOWER, 7)}.example.net"
        found.append(Canary("name", value, shape.format(value)))
    for ending in ("zone", "shop", "swiss", "xn--p1ai"):
        value = f"api.{word(random, LOWER, 8)}.{ending}"
        found.append(Canary("name", value, f"POST https://{value}/hook: 502"))
    for name in ("serial=", "Serial Number: ", "S/N: ", "SerialNumber: ", "IMEI: ", "iccid="):
        value = word(random, DIGITS, 15)
        found.append(Canary("serial", value, f"modem {name}{value}"))
    return found


def people(random: Random) -> list[Canary]:
    users = (
        "Accepted publickey for {} from 192.0.2.3 port 22",
        "Failed password for invalid user {} from 192.0.2.3 port 22", "New session 7 of user {}.",
        "pam_unix(sshd:session): session opened for user {}(uid=1000) by (uid=0)",
        "sudo:   {} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/true",
        "(CRON) ({}) CMD (run-parts)", "({}) CMD (/usr/bin/true)", "user={} action=login", 'acct="{}" res=failed',
        "cannot open /home/{}/.config",
        "Invalid user {} from 192.0.2.8", "session closed by {}(uid=1002)",
        "FAILED LOGIN 1 FROM tty1 FOR {}, Authentication failure", 'rcvd [CHAP Response id=0x1 <aa>, name = "{}"]',
        "Login OK: [{}] (from client edge port 0)", "[{}] OK LOGIN: Client 192.0.2.7",
        "[{}] Peer Connection Initiated with [AF_INET]198.51.100.7:1194", "{}/198.51.100.7:51234 TLS: soft reset",
        "VERIFY OK: depth=0, C=DE, CN={}", "openvpn-client@{}.service: Main process exited",
        '{{"user": {{"name": "{}"}}}}',
        "<{}@pve> end task UPID:pve2:0016A2F1:0B41C9A2:68CAC1B0:qmrestore:117:root@pam: unable to restore",
        "starting task UPID:pve2:0016A2F1:0B41C9A2:68CAC1B0:qmrestore:117:{}@pbs:",
        "imap({})<9><ab>: Disconnected: Connection closed", "(to root) {} on pts/0",
        "received EAP identity '{}'", "authentication of '{}' with EAP successful",
        "Auth: [SMB2,(null)] user [OFFICE]\\[{}] at [Tue, 03 Nov 2026] with [NTLMv2] status [NT_STATUS_OK]",
        "Postponed publickey for {} from 192.0.2.8 port 55 ssh2 [preauth]",
        "Starting session: shell on pts/0 for {} from 192.0.2.8 port 55 id 0",
        "Started session-332.scope - Session 332 of User {}.",
        "imap-login: Login: user=<{}>, method=PLAIN, rip=192.0.2.8", "client=x, sasl_method=PLAIN, sasl_username={}",
    )  # fmt: skip
    ssids = (
        "SSID '{}' lost", 'wlan0: Trying to associate with SSID "{}"', 'ssid="{}"', "SSID: '{}'",
        "Activation: starting connection '{}' (auto)", 'connected to "{}" with WPA2', "UNIFIwifiName={}|x",
    )  # fmt: skip
    hosts = (
        "DHCPACK(br0) 192.168.41.7 3c:84:6a:01:02:03 {}",
        'client-hostname "{}"',
        "hostname={}",
        "Hostname set to <{}>",
        "hostname: {}",
        "DHCPACK on 192.168.1.5 to 3c:84:6a:01:02:03 ({}) via eth0",
        "dnsmasq-dhcp[1]: 1234 client provides name: {}",
        "dhcp1 assigned 192.168.88.10 for 3C:84:6A:01:02:03 {}",
        "device on (5 GHz), 866 Mbit/s, {}, IP 192.168.178.20, MAC 3C:84:6A:01:02:03.",
        "[client:{}:3C-84-6A-01-02-03] went online",
        "UNIFIclientAlias={} UNIFIclientMac=3c:84:6a:01:02:03",
        "Login OK: [root] (from client {} port 0)",
        "established between 192.0.2.1[{}]...198.51.100.2[b]",
        "matching 192.0.2.1[%any]...198.51.100.2[{}]",
        "curl: (6) Could not resolve host: {}",
        "getaddrinfo ENOTFOUND {}",
        "ssh: connect to host {} port 22: No route to host",
        "dial tcp: lookup {}: no such host",
        "lookup {} on 127.0.0.53:53: server misbehaving",
        "nfs: server {} not responding, still trying",
        "ping: {}: Name or service not known",
        "GET / HTTP/1.1\nHost: {}",
        '{{"host": {{"name": "{}"}}}}',
    )
    found = []
    for kind, shapes in (("user", users), ("ssid", ssids), ("host", hosts)):
        for number, shape in enumerate(shapes * 6):
            name = f"{word(random, LOWER, 6)}{number}"
            found.append(Canary(kind, name, shape.format(name)))
    found.append(Canary("ssid", "Casa Verde 5G", "wpa_supplicant: SSID 'Casa Verde 5G' not found"))
    found.append(Canary("ssid", "Cala Lunga 7", "associated ssid=Cala Lunga 7 bssid=3c:84:6a:01:02:03"))
    found.append(Canary("host", "Pias tablet", "[client:Pias tablet:3C-84-6A-01-02-03] went online"))
    return found


def every(seed: int = 7) -> list[Canary]:
    random = Random(seed)
    return [*secrets(random), *addresses(random), *identities(random), *people(random)]
