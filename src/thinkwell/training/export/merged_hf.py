"""The merged model as a folder of transformers: plain weights, config, tokenizer, template, for GPU servers.

peft itself adds the adapter, so that whatever it can merge is merged. Needs torch, and memory for the model.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from thinkwell.errors import SetupError
from thinkwell.training.export.folders import whole_folder


def export_folder(
    adapter: Path,
    base: Path,
    target: Path,
    *,
    dtype: Literal["bfloat16", "float16", "float32"] = "bfloat16",
    card: str = "",
) -> None:
    """``base`` is a folder of transformers (of a GGUF file: ``base_gguf.import_base``), ``card`` the text of
    README.md. ``target`` must not be there yet.

    Raises SetupError for a base or an adapter that cannot be read, or do not belong together.
    """
    import torch
    from peft import PeftModel, get_peft_model_state_dict
    from safetensors import safe_open
    from transformers import AutoModelForCausalLM

    try:
        # Added in the base's own precision: in bfloat16 small changes would be rounded away one by one.
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, local_files_only=True)
        wrapped = PeftModel.from_pretrained(model, str(adapter))
        with safe_open(adapter / "adapter_model.safetensors", "pt") as file:
            strange = set(file.keys()) - set(get_peft_model_state_dict(wrapped, save_embedding_layers=False))
    except (OSError, ValueError, RuntimeError) as problem:
        raise SetupError(f"{adapter} cannot be merged with {base}: {str(problem).splitlines()[0]}") from None
    if strange:  # peft only warns
        raise SetupError(f"{adapter} is for another base than {base}, which has no place for {min(strange)}.")
    merged = wrapped.merge_and_unload()
    with whole_folder(target) as folder:
        merged.to(getattr(torch, dtype)).save_pretrained(folder)
        for file in sorted(base.iterdir()):
            if file.name.startswith(("tokenizer", "special_tokens", "chat_template", "vocab", "merges")):
                shutil.copy(file, folder)
        if card:
            (folder / "README.md").write_text(card, encoding="utf-8")
