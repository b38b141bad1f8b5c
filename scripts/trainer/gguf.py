"""A GGUF v3 writer: header, typed metadata, tensor table, aligned data. Little-endian, values as the format's specification says."""

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .files import write_atomic

ALIGNMENT = 32  # bytes; the format's default
UINT32, INT32, FLOAT32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
F32, F16, Q8_0, BF16 = 0, 1, 8, 30
PRECISIONS = {"f32": F32, "f16": F16, "bf16": BF16, "q8_0": Q8_0}
FILE_TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "bf16": 32}
BLOCK = 32  # values of a Q8_0 block, which holds one float16 scale and 32 int8


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def scalar(kind: int, value: Any) -> bytes:
    if kind == STRING:
        return text(value)
    return struct.pack({UINT32: "<I", INT32: "<i", FLOAT32: "<f", BOOL: "<?"}[kind], value)


def q8_0(rows: torch.Tensor) -> bytes:
    """Blocks of 32: scale = max |x| ÷ 127 as float16, then round(x ÷ scale) as int8 (ggml's quantize_row_q8_0_ref)."""
    blocks = rows.float().reshape(-1, BLOCK)
    scale = blocks.abs().amax(1, keepdim=True) / 127
    inverse = torch.where(scale > 0, 1 / scale, torch.zeros_like(scale))
    scaled = blocks * inverse
    whole = (torch.sign(scaled) * torch.floor(scaled.abs() + 0.5)).to(torch.int8)  # ties away from zero, as roundf
    raw = torch.cat([scale.half().view(torch.uint8).reshape(-1, 2), whole.view(torch.uint8)], 1)
    return raw.contiguous().numpy().tobytes()


def encode(tensor: torch.Tensor, precision: str) -> tuple[int, bytes]:
    """Type id and bytes of a tensor; vectors and rows that are no multiple of a block stay float32."""
    value = tensor.detach().cpu().contiguous()
    if value.ndim < 2 or precision == "f32" or (precision == "q8_0" and value.shape[-1] % BLOCK):
        return F32, value.float().numpy().tobytes()
    if precision == "q8_0":
        return Q8_0, q8_0(value)
    dtype = torch.float16 if precision == "f16" else torch.bfloat16
    return PRECISIONS[precision], value.to(dtype).contiguous().view(torch.uint8).numpy().tobytes()


@dataclass
class Gguf:
    """One file in the making: add metadata and tensors, then write."""

    precision: str
    meta: list[bytes] = field(default_factory=list)
    tensors: list[tuple[str, tuple[int, ...], int, bytes]] = field(default_factory=list)

    def add(self, key: str, kind: int, value: Any) -> None:
        self.meta.append(text(key) + struct.pack("<I", kind) + scalar(kind, value))

    def add_array(self, key: str, kind: int, values: list[Any]) -> None:
        head = text(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
        self.meta.append(head + b"".join(scalar(kind, value) for value in values))

    def tensor(self, name: str, value: torch.Tensor, precision: str | None = None) -> None:
        """Add a tensor; GGUF counts dimensions from the innermost."""
        kind, data = encode(value, precision or self.precision)
        self.tensors.append((name, tuple(reversed(value.shape)), kind, data))

    def write(self, path: Path) -> Path:
        head = struct.pack("<4sIQQ", b"GGUF", 3, len(self.tensors), len(self.meta)) + b"".join(self.meta)
        table, data, at = [], [], 0
        for name, shape, kind, raw in self.tensors:
            table.append(text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape) + struct.pack("<IQ", kind, at))
            padded = raw + b"\0" * (-len(raw) % ALIGNMENT)
            data.append(padded)
            at += len(padded)
        head += b"".join(table)
        write_atomic(path, head + b"\0" * (-len(head) % ALIGNMENT) + b"".join(data))
        return path
