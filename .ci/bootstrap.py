"""Print the path of a uv that can read our lock, fetching the locked one if the machine has none.

A fresh Debian or Ubuntu has Python but neither pip nor venv. uv is one static binary inside its wheel; uv.lock names
the wheel and its hash for every platform, so the standard library is enough to get it. What is fetched is checked
against the lock, never trusted because of where it came from.
"""

import hashlib
import io
import os
import platform
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"


def locked_wheel():
    """The version, URL and sha256 of uv's wheel for this machine, from uv.lock."""
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    package = re.search(
        r'\[\[package\]\]\nname = "uv"\nversion = "([^"]+)"(.*?)(?=\n\[\[package\]\]|\Z)', lock, re.DOTALL
    )
    if package is None:
        raise SystemExit("uv.lock: it does not lock uv itself\nhint: run `uv lock`")
    libc = "manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux"
    system = {"Linux": libc, "Darwin": "macosx"}.get(platform.system(), "")
    machine = {"arm64": "(?:arm64|aarch64)", "aarch64": "aarch64"}.get(
        platform.machine(), re.escape(platform.machine())
    )
    for url, digest in re.findall(r'url = "([^"]+\.whl)", hash = "sha256:([0-9a-f]{64})"', package[2]):
        if re.search(rf"{system}[^/]*_{machine}[^/]*\.whl$", url):
            return package[1], url, digest
    raise SystemExit(f"no uv for {platform.platform()} in uv.lock\nhint: install uv by hand, then run this again")


def fetch(url):
    """The bytes behind ``url``. Without a certificate store the hash alone has to vouch for them, and it does."""
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.read()
    except urllib.error.URLError as error:
        if not isinstance(error.reason, ssl.SSLCertVerificationError):
            raise SystemExit(f"{url}: {error.reason}\nhint: is this machine online?") from error
    unverified = ssl._create_unverified_context()
    with urllib.request.urlopen(url, timeout=120, context=unverified) as answer:
        return answer.read()


def install(version, url, digest):
    """Unpack the binary from the wheel into the cache."""
    target = CACHE / f"uv-{version}"
    if target.exists():
        return target
    data = fetch(url)
    if hashlib.sha256(data).hexdigest() != digest:
        raise SystemExit(f"{url}: not the file that uv.lock names\nhint: do not use it; try another network")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        member = next(name for name in wheel.namelist() if name.endswith(".data/scripts/uv"))
        binary = wheel.read(member)
    CACHE.mkdir(exist_ok=True)
    partial = target.with_suffix(f".{os.getpid()}")
    partial.write_bytes(binary)
    partial.chmod(0o755)
    partial.replace(target)
    return target


def main():
    """Prefer the uv on the machine if it is at least as new as the locked one."""
    version, url, digest = locked_wheel()
    present = shutil.which("uv")
    if present:
        told = subprocess.run([present, "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"(\d+)\.(\d+)\.(\d+)", told)
        if found and [int(part) for part in found.groups()] >= [int(part) for part in version.split(".")]:
            print(present)
            return
    print(install(version, url, digest))


if __name__ == "__main__":
    if sys.version_info < (3, 8):
        raise SystemExit("Python 3.8 or newer is needed to set up; logcorr itself runs on 3.11 or newer")
    main()
