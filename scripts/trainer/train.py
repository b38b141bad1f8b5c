"""The train command: refuse early, hold the folder, resume what is there, leave a reason."""

import fcntl
import signal
from pathlib import Path
from typing import Any

import torch

from . import checkpoint, loop, model, schedule
from .data import check_lengths, check_stream, read_rows
from .dpo import Dpo
from .errors import Busy, Diverged, Interrupted, Refused, Stop
from .events import Heartbeat, Journal
from .files import artifacts, write_json
from .folder import check_same, finished, leave
from .job import Run, State
from .layout import derive, steps_per_epoch
from .lock import Settings, settings
from .sft import Sft
from .tokens import Tokens

SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Do the run or the rest of it; a finished one is left alone."""
    out = Path(request["out"])
    out.mkdir(parents=True, exist_ok=True)
    with open(out / "trainer.lock", "w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("busy", "another trainer holds this run folder") from error
        limit = request.get("maxSteps")
        if done := finished(out, limit):
            return {"already": True, "reason": done["reason"], "lastStep": done["lastStep"]}
        last = {"step": 0, "signal": None}
        try:
            reason = work(request, out, last)
        except Stop as stop:
            leave(out, stop.exit_code, stop.code, last)
            raise
        except Exception:
            leave(out, 1, "bug", last)
            raise
        leave(out, 0, reason, last)
        return {"already": False, "reason": reason, "lastStep": last["step"]}


def read_data(request: dict[str, Any], plan: Settings, tokens: Tokens) -> tuple[list, list]:
    """Train and validation rows, within the limits and with the token hashes of the lock."""
    data, hashes = request["data"], request["lock"].get("tokens") or {}
    if not isinstance(data, dict) or not isinstance(data.get("train"), str):
        raise Refused("bad-request", "data.train must be a path")
    rows = {}
    for name, key in (("train", "trainSha256"), ("val", "evalSha256")):
        path = data.get(name)
        rows[name] = read_rows(Path(path), tokens, plan.method, plan.loss_on) if path else []
        check_lengths(rows[name], name, plan.max_tokens, plan.max_prompt if plan.method == "dpo" else None)
        check_stream(rows[name], hashes.get(key), name)
    return rows["train"], rows["val"]


def build(request: dict[str, Any], plan: Settings) -> torch.nn.Module:
    """Base plus fresh or copied adapter; the init has a seed of its own, then dropout gets another."""
    base, start = Path(request["base"]), request.get("start")
    whole = plan.adapter == "full"
    net = model.load_base(base, torch.float32 if whole else model.DTYPES[plan.dtype], plan.attention)
    torch.manual_seed(derive(plan.seed, "init"))
    if whole and start:
        raise Refused("start-mismatch", "full tuning can not start from an adapter", "start: base")
    if not whole:
        net = model.lora(net, plan)
        if start:
            model.load_start(net, Path(start), plan)
    torch.manual_seed(derive(plan.seed, "dropout"))
    return net.to(model.device()).eval()


def work(request: dict[str, Any], out: Path, last: dict[str, Any]) -> str:
    """Everything between the lock and the reason."""
    plan = settings(request["lock"])
    base = Path(request["base"])
    tokens = Tokens(base, plan.end_of_turn)
    train, val = read_data(request, plan, tokens)
    check_same(request, out)
    model.deterministic(int(request.get("threads") or 1))
    net = build(request, plan)
    where = next(net.parameters()).device
    if plan.method == "dpo":
        objective = Dpo(net, plan.beta, plan.nll_anchor, plan.packing, where)
        objective.take_reference([*train, *val], plan.batch)
        objective.check_start(train[: plan.batch])
    else:
        objective = Sft(net, plan.packing, where)
    params = model.trained(net)
    trainee = checkpoint.Trainee(params, schedule.optimiser(params, plan))
    total = plan.epochs * steps_per_epoch(len(train), plan.batch * plan.grad_accum)
    limit = min(total, request.get("maxSteps") or total)
    asked = watch_signals(last)
    journal, heartbeat = Journal(out / "metrics.jsonl"), Heartbeat(out / "heartbeat")
    job = Run(
        plan, out, net, trainee, objective, tokens, train, val, total, limit, journal, heartbeat,
        stop=lambda: bool(asked) or (out / "stop").exists(), state=State(),
    )  # fmt: skip
    try:
        return follow(job, base, last)
    finally:
        heartbeat.stop()
        journal.close()


def watch_signals(last: dict[str, Any]) -> list[int]:
    """A list that a signal fills; the loop looks at it after each step."""
    asked: list[int] = []

    def note(number: int, _frame: Any) -> None:
        asked.append(number)
        last["signal"] = signal.Signals(number).name

    for number in SIGNALS:
        signal.signal(number, note)
    return asked


def follow(job: Run, base: Path, last: dict[str, Any]) -> str:
    """Resume, walk, export; a divergence exports the last good checkpoint and still raises."""
    job.ckpt.mkdir(exist_ok=True)
    resume(job)
    failure: Diverged | None = None
    try:
        reason = loop.walk(job)
    except Diverged as error:
        failure, reason = error, "nonfinite"
        resume(job)
    last["step"] = job.state.step
    if reason in ("stopped", "budget"):
        raise Interrupted(reason, f"left after step {job.state.step} with a checkpoint", "ask again to resume")
    step, paths = loop.export(job, base)
    job.journal.write("train.end", str(job.state.step), {"reason": reason, "lastStep": job.state.step, "exportedStep": step})
    job.journal.sync()
    write_json(job.out / "artifacts.json", artifacts(job.out, [*paths, job.out / "metrics.jsonl"]))
    if failure:
        raise failure
    return reason


def resume(job: Run) -> None:
    """Put the newest verified checkpoint back, if there is one."""
    if folder := checkpoint.newest(job.ckpt):
        state = checkpoint.load(folder, job.trainee)
        job.state = State(**{key: state[key] for key in vars(State())})
        job.heartbeat.step = job.state.step
