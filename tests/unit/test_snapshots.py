"""Model folders from a hub, a folder mirror, or the user's disk."""

import os

import pytest
from hub import COMMIT, hub_of
from loopback import closed_port
from tiny import tiny_folder

from icr.errors import InputError
from icr.models import snapshots
from icr.models.snapshots import fetch_snapshot, link_folder, wanted_files
from icr.storage import downloads

REPO, TOKEN = "owner/tiny", "hf_notARealTokenButASecret"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A tiny model with additional files that must not be downloaded."""
    folder = tiny_folder(tmp_path_factory.mktemp("models") / "tiny")
    (folder / "README.md").write_text("---\nlicense: mit\n---\nA model.\n")
    (folder / "pytorch_model.bin").write_bytes(b"the same weights again")
    (folder / "modeling_tiny.py").write_text("raise SystemExit('never run')\n")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.safetensors").write_bytes(b"another format")
    return folder


@pytest.fixture(autouse=True)
def _without_pauses_and_proxy(monkeypatch, tmp_path):
    monkeypatch.setattr(downloads, "BACKOFF", 0.0)
    for name in ("HF_TOKEN", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    # No test reaches a public hub, so a switch of the environment to offline must not matter.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


def names(folder):
    return sorted(file.name for file in folder.iterdir())


EXPECTED = [
    "README.md",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]


def test_one_kind_of_weights_and_no_code():
    common = ["config.json", "tokenizer.model", "merges.txt", "chat_template.jinja", "LICENSE"]
    unused = ["modeling_x.py", "consolidated.safetensors", "training_args.bin", "a/config.json"]
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    assert set(wanted_files([*common, *unused, *shards, "pytorch_model.bin"])) == {*common, *shards}
    assert set(wanted_files([*common, *unused, "pytorch_model.bin"])) == {
        *common,
        "pytorch_model.bin",
    }


def test_a_branch_of_a_hub_is_resolved_and_fetched(model, tmp_path):
    out = tmp_path / "models" / "tiny"
    with hub_of(REPO, model) as hub:
        assert fetch_snapshot(REPO, "main", out, hub.url) == COMMIT
    assert names(out) == EXPECTED
    assert (out / "model.safetensors").read_bytes() == (model / "model.safetensors").read_bytes()
    assert names(out.parent) == ["tiny"]  # no work folder is left
    fetched = [path for method, path, _ in hub.requests if "/resolve/" in path]
    assert not [path for path in fetched if ".bin" in path or ".py" in path or "onnx" in path]


def test_a_pinned_commit_is_fetched(model, tmp_path):
    with hub_of(REPO, model) as hub:
        assert fetch_snapshot(REPO, COMMIT, tmp_path / "tiny", hub.url) == COMMIT


def test_a_hub_that_fails_is_retried(model, tmp_path):
    busy = (503, {}, b"")
    whole = (model / "model.safetensors").read_bytes()
    cut = (200, {"Content-Length": str(len(whole)), "ETag": '"x"'}, whole[:1000])
    faults = {"/revision/main": [busy], "/model.safetensors": [cut, cut]}
    with hub_of(REPO, model, faults=faults) as hub:
        fetch_snapshot(REPO, "main", tmp_path / "tiny", hub.url)
    assert not faults["/revision/main"] and not faults["/model.safetensors"]
    assert (tmp_path / "tiny" / "model.safetensors").read_bytes() == whole


def test_an_interrupted_download_is_resumed(model, tmp_path):
    out = tmp_path / "tiny"
    refused = [(403, {}, b"")] * 20
    with (
        hub_of(REPO, model, faults={"/tokenizer.json": refused}) as hub,
        pytest.raises(InputError),
    ):
        fetch_snapshot(REPO, "main", out, hub.url)
    assert not out.exists()
    with hub_of(REPO, model) as hub:
        fetch_snapshot(REPO, "main", out, hub.url)
    fetched = [path for method, path, _ in hub.requests if method == "GET" and "/resolve/" in path]
    assert len(fetched) < len(EXPECTED) and any("tokenizer.json" in path for path in fetched)
    assert names(out) == EXPECTED


@pytest.mark.parametrize(("repo", "revision"), [("owner/other", "main"), (REPO, "no-branch")])
def test_an_unknown_model_or_revision(model, tmp_path, repo, revision):
    with (
        hub_of(REPO, model) as hub,
        pytest.raises(InputError, match=f"cannot fetch {repo}@{revision} from {hub.url}: .*404"),
    ):
        fetch_snapshot(repo, revision, tmp_path / "tiny", hub.url)
    assert not (tmp_path / "tiny").exists()


def test_without_a_network_the_message_says_what_to_do(tmp_path):
    url = closed_port()
    with pytest.raises(InputError) as caught:
        fetch_snapshot(REPO, "main", tmp_path / "tiny", url)
    for part in (REPO, url, "folder", "'mirrors'"):
        assert part in str(caught.value)


def test_progress_is_written_as_whole_lines(model, tmp_path, monkeypatch, capfd):
    monkeypatch.setattr(snapshots, "EVERY", 0.0)
    with hub_of(REPO, model) as hub:
        fetch_snapshot(REPO, "main", tmp_path / "tiny", hub.url)
    log = capfd.readouterr().err
    assert "100%" in log and "\r" not in log and all(log.splitlines())


def test_a_gated_model_needs_the_token_of_the_environment(model, tmp_path):
    with (
        hub_of(REPO, model, token=TOKEN) as hub,
        pytest.raises(InputError, match="HF_TOKEN"),
    ):
        fetch_snapshot(REPO, "main", tmp_path / "tiny", hub.url)


def test_the_token_reaches_no_file_and_no_log(model, tmp_path, monkeypatch, capfd, caplog):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with hub_of(REPO, model, token=TOKEN) as hub:
        fetch_snapshot(REPO, "main", tmp_path / "tiny", hub.url)
    with (
        hub_of(REPO, model, token="hf_another") as hub,
        pytest.raises(InputError) as caught,
    ):
        fetch_snapshot(REPO, "main", tmp_path / "again", hub.url)
    printed = capfd.readouterr()
    assert TOKEN not in printed.out + printed.err + caplog.text + str(caught.value)
    for folder, _, file_names in os.walk(tmp_path):
        for name in file_names:
            with open(os.path.join(folder, name), "rb") as file:
                assert TOKEN.encode() not in file.read(), name


def test_a_token_on_disk_is_not_sent(model, tmp_path, monkeypatch):
    stored = tmp_path / "token"
    stored.write_text(TOKEN)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(stored))
    with hub_of(REPO, model) as hub:
        fetch_snapshot(REPO, "main", tmp_path / "tiny", hub.url)
    assert hub.requests
    assert not [h for _, _, h in hub.requests if any(k.lower() == "authorization" for k in h)]


def test_a_folder_mirror_is_linked(model, tmp_path):
    mirror = tmp_path / "mirror"
    (mirror / "owner").mkdir(parents=True)
    (mirror / REPO).symlink_to(model)
    assert fetch_snapshot(REPO, "main", tmp_path / "tiny", str(mirror)) is None
    assert names(tmp_path / "tiny") == EXPECTED


def test_a_folder_mirror_without_the_model(tmp_path):
    with pytest.raises(InputError, match=f"{REPO} is not a model folder: there is no such folder"):
        fetch_snapshot(REPO, "main", tmp_path / "tiny", str(tmp_path))


def test_a_users_folder_is_linked_and_replaced_as_a_whole(model, tmp_path):
    out = tmp_path / "tiny"
    out.mkdir()
    (out / "stale.json").write_text("{}")
    link_folder(model, out)
    assert names(out) == EXPECTED and all(file.is_symlink() for file in out.iterdir())
    assert (out / "config.json").read_bytes() == (model / "config.json").read_bytes()


def test_a_folder_that_is_no_model(tmp_path):
    with pytest.raises(InputError, match=r"is not a model folder: it has no config\.json"):
        link_folder(tmp_path, tmp_path / "tiny")
