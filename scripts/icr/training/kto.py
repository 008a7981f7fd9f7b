"""KTO (Eq. 16), from the same pairs: chosen are desirable, rejected undesirable."""

from typing import Any

from trl import KTOTrainer


class UnpairedTrainer(KTOTrainer):
    """TRL's trainer on rows of token ids, made by :func:`icr.training.data.kto_rows`."""

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset
