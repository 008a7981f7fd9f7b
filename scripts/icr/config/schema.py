"""The JSON schema of the configuration, for editors: ``python -m icr.config.schema``."""

import json
from typing import Any

from icr.config.experiments import Experiment
from icr.config.root import Config


def schema() -> dict[str, Any]:
    """JSON schema, draft 2020-12. Experiments other than ``main`` may omit every key."""
    result = Config.model_json_schema()
    rows = result["properties"]["experiments"]
    partial = {**result["$defs"][Experiment.__name__], "required": []}
    result["$defs"]["ExperimentRow"] = _without_required(partial)
    for name in ("PromptChoice",):
        result["$defs"][f"{name}Row"] = _without_required(result["$defs"][name])
    row = result["$defs"]["ExperimentRow"]
    row["properties"] = {
        **row["properties"],
        "prompts": {"$ref": "#/$defs/PromptChoiceRow"},
    }
    rows["properties"] = {"main": {"$ref": f"#/$defs/{Experiment.__name__}"}}
    rows["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/ExperimentRow"}, {"type": "null"}]}
    rows["required"] = ["main"]
    rows.pop("patternProperties", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **result}


def _without_required(definition: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != "required"}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
