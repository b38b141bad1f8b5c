"""Log-probabilities of supervised tokens only: the head runs where something is learned, in chunks."""

import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from .layout import Batch

CHUNK = 2048  # positions; logits of a chunk are thrown away and made again in the backward pass


def parts(model: torch.nn.Module) -> tuple[torch.nn.Module, torch.nn.Module]:
    """Body and head of a causal language model, below PEFT if it is there (LoRA layers live inside the body)."""
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return inner.get_decoder() if hasattr(inner, "get_decoder") else inner.model, inner.get_output_embeddings()


def token_logps(model: torch.nn.Module, batch: Batch) -> torch.Tensor:
    """Log-probability (natural log, float32) of each supervised target of the batch."""
    body, head = parts(model)
    hidden = body(
        input_ids=batch.ids, position_ids=batch.positions, attention_mask=batch.attention, use_cache=False
    ).last_hidden_state
    picked = hidden.reshape(-1, hidden.shape[-1]).index_select(0, batch.predict)

    def chunk(states: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        return -F.cross_entropy(head(states).float(), targets, reduction="none")

    if len(batch.targets) <= CHUNK:
        return chunk(picked, batch.targets)
    pairs = zip(picked.split(CHUNK), batch.targets.split(CHUNK), strict=True)
    return torch.cat([checkpoint(chunk, states, targets, use_reentrant=False) for states, targets in pairs])


def sequence_logps(logps: torch.Tensor, batch: Batch, sequences: int) -> torch.Tensor:
    """Sum of the supervised log-probabilities of each sequence."""
    return torch.zeros(sequences, dtype=logps.dtype, device=logps.device).index_add(0, batch.owner, logps)
