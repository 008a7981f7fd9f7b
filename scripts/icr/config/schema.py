"""The JSON schema of the configuration, for editors: ``python -m icr.config.schema``."""

import json
from typing import Any

from icr.config.experiments import Experiment
from icr.config.root import Config


def schema() -> dict[str, Any]:
    """JSON schema, draft 2020-12. Rows besides ``main`` may leave out every key."""
    made = Config.model_json_schema()
    rows = made["properties"]["experiments"]
    partial = {**made["$defs"][Experiment.__name__], "required": []}
    made["$defs"]["ExperimentRow"] = _without_required(partial)
    for name in ("PromptChoice",):
        made["$defs"][f"{name}Row"] = _without_required(made["$defs"][name])
    row = made["$defs"]["ExperimentRow"]
    row["properties"] = {
        **row["properties"],
        "prompts": {"$ref": "#/$defs/PromptChoiceRow"},
    }
    rows["properties"] = {"main": {"$ref": f"#/$defs/{Experiment.__name__}"}}
    rows["additionalProperties"] = {"anyOf": [{"$ref": "#/$defs/ExperimentRow"}, {"type": "null"}]}
    rows["required"] = ["main"]
    rows.pop("patternProperties", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def _without_required(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != "required"}


if __name__ == "__main__":
    print(json.dumps(schema(), indent=2, ensure_ascii=False))
