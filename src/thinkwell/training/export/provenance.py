"""Where a model is from, as entries of a GGUF file: the standard's keys where it has them, else our own."""

from __future__ import annotations

import msgspec

from thinkwell.errors import SetupError
from thinkwell.training.export.container import Gguf, Value, digest_of, entries_of


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """All optional. ``base`` is the name of the base model, ``base_digest`` the sha256 of its file, which is
    held against the file; ``data_digest`` that of the data. ``run`` is the id of the run, ``recipe`` how the
    model was made, in a sentence."""

    name: str = ""
    version: str = ""
    description: str = ""
    licence: str = ""
    run: str = ""
    recipe: str = ""
    base: str = ""
    base_url: str = ""
    base_digest: str = ""
    data: str = ""
    data_digest: str = ""
    languages: tuple[str, ...] = ()

    def entries(self, base: Gguf) -> dict[str, bytes]:
        """What is not given is told from the base file. Raises SetupError when that is not the one named."""
        if self.base_digest and self.base_digest != digest_of(base.path):
            raise SetupError(
                f"{base.path} is not the file that was trained on (sha256 {self.base_digest[:12]}...); "
                "name that file, or train anew on this one."
            )
        of_base = base.values.get
        name = self.base or str(of_base("general.name", "")) or base.path.stem
        values: dict[str, Value] = {
            "general.name": self.name or self.run,
            "general.version": self.version,
            "general.description": self.description,
            "general.finetune": self.run,
            "general.license": self.licence or str(of_base("general.license", "")),
            "general.base_model.count": 1,
            "general.base_model.0.name": name,
            "general.base_model.0.organization": str(of_base("general.organization", "")),
            "general.base_model.0.repo_url": self.base_url,
            "general.languages": self.languages,
            "thinkwell.run": self.run,
            "thinkwell.recipe": self.recipe,
            "thinkwell.base.sha256": self.base_digest,
            "thinkwell.data.sha256": self.data_digest,
        }
        if self.data:
            values |= {"general.dataset.count": 1, "general.dataset.0.name": self.data}
        return entries_of(values)
