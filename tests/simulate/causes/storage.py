"""Scripts of storage (a full or read-only file system, a silent file server) and of servers that turn clients away."""

from __future__ import annotations

from tests.simulate.machines.clock import SECOND, Window, moment, seconds
from tests.simulate.machines.host import API, RSYSLOGD, service
from tests.simulate.machines.symptoms import upstream_error
from tests.simulate.machines.systemd import by_hand
from tests.simulate.stage import Outcome, Stage

POSTGRES = service("postgres", unit="postgresql@15-main.service", exe="/usr/lib/postgresql/15/bin/postgres", uid=110)
UNIT = "opg-api.service"


def _web_fails(stage: Stage, window: Window, error: str = "connect() failed (111: Connection refused)") -> None:
    """What the VPS's proxy says of the service on the server meanwhile."""
    rng = stage.rng("web", window.start)
    at = window.start + seconds(rng.uniform(1, 5))
    while at < window.end:
        upstream_error(stage, at, error, f"{stage.on_server.node.ip}:{stage.port}")
        at += seconds(rng.uniform(6, 14))


def _writes_fail(stage: Stage, window: Window, error: str) -> None:
    rng = stage.rng("writes", window.start)
    at = window.start + seconds(rng.uniform(0.5, 3))
    while at < window.end:
        order = rng.randrange(10_000, 99_999)
        stage.server.log(at, API, f"error: order {order}: Error: {error}, open '/srv/opg-api/spool/{order}.json'")
        at += seconds(rng.uniform(5, 12))


def storage_disk_full(stage: Stage, at: int) -> Outcome:
    """Logs and a database fill the file system; the database stops, and the service behind it."""
    rng = stage.rng("disk")
    window = Window(at, at + seconds(rng.uniform(150, 600)))
    stamp = f"{moment(stage.server.clock.wall(at)):%Y-%m-%d %H:%M:%S}.412 UTC"
    stage.server.log(
        at,
        POSTGRES,
        f'{stamp} [4410] PANIC:  could not write to file "pg_wal/xlogtemp.4410": No space left on device',
        priority=3,
    )
    stage.server.log(
        at + seconds(0.4),
        POSTGRES,
        f"{stamp} [880] LOG:  server process (PID 4410) was terminated by signal 6: Aborted",
    )
    stage.server.log(
        at + seconds(rng.uniform(4, 20)),
        RSYSLOGD,
        "file '/var/log/syslog'[9] write error - see https://www.rsyslog.com/solving-rsyslog-write-errors/ for help "
        "OS error: No space left on device [v8.2312.0 try https://www.rsyslog.com/e/2027 ]",
        priority=3,
    )
    _writes_fail(stage, window, "ENOSPC: no space left on device")
    _web_fails(stage, Window(at + SECOND, window.end), "upstream prematurely closed connection")
    by_hand(stage.server, window.end, "/usr/bin/journalctl --vacuum-size=200M")
    return Outcome(at, window.end)


def storage_read_only(stage: Stage, at: int) -> Outcome:
    """A disk reports errors, the journal aborts, and the file system takes no more writes until it is mended."""
    rng = stage.rng("disk")
    window = Window(at, at + seconds(rng.uniform(200, 700)))
    sector = rng.randrange(10**6, 10**8)
    tag = rng.randrange(30)
    for offset, text, level in (
        (-0.4, f"sd 2:0:0:0: [sda] tag#{tag} FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK cmd_age=2s", 6),
        (-0.39, f"sd 2:0:0:0: [sda] tag#{tag} Sense Key : Medium Error [current] ", 6),
        (-0.38, f"sd 2:0:0:0: [sda] tag#{tag} Add. Sense: Write error", 6),
        (-0.37, f"I/O error, dev sda, sector {sector} op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2", 3),
        (-0.2, f"Buffer I/O error on dev sda2, logical block {sector // 8}, lost async page write", 3),
        (-0.1, "Aborting journal on device sda2-8.", 3),
        (
            0.0,
            "EXT4-fs error (device sda2): ext4_journal_check_start:83: comm node: Detected aborted journal",
            2,
        ),
        (0.002, "EXT4-fs (sda2): Remounting filesystem read-only", 2),
    ):
        stage.kernel(at + seconds(offset), text, level)
    _writes_fail(stage, window, "EROFS: read-only file system")
    _web_fails(stage, Window(at + SECOND, window.end), "upstream prematurely closed connection")
    by_hand(stage.server, window.end, "/usr/bin/mount -o remount,rw /")
    return Outcome(at - seconds(0.4), window.end)


def storage_server_silent(stage: Stage, at: int) -> Outcome:
    """The NFS server or the iSCSI target is not heard for minutes; what reads from it waits."""
    rng, net = stage.rng("storage"), stage.on_server.lan.rpartition(".")[0]
    window = Window(at, at + seconds(rng.uniform(150, 500)))
    if rng.random() < 0.6:
        nas = f"{net}.30"
        for after in (0.0, 0.9, 2.1):
            stage.kernel(at + seconds(after), f"nfs: server {nas} not responding, still trying", 5)
        stage.kernel(window.end, f"nfs: server {nas} OK", 5)
        stage.kernel(window.end + seconds(0.02), f"nfs: server {nas} OK", 5)
        waits = at + seconds(122.9)
        if waits < window.end:
            stage.kernel(waits, "INFO: task node:2211 blocked for more than 120 seconds.", 3)
            stage.kernel(waits + 900, '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.', 3)
    else:
        iscsid = service("iscsid", transport="syslog", exe="/sbin/iscsid")
        stage.kernel(
            at,
            " connection1:0: ping timeout of 5 secs expired, recv timeout 5, last rx 4331207122, last ping "
            "4331208384, now 4331209664",
            3,
        )
        stage.kernel(at + 900, " connection1:0: detected conn error (1022)", 6)
        stage.server.log(
            at + seconds(0.4),
            iscsid,
            "Kernel reported iSCSI connection 1:0 error (1022 - ISCSI_ERR_NOP_TIMEDOUT: A NOP has timed out) state (3)",
        )
        again = at + seconds(3)
        while again < window.end - 8 * SECOND:
            stage.server.log(again, iscsid, f"connect to {net}.31:3260 failed (No route to host)")
            again += seconds(7)
        stage.kernel(at + seconds(120), " session1: session recovery timed out after 120 secs", 6)
        stage.server.log(window.end, iscsid, "connection1:0 is operational after recovery (12 attempts)")
    _web_fails(stage, Window(at + SECOND, window.end), "upstream timed out (110: Connection timed out)")
    return Outcome(at, window.end)


def _turned_away(stage: Stage, at: int, says: str, told: str | None = None) -> Outcome:
    """The service says each few seconds that it was turned away, and the VPS's proxy that it has no answer."""
    rng = stage.rng("server")
    window = Window(at, at + seconds(rng.uniform(150, 600)))
    now = at
    while now < window.end:
        if told:
            stage.server.log(now - 900, POSTGRES, told, priority=3)
        stage.server.log(now, API, says)
        if rng.random() < 0.6:
            upstream_error(
                stage,
                now + 2_000,
                "upstream prematurely closed connection",
                f"{stage.on_server.node.ip}:{stage.port}",
            )
        now += seconds(rng.uniform(5, 12))
    by_hand(stage.server, window.end, "/usr/bin/systemctl reload postgresql")
    return Outcome(at, window.end)


def server_limit_reached(stage: Stage, at: int) -> Outcome:
    """All connections of the database, or of the cache, are taken."""
    if stage.rng("kind").random() < 0.5:
        return _turned_away(stage, at, "error: ReplyError: ERR max number of clients reached")
    full = "FATAL:  sorry, too many clients already"
    return _turned_away(stage, at, f"error: {full}", full)


def credentials_refused(stage: Stage, at: int) -> Outcome:
    """The password was changed in the database and not in the service."""
    refused = 'FATAL:  password authentication failed for user "orders"'
    client = f'psycopg2.OperationalError: connection to server at "db", port 5432 failed: {refused}'
    return _turned_away(stage, at, client, refused)


def database_locked(stage: Stage, at: int) -> Outcome:
    """A session holds a table's lock, and what needs the table waits in vain."""
    waits = "LOG:  process 4121 still waiting for AccessShareLock on relation 16412 of database 16384 after 1000.112 ms"
    return _turned_away(stage, at, "error: canceling statement due to lock timeout", waits)
