"""One script for every cause of the catalogue: what the machines say when it happens."""

from __future__ import annotations

from collections.abc import Callable

from tests.simulate.causes import address, machine, names, path, physical, service, tailnet, tunnel
from tests.simulate.stage import Outcome, Stage

Script = Callable[[Stage, int], Outcome]

SCRIPTS: dict[str, Script] = {
    "link-carrier-lost": physical.link_carrier_lost,
    "bond-member-failed": physical.bond_member_failed,
    "nic-driver-reset": physical.nic_driver_reset,
    "host-rebooted": machine.host_rebooted,
    "host-suspended": machine.host_suspended,
    "host-paused": machine.host_paused,
    "clock-stepped": machine.clock_stepped,
    "out-of-memory": machine.out_of_memory,
    "conntrack-table-full": machine.conntrack_table_full,
    "tun-device-busy": tunnel.tun_device_busy,
    "interface-removed": tunnel.interface_removed,
    "interface-set-down": tunnel.interface_set_down,
    "service-restarted": service.service_restarted,
    "watchdog-restart-loop": service.watchdog_restart_loop,
    "service-crashed": service.service_crashed,
    "networkd-drops-routes": service.networkd_drops_routes,
    "network-managers-conflict": service.network_managers_conflict,
    "dhcp-lease-lost": address.dhcp_lease_lost,
    "address-conflict": address.address_conflict,
    "route-overlap": address.route_overlap,
    "dns-upstream-failed": names.dns_upstream_failed,
    "dns-loop": names.dns_loop,
    "resolv-conf-overwritten": names.resolv_conf_overwritten,
    "udp-blocked": path.udp_blocked,
    "router-rebooted": path.router_rebooted,
    "wan-outage": path.wan_outage,
    "wan-address-changed": path.wan_address_changed,
    "router-session-drops": path.router_session_drops,
    "mtu-blackhole": path.mtu_blackhole,
    "tls-interception": path.tls_interception,
    "key-expired": tailnet.key_expired,
    "peer-offline": tailnet.peer_offline,
    "peer-service-down": tailnet.peer_service_down,
    "access-denied": tailnet.access_denied,
    "exit-node-down": tailnet.exit_node_down,
    "relay-region-outage": tailnet.relay_region_outage,
    "control-plane-outage": tailnet.control_plane_outage,
    "forwarding-disabled": tailnet.forwarding_disabled,
}
