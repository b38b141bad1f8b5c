"""Export: the merge equals the adapter, and the GGUF files say what they hold."""

import struct

import pytest
import torch
from conftest import BASE, lock

from trainer import export, model
from trainer.errors import Refused
from trainer.gguf import Gguf, q8_0
from trainer.gguf_map import pre_tokenizer
from trainer.lock import settings


@pytest.fixture
def adapter(tmp_path):
    """A random adapter as a PEFT folder, and the model that carries it."""
    plan = settings(lock())
    torch.manual_seed(3)
    net = model.lora(model.load_base(BASE, torch.float32), plan).eval()
    with torch.no_grad():
        for value in model.trained(net).values():
            value.normal_(0, 0.05)
    model.save_trained(net, plan, BASE, tmp_path)
    return net, tmp_path / "adapter"


def header(path):
    return struct.unpack_from("<4sIQQ", path.read_bytes())


def test_merged_logits_equal_adapter_logits(adapter):
    net, folder = adapter
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        merged, carried, plain = (m(ids).logits for m in (export.merged_model(BASE, folder), net, export.merged_model(BASE, None)))
    assert torch.allclose(merged, carried, atol=1e-4)
    assert (plain - carried).abs().max() > 0.1


def test_export_writes_gguf_v3_with_every_tensor(adapter, tmp_path):
    out = tmp_path / "out"
    answer = export.run({"base": str(BASE), "adapter": str(adapter[1]), "out": str(out), "precision": "f16"})
    assert {"adapter.gguf", "merged.gguf", "merged/model.safetensors", "merged/config.json"} <= {row["path"] for row in answer["files"]}
    assert header(out / "merged.gguf")[:3] == (b"GGUF", 3, 36)
    assert header(out / "adapter.gguf")[:3] == (b"GGUF", 3, 3 * 7 * 2)
    data = (out / "merged.gguf").read_bytes()
    for text in (b"qwen3", b"gpt-2", b"<|im_end|>", b"blk.2.attn_q_norm.weight", b"output.weight"):
        assert text in data
    assert len(data) % 32 == 0 and len(data) < 700_000


def test_a_tensor_lies_where_the_table_says(tmp_path):
    file = Gguf("f32")
    file.tensor("a", torch.tensor([1.0, 2.0, 3.0]))
    file.tensor("b", torch.tensor([[4.0, 5.0]]))
    data = file.write(tmp_path / "x.gguf").read_bytes()
    table = data.index(b"b", 24)
    dims, inner, outer, kind, offset = struct.unpack_from("<IQQIQ", data, table + 1)
    assert (dims, inner, outer, kind, offset) == (2, 2, 1, 0, 32)
    assert struct.unpack_from("<2f", data, len(data) - 32) == (4.0, 5.0)


def test_q8_0_blocks_have_a_scale_and_rounded_values():
    raw = q8_0(torch.linspace(-127, 127, 32)[None] / 2)
    scale = struct.unpack_from("<e", raw)[0]
    values = struct.unpack_from("<32b", raw, 2)
    assert len(raw) == 34 and scale == 0.5
    assert values[0] == -127 and values[-1] == 127
    assert q8_0(torch.zeros(1, 32)) == b"\0" * 34


def test_an_unknown_pre_tokenizer_is_refused():
    with pytest.raises(Refused, match="pre-tokenizer"):
        pre_tokenizer({"pre_tokenizer": {"type": "Metaspace"}})
