"""Random models of five architectures, each as a folder of transformers and as a GGUF file in F32.

Small, yet with all that tells architectures apart: fewer key heads than heads, biases, norms of q and k, windows.
The files are written with gguf's own writer, so that nothing here shares code with the exporters.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import CONFIG_MAPPING, AutoModelForCausalLM, PreTrainedTokenizerFast
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

ARCHITECTURES = ("llama", "smollm3", "qwen2", "qwen3", "gemma3")
LINEARS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
HIDDEN, HEADS, KEY_HEADS, HEAD, FEED, LAYERS = 64, 4, 2, 16, 96, 2
TEXT = "A train leaves at 7:45 and takes 2 hours; how much is 57 + 87 - 70? Trois et quatre font sept. "


@dataclass(frozen=True)
class TinyModel:
    """``folder`` has model, config and tokenizer; ``gguf`` the same model for llama.cpp."""

    architecture: str
    folder: Path
    gguf: Path
    tokenizer: PreTrainedTokenizerFast

    def load(self) -> Any:
        return AutoModelForCausalLM.from_pretrained(self.folder, dtype=torch.float32)


def tiny(architecture: str, folder: Path, seed: int = 1) -> TinyModel:
    """Made anew at each call, the same for the same seed."""
    tokenizer = _tokenizer(architecture)
    config = _config(architecture, len(tokenizer))
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name:  # ones, or zeros where one is added
                parameter.add_(torch.randn_like(parameter), alpha=0.2)
            elif name.endswith(".bias"):
                parameter.normal_(0, 0.3)
    home = folder / architecture
    model.save_pretrained(home)
    tokenizer.save_pretrained(home)
    path = folder / f"{architecture}.gguf"
    _write_gguf(path, architecture, config, model.state_dict(), tokenizer)
    return TinyModel(architecture, home, path, tokenizer)


def adapter(model: TinyModel, folder: Path, seed: int = 2, **options: Any) -> Path:
    """A LoRA on all seven linear modules that changes much; options go to peft's LoraConfig."""
    import peft

    torch.manual_seed(seed)
    config = {"r": 4, "lora_alpha": 8, "target_modules": list(LINEARS), "task_type": "CAUSAL_LM"} | options
    wrapped = peft.get_peft_model(model.load(), peft.LoraConfig(**config))
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if "lora_B" in name:
                parameter.normal_(0, 0.15)
    wrapped.save_pretrained(str(folder))
    return folder


def _config(architecture: str, vocabulary: int) -> Any:
    said: dict[str, Any] = {
        "hidden_size": HIDDEN,
        "intermediate_size": FEED,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KEY_HEADS,
        "max_position_embeddings": 512,
        "vocab_size": vocabulary,
        "rms_norm_eps": 1e-6,
        "initializer_range": 0.15,
        "tie_word_embeddings": architecture in ("gemma3", "qwen2"),
        "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
        "bos_token_id": 0,
        "eos_token_id": 2,
        "pad_token_id": 0,
    }
    if architecture == "smollm3":  # its fourth layer is the first that does not rotate
        said["num_hidden_layers"] = 4
    if architecture == "qwen3":  # heads wider than the model divided among them, as in Qwen3 0.6B
        said["head_dim"] = 2 * HEAD
    if architecture == "gemma3":  # its sixth layer is the first that sees everything
        said |= {"num_hidden_layers": 6, "head_dim": HEAD, "query_pre_attn_scalar": HEAD, "sliding_window": 8}
        said["rope_parameters"] = {
            "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        }
    return CONFIG_MAPPING["gemma3_text" if architecture == "gemma3" else architecture](**said)


def _tokenizer(architecture: str) -> PreTrainedTokenizerFast:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if architecture == "qwen2":  # transformers reads every tokenizer of such a model as one of Qwen's
        split = pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated")
        made.pre_tokenizer = pre_tokenizers.Sequence(
            [split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        )
    made.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    made.train_from_iterator([TEXT], trainer)
    names = {"bos_token": SPECIAL[0], "eos_token": SPECIAL[2], "pad_token": SPECIAL[0]}
    return PreTrainedTokenizerFast(tokenizer_object=made, chat_template=TEMPLATE, **names)


def _write_gguf(path: Path, architecture: str, config: Any, state: dict[str, Any], tokenizer: Any) -> None:
    writer = gguf.GGUFWriter(path, architecture)
    head = getattr(config, "head_dim", None) or HEAD
    writer.add_name(f"tiny {architecture}")
    writer.add_license("cc0-1.0")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(FEED)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_key_length(head)
    writer.add_value_length(head)
    if architecture == "gemma3":
        writer.add_rope_freq_base(1_000_000.0)
        writer.add_sliding_window(config.sliding_window)
    else:
        writer.add_rope_freq_base(10_000.0)
    if architecture in ("llama", "smollm3"):
        writer.add_rope_dimension_count(head)
        writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _write_vocabulary(writer, architecture, tokenizer)
    names = gguf.get_tensor_name_map(_arch(architecture), config.num_hidden_layers)
    for name, tensor in state.items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        array = tensor.numpy().astype(np.float32)
        if architecture == "gemma3" and name.endswith("norm.weight"):
            array = array + 1
        if architecture in ("llama", "smollm3") and ".q_proj." in name:
            array = paired(array, HEADS)
        if architecture in ("llama", "smollm3") and ".k_proj." in name:
            array = paired(array, KEY_HEADS)
        writer.add_tensor(
            names.get_name(name, try_suffixes=(".weight", ".bias")), np.ascontiguousarray(array)
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def paired(rows: Any, heads: int) -> Any:
    """As llama.cpp's converter lays the rows of q and k: row i of a head's first half, then of its second."""
    half = len(rows) // heads // 2
    order = [at * 2 * half + i + j * half for at in range(heads) for i in range(half) for j in (0, 1)]
    return rows[order]


def _write_vocabulary(writer: Any, architecture: str, tokenizer: Any) -> None:
    model = json.loads(tokenizer.backend_tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].__getitem__)
    merges = [each if isinstance(each, str) else " ".join(each) for each in model["merges"]]
    kinds = [gguf.TokenType.CONTROL if each in SPECIAL else gguf.TokenType.NORMAL for each in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2" if architecture == "qwen2" else "gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _arch(architecture: str) -> Any:
    return next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
