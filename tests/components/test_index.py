"""Every lock file resolves on a GPU machine, by the package index's metadata; nothing is installed.

For each pin the index must hold a file for Linux on x86-64 with Python 3.11. What the files'
metadata requires must equal the pins: no conflict, nothing missing, nothing unused.
"""

import io
import os
import re
import shutil
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from email.parser import HeaderParser
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from environments import lock
from packaging.specifiers import SpecifierSet
from packaging.tags import compatible_tags, cpython_tags
from packaging.utils import canonicalize_name, parse_wheel_filename

GLIBC = 31
"""Minor version of the oldest glibc, 2.31, on which every environment installs."""
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 4, -1)]
PLATFORMS += [f"manylinux{name}_x86_64" for name in ("2014", "2010", "1")] + ["linux_x86_64"]
TAGS = {
    *cpython_tags((3, 11), platforms=PLATFORMS),
    *compatible_tags((3, 11), "cp311", PLATFORMS),
}
session = requests.Session()
session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=16, max_retries=3))


@cache
def index():
    from pip._internal.models.index import PyPI

    return os.environ.get("PIP_INDEX_URL", PyPI.simple_url).rstrip("/")


def files(package, version):
    """A version's files that suit Python 3.11: (wheels for these tags, sdists)."""
    page = session.get(f"{index()}/{package}/", headers={"Accept": "text/html"}, timeout=60)
    page.raise_for_status()
    wheels, sources = [], []
    for text in re.findall(rf"<a [^>]*-{re.escape(version)}[-.][^>]*>", page.text):
        link = {key: unescape(value) for key, value in re.findall(r'([\w-]+)="([^"]*)"', text)}
        link["url"] = urljoin(page.url, link["href"]).partition("#")[0]
        name = link["url"].rpartition("/")[2]
        if not SpecifierSet(link.get("data-requires-python", "")).contains("3.11.9"):
            continue
        if name.endswith(".whl"):
            _, wheel_version, _, tags = parse_wheel_filename(name)
            if str(wheel_version) == version and tags & TAGS:
                wheels.append(link)
        elif name.endswith((f"-{version}.tar.gz", f"-{version}.zip")):
            sources.append(link)
    return wheels, sources


class Remote:
    """A file on the index, read by HTTP ranges; first its end, which holds a zip's directory."""

    def __init__(self, url):
        self.url, self.position = url, 0
        self.block = self._get("bytes=-100000")
        self.start = self.size - len(self.block)

    def _get(self, span):
        answer = session.get(self.url, headers={"Range": span}, stream=True, timeout=60)
        assert answer.status_code == 206, f"{self.url}: {answer.status_code} for a range"
        self.size = int(answer.headers["Content-Range"].rpartition("/")[2])
        return answer.content

    def seekable(self):
        return True

    def tell(self):
        return self.position

    def seek(self, offset, whence=io.SEEK_SET):
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        self.position = origin + offset
        return self.position

    def read(self, size=-1):
        end = self.size if size < 0 else min(self.size, self.position + size)
        if not self.start <= self.position <= end <= self.start + len(self.block):
            self.start = self.position
            self.block = self._get(f"bytes={self.position}-{max(end, self.position + 20_000) - 1}")
        data = self.block[self.position - self.start : end - self.start]
        self.position = end
        return data


@cache
def requirements(pin):
    """The ``Requires-Dist`` lines of a pinned package, from its metadata alone."""
    package, version = pin
    wheels, sources = files(package, version)
    if wheels:
        url = wheels[0]["url"]
        if {"data-core-metadata", "data-dist-info-metadata"} & set(wheels[0]):
            text = session.get(url + ".metadata", timeout=60).text
        else:
            with zipfile.ZipFile(Remote(url)) as wheel:
                (name,) = (
                    n for n in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n)
                )
                text = wheel.read(name).decode()
    else:
        assert sources, f"{package}=={version}: no file for Linux x86-64, Python 3.11"
        url = sources[0]["url"]
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / url.rpartition("/")[2]
            archive.write_bytes(session.get(url, timeout=120).content)
            shutil.unpack_archive(archive, folder)
            text = next(Path(folder).glob("*/PKG-INFO")).read_text(encoding="utf-8")
            for file in Path(folder).glob("*/*.egg-info/requires.txt"):  # of old packages
                always = file.read_text(encoding="utf-8").partition("[")[0].split()
                text = "".join(f"Requires-Dist: {line}\n" for line in always) + text
    return HeaderParser().parsestr(text).get_all("Requires-Dist", [])


@pytest.mark.parametrize("name", lock.names())
def test_pins_resolve(name):
    pins = lock.versions(name)
    with ThreadPoolExecutor(16) as pool:
        requires = dict(zip(pins, pool.map(requirements, pins.items()), strict=True))
    listed = {canonicalize_name(r.name): sorted(r.extras) for r in lock.listed(name)}
    conflicts, reached = [], set(listed)
    for by, requirement in lock.needed(listed, requires, cuda=name != lock.LOCAL):
        package = canonicalize_name(requirement.name)
        reached.add(package)
        pin = pins.get(package)
        if pin is None or not requirement.specifier.contains(pin, prereleases=True):
            conflicts.append(f"{by} needs {requirement}, locked: {pin}")
    assert not conflicts, "\n".join(conflicts)
    assert reached == set(pins), f"nothing needs {set(pins) - reached}"
