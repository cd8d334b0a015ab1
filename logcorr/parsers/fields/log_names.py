"""Which program writes a log file, as far as the file's name says it: ``edge1-frr.log``, ``strongswan_hub.txt``."""

from __future__ import annotations

import re
from typing import Final

#: Programs that write files of their own, or of which one is exported under their name; other words of a file's name
#: are the machine's, the site's, the kind of log. Words that machines are called by as well (docker, router) are none.
PROGRAMS: Final = frozenset((
    "adguardhome", "apache2", "bfdd", "bgpd", "bird", "bird6", "blocky", "caddy", "calico-node", "charon",
    "charon-systemd", "chrony", "chronyd", "cloudflared", "containerd", "coredns", "corosync", "crowdsec", "dhclient",
    "dhcpcd", "dhcpd", "dnscrypt-proxy", "dnsdist", "dnsmasq", "dovecot", "envoy", "etcd", "exim4", "fail2ban",
    "firewalld", "freeradius", "frr", "haproxy", "hostapd", "httpd", "ipsec", "iscsid", "isisd", "kea", "kea-dhcp4",
    "kea-dhcp6", "keepalived", "kresd", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler",
    "kubelet", "lighttpd", "mariadb", "mongod", "mosquitto", "multipathd", "mwan3track", "mysql", "mysqld", "named",
    "networkmanager", "nginx", "ntpd", "openvpn", "ospf6d", "ospfd", "pacemaker", "patroni", "pdns", "pdns_recursor",
    "pihole", "pihole-ftl", "pluto", "postgres", "postgresql", "pppd", "quagga", "rabbitmq", "radiusd",
    "radius", "radvd", "redis", "redis-server", "slapd", "smartdns", "smbd", "squid", "strongswan", "stunnel", "stubby",
    "swanctl", "tailscaled", "traefik", "unbound", "valkey", "varnish", "watchfrr", "wpa_supplicant", "xl2tpd", "zebra",
    "zed", "zerotier-one",
))  # fmt: skip

_WORD: Final = re.compile(r"[^\s._-]+")


def program_in(stem: str) -> str | None:
    """The program that a file's name (``stem``, without its endings) names, the longest name of several.

    What stands before a program's name has to end with it: ``vpn1-openvpn``, not ``myopenvpn``.
    """
    words = [found.span() for found in _WORD.finditer(stem)]
    runs = [stem[begin:end] for at, (begin, _) in enumerate(words) for _, end in words[at:]]
    known = [run for run in runs if run.lower() in PROGRAMS]
    return max(known, key=len, default=None)
