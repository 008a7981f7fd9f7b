"""A model's weights: which files hold them, and whether they are those of its architecture.

transformers fills up what a file lacks with random numbers and says so in a log alone. Here a
weight that is missing, of another shape, or left over inside the layers is an error. vLLM, too,
starts without an embedding, and cannot be asked: what it loads was compared when it was fetched.
"""

import json
import re
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import PreTrainedModel

from icr.errors import InputError

NAMED = 3
"""How many weights a message names."""
NOWHERE = {"": "meta"}
"""A device map under which nothing is read and nothing is stored."""


def load_checked(auto: Any, folder: str | Path, **options: Any) -> PreTrainedModel:
    """``auto.from_pretrained`` (an AutoModel class) of a local folder, every weight from its files.

    ``options`` are that method's. Tied weights need not be in a file.

    Raises InputError if the files are damaged, or their weights not those of the architecture.
    """
    try:
        model, info = auto.from_pretrained(
            folder,
            local_files_only=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # so that they come back, and are told together
            **options,
        )
    except (SafetensorError, zipfile.BadZipFile, EOFError) as error:
        raise InputError(
            f"model {folder} has a damaged file of weights ({error}); delete the folder, and the "
            "same command makes or fetches it again"
        ) from None
    check_loaded(model, info, str(folder))
    return model


def check_stored(auto: Any, config: Any, stored: Mapping[str, torch.Tensor], name: str) -> None:
    """Raise InputError unless ``stored``, tensors by name, make up the model of a configuration.

    Only names and shapes count: the tensors may lie on the meta device, as the model does here.
    """
    if getattr(config, "quantization_config", None):
        return  # packed weights have other names and shapes; loading checks them
    try:
        with torch.device("meta"):
            architecture = type(auto.from_config(config, trust_remote_code=False))
        model, info = architecture.from_pretrained(
            None,
            config=config,
            state_dict=dict(stored),
            device_map=NOWHERE,
            output_loading_info=True,
            ignore_mismatched_sizes=True,
        )
    except ImportError:
        raise  # a library is missing, and nothing is wrong with the model
    except Exception as error:  # whatever a configuration that fits nothing raises in there
        first = (str(error).strip().splitlines() or [repr(error)])[0]
        raise InputError(f"model '{name}': no model can be made of it: {first}") from error
    check_loaded(model, info, name)


def check_loaded(model: PreTrainedModel, info: Mapping[str, Any], name: str) -> None:
    """Raise InputError unless a model was made of the weights in its files and of no others.

    ``info`` is transformers' loading info. Left-over weights beside the model's own layers, such as
    the head of another task, are said and accepted.
    """
    lacking = sorted(info["missing_keys"])
    shapes = [
        f"{key}: {tuple(found)} in the file, {tuple(due)} in the model"
        for key, found, due in sorted(info["mismatched_keys"])
    ]
    unused = sorted(info["unexpected_keys"])
    inside = [key for key in unused if _stack(key) in _stacks(model)]
    if not (lacking or shapes or inside or info["error_msgs"]):
        if unused:
            print(f"model '{name}': not used from its files: {_listed(unused)}")
        return
    problems = [
        f"{len(keys)} of the model's weights {what} ({_listed(keys)})"
        for what, keys in (
            ("are not in its files", lacking),
            ("have another shape", shapes),
        )
        if keys
    ]
    if inside:
        problems.append(f"{len(inside)} weights of its layers have no place ({_listed(inside)})")
    problems += info["error_msgs"][:1]
    raise InputError(
        f"model '{name}' does not fit its config.json, which describes a {type(model).__name__}: "
        f"{'; '.join(problems)}; {_cause(lacking, shapes, inside)}"
    )


def stored_weights(folder: Path, name: str) -> dict[str, torch.Tensor]:
    """All weights in a folder's files by name, on the meta device: shape and type, no values.

    Raises InputError if a file is missing or damaged.
    """
    files = weight_files(folder, name)
    return {key: tensor for file in files for key, tensor in _tensors(file, name).items()}


def weight_files(folder: Path, name: str) -> list[Path]:
    """The files that hold a model's weights: one, or the shards that an index names.

    Raises InputError if there are none, or if a shard is missing.
    """
    for single in ("model.safetensors", "pytorch_model.bin"):
        index = folder / f"{single}.index.json"
        if (folder / single).is_file():
            return [folder / single]
        if index.is_file():
            try:
                shards = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
            except (ValueError, LookupError, AttributeError, TypeError) as error:
                raise InputError(f"model '{name}': {index} is no index: {error!r}") from None
            missing = [shard for shard in shards if not (folder / shard).is_file()]
            if missing:
                raise InputError(
                    f"model '{name}': {folder} lacks {', '.join(missing)}, named in {index.name}"
                )
            return [folder / shard for shard in shards]
    adapter = (folder / "adapter_config.json").is_file()
    raise InputError(
        f"model '{name}': {folder} has no model.safetensors and no index of shards"
        + ("; it holds an adapter: merge it into its base model first" if adapter else "")
    )


def _tensors(file: Path, name: str) -> dict[str, torch.Tensor]:
    """The weights of one file. Raises InputError if it is damaged or cut."""
    if file.suffix == ".safetensors":
        return {
            key: torch.empty(row["shape"], dtype=_TYPES.get(row["dtype"]), device="meta")
            for key, row in _header(file, name).items()
        }
    try:
        found: dict[str, torch.Tensor] = torch.load(
            file, map_location="meta", weights_only=True, mmap=zipfile.is_zipfile(file)
        )
    except Exception as error:  # whatever a broken file raises in there
        first = (str(error).strip().splitlines() or [repr(error)])[0]
        raise InputError(
            f"model '{name}': {file} is no file of PyTorch weights, or is damaged: {first[:200]}; "
            "fetch it again"
        ) from None
    return found


_TYPES = {
    "F64": torch.float64,
    "F32": torch.float32,
    "F16": torch.float16,
    "BF16": torch.bfloat16,
}
"""Types of weights by their names in a safetensors header; others are counted as the default."""


def _header(file: Path, name: str) -> dict[str, Any]:
    """Tensors of a safetensors file by name: dtype, shape, place. Reads the header alone.

    Raises InputError if the file is not as long as its header says.
    """
    length = file.stat().st_size
    try:
        with file.open("rb") as handle:
            (size,) = struct.unpack("<Q", handle.read(8))
            header: dict[str, Any] = json.loads(handle.read(min(size, length)))
        header.pop("__metadata__", None)
        expected = 8 + size + max(t["data_offsets"][1] for t in header.values())
    except (struct.error, ValueError, KeyError, TypeError, AttributeError):
        raise InputError(f"model '{name}': {file} is no safetensors file, or is cut") from None
    if length != expected:
        raise InputError(
            f"model '{name}': {file} has {length} bytes, its header says {expected}; fetch it again"
        )
    return header


def _stack(key: str) -> str | None:
    """The list of layers that a weight lies in: ``model.layers`` of ``model.layers.3.mlp.bias``."""
    found = re.match(r"(.+?)\.\d+\.", key)
    return found[1] if found else None


def _stacks(model: PreTrainedModel) -> set[str | None]:
    return {_stack(key) for key, _ in model.named_parameters()} - {None}


def _listed(keys: list[str]) -> str:
    return ", ".join(keys[:NAMED]) + (", …" if len(keys) > NAMED else "")


def _cause(lacking: list[str], shapes: list[str], inside: list[str]) -> str:
    if lacking and all(key.startswith(("score.", "classifier.")) for key in lacking):
        return "it has no score head, so it is no reward model of this library's format"
    if shapes or inside:
        return "config.json or the weights are those of another model"
    return "the files are incomplete (fetch them again), or config.json is another model's"
