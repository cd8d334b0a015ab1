"""tailscaled's fixed sequences: each line led by its offset in seconds, with ``$names`` filled in by the daemon."""

SHUTDOWN = """\
0.004 control: client.Shutdown ...
0.005 control: updateRoutine: exiting
0.006 control: authRoutine: exiting
0.011 control: mapRoutine: exiting
0.012 control: Client.Shutdown done.
"""
EXIT = """\
0.048 flushing log.
0.062 logger closing down
"""
CLEANUP = """\
0.000 logtail started
0.001 $starting
0.002 LogID: $logid
0.006 dns: using *dns.resolvedManager
0.042 flushing log.
0.047 logger closing down
"""
START = """\
0.000 logtail started
0.001 $starting
0.002 LogID: $logid
0.003 logpolicy: using system state directory "/var/lib/tailscale"
0.010 dns: [rc=resolved resolved=nss nm=no resolv-conf-mode=nss ret=systemd-resolved]
0.011 dns: using "systemd-resolved" mode
0.012 dns: using *dns.resolvedManager
0.013 wgengine.NewUserspaceEngine(tun "tailscale0") ...
0.071 link state: interfaces.State{defaultRoute=$interface ifs={$interface:[$lan/24]} v4=true v6=false}
0.073 magicsock: disco key = d:$disco
0.074 Creating WireGuard device...
0.078 Bringing WireGuard device up...
0.080 external route: up
0.081 Bringing router up...
0.098 Clearing router settings...
0.103 Starting network monitor...
0.104 Engine created.
0.140 pm: using profile "default"
0.142 got LocalBackend in 39ms
0.143 Start
0.151 Backend: logs: be:$logid fe:
0.152 Switching ipn state NoState -> Starting (WantRunning=true, nm=true)
0.153 blockEngineUpdates(false)
0.160 wgengine: Reconfig: configuring userspace WireGuard config (with 0/$peers peers)
0.161 wgengine: Reconfig: configuring router
0.184 wgengine: Reconfig: configuring DNS
0.185 dns: Set: {DefaultResolvers:[] Routes:{example.ts.net.:[]} SearchDomains:[example.ts.net.] Hosts:3}
0.186 dns: Resolvercfg: {Routes:{.:[]} Hosts:3 LocalDomains:[example.ts.net.]}
0.187 dns: OScfg: {Nameservers:[100.100.100.100] SearchDomains:[example.ts.net.] MatchDomains:[example.ts.net.]}
"""
COME_UP = """\
0.00 control: control server key from https://controlplane.tailscale.com: ts2021=[fSeS+], legacy=[nlFWp]
0.05 control: RegisterReq: got response; nodeKeyExpired=false, machineAuthorized=true; authURL=false
0.21 $netinfo
0.22 magicsock: home is now derp-$home ($code)
0.23 magicsock: adding connection to derp-$home for home-keep-alive
0.24 magicsock: 1 active derp conns: derp-$home=cr0s,wr0s
0.25 derphttp.Client.Recv: connecting to derp-$home ($code)
0.31 $endpoints
0.33 magicsock: derp-$home connected; connGen=1
0.34 Switching ipn state Starting -> Running (WantRunning=true, nm=true)
0.38 $warm
"""
VISIT = """\
0.000 magicsock: adding connection to derp-$region for [$peer]
0.001 magicsock: 2 active derp conns: $kept derp-$region=cr0s,wr0s
0.002 derphttp.Client.Send: connecting to derp-$region ($town)
0.093 magicsock: derp-$region connected; connGen=1
"""
LEAVE = """\
0.000 magicsock: closing connection to derp-$region (idle), age $age
0.001 magicsock: 1 active derp conns: $kept
"""
