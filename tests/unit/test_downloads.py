"""Downloads of public files, from a server or a folder mirror: complete and verified, or none."""

import subprocess

import pytest
from loopback import closed_port, serving

from icr.errors import InputError
from icr.storage import downloads
from icr.storage.downloads import expected_blob, fetch_github, git_blob_id

REPO, COMMIT, PATH = "owner/name", "c" * 40, "data/en.jsonl"
CONTENT = b'{"instruction": "hi", "instruction_id": "1"}\n' * 50
BLOB = git_blob_id(CONTENT)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch):
    monkeypatch.setattr(downloads, "BACKOFF", 0.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def fetch(tmp_path, mirror, blob=BLOB):
    out = tmp_path / "out" / "en.jsonl"
    fetch_github(REPO, COMMIT, PATH, blob, out, str(mirror))
    return out


def nothing_written(tmp_path):
    return not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def answers(*replies):
    """An answer function that gives the replies in turn and repeats the last."""
    remaining = list(replies)
    return lambda *_: remaining.pop(0) if len(remaining) > 1 else remaining[0]


def test_the_blob_id_matches_git(tmp_path):
    file = tmp_path / "file"
    for content in (b"", b"hello\n", bytes(range(256))):
        file.write_bytes(content)
        process = subprocess.run(["git", "hash-object", file], capture_output=True, text=True)
        assert git_blob_id(content) == process.stdout.strip()


def test_blobs_are_looked_up_by_repository_commit_and_path(tmp_path):
    table = tmp_path / "files.tsv"
    table.write_text(
        "kind\tgithub_repo\tcommit\tpath\tgit_blob_sha1\tbytes\n"
        f"prompts\t{REPO}\t{'d' * 40}\t{PATH}\twrong\t\n"
        f"prompts\t{REPO}\t{COMMIT}\t{PATH}\tright\t5\n"
    )
    assert expected_blob(table, REPO, COMMIT, PATH) == "right"
    with pytest.raises(InputError, match=r"ccccccc:data/fr\.jsonl is not listed in .*files\.tsv"):
        expected_blob(table, REPO, COMMIT, "data/fr.jsonl")


def test_every_listed_upstream_file_has_one_blob(request):
    lines = (request.config.rootpath / "config/upstream-files.tsv").read_text().splitlines()[1:]
    sources = [tuple(line.split("\t")[1:4]) for line in lines]
    assert len(set(sources)) == len(sources) > 100
    for line in lines:
        blob = line.split("\t")[4]
        assert len(blob) == 40 and int(blob, 16)


def test_a_file_of_a_folder_mirror(tmp_path):
    file = tmp_path / "mirror" / REPO / COMMIT / PATH
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENT)
    assert fetch(tmp_path, tmp_path / "mirror").read_bytes() == CONTENT


def test_a_folder_mirror_without_the_file(tmp_path):
    with pytest.raises(InputError, match=rf"mirror file .*{COMMIT}/{PATH}: No such file"):
        fetch(tmp_path, tmp_path)
    assert nothing_written(tmp_path)


def test_a_file_of_a_server(tmp_path):
    with serving(answers((200, {}, CONTENT))) as server:
        assert fetch(tmp_path, server.url + "/").read_bytes() == CONTENT
    assert [path for _, path, _ in server.requests] == [f"/{REPO}/{COMMIT}/{PATH}"]


def test_a_wrong_file_is_refused_and_the_old_one_stays(tmp_path):
    with serving(answers((200, {}, CONTENT))) as server:
        out = fetch(tmp_path, server.url)
    with (
        serving(answers((200, {}, b"<html>log in first</html>"))) as server,
        pytest.raises(InputError, match=rf"blob id [0-9a-f]{{40}}, expected {BLOB} \(25 bytes\)"),
    ):
        fetch(tmp_path, server.url)
    assert out.read_bytes() == CONTENT and len(list(out.parent.iterdir())) == 1


def test_a_truncated_body_is_fetched_again(tmp_path):
    cut = (200, {"Content-Length": str(len(CONTENT))}, CONTENT[:100])
    with serving(answers(cut, (200, {}, CONTENT))) as server:
        assert fetch(tmp_path, server.url).read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_a_body_that_is_always_truncated(tmp_path):
    cut = (200, {"Content-Length": str(len(CONTENT))}, CONTENT[:100])
    with serving(answers(cut)) as server, pytest.raises(InputError, match="ChunkedEncodingError"):
        fetch(tmp_path, server.url)
    assert nothing_written(tmp_path)


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_server_is_retried(tmp_path, status):
    with serving(answers((status, {}, b""), (status, {}, b""), (200, {}, CONTENT))) as server:
        assert fetch(tmp_path, server.url).read_bytes() == CONTENT
    assert len(server.requests) == 3


def test_retries_are_limited(tmp_path):
    with serving(answers((500, {}, b""))) as server, pytest.raises(InputError, match="HTTP 500"):
        fetch(tmp_path, server.url)
    assert len(server.requests) == downloads.TRIES and nothing_written(tmp_path)


def test_a_missing_file_is_not_retried(tmp_path):
    with serving(answers((404, {}, b"no"))) as server, pytest.raises(InputError, match="HTTP 404"):
        fetch(tmp_path, server.url)
    assert len(server.requests) == 1 and nothing_written(tmp_path)


def test_without_a_network_the_message_says_what_to_do(tmp_path):
    url = closed_port()
    with pytest.raises(InputError) as caught:
        fetch(tmp_path, url)
    assert f"{url}/{REPO}/{COMMIT}/{PATH}" in str(caught.value)
    assert "folder" in str(caught.value) and "'mirrors'" in str(caught.value)
    assert nothing_written(tmp_path)


def test_a_proxy_of_the_environment_is_used(tmp_path, monkeypatch):
    with serving(answers((200, {}, CONTENT))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        fetch(tmp_path, "http://files.example")
    assert proxy.requests[0][1] == f"http://files.example/{REPO}/{COMMIT}/{PATH}"
