"""Makes loss_goldens.json with PyTorch: sampled losses and losses with soft targets, with both gradients,
and steps of optimisers.

    pip install torch==2.15.0
    python loss_goldens.py

Losses are written from their papers' formulas over whole rows of scores, in float64, and
differentiated by autograd; the optimisers are those of torch.optim, in float64.
"""

import json
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent
FIRST, CLASSES = 1, 14
TABLE_ROWS = FIRST + CLASSES + 1


def softplus(z):
    return torch.nn.functional.softplus(z, threshold=1e9)


def event_loss(kind, calibration, score, scores, count):
    """Loss of one event; `count` is the number of negatives drawn for it."""
    if kind == "sampledSoftmax":
        return torch.logsumexp(torch.cat([score[None], scores]), 0) - score
    if kind == "pairwise":
        return softplus(scores - score).mean()
    weight = 1.0
    if kind == "generalizedBinary":
        rate = count / (CLASSES - 1)
        weight = rate * (calibration * (1 - 1 / rate) + 1 / rate)
    return weight * softplus(-score) + softplus(scores).sum()


def loss_case(kind, per_event, calibration, corrected, generator):
    events, width, count = 7, 5, 6
    x = torch.randn(events, width, generator=generator, dtype=torch.float64)
    table = torch.randn(TABLE_ROWS, width, generator=generator, dtype=torch.float64)
    # The last event's target is no class.
    targets = [int(t) for t in torch.randint(FIRST, FIRST + CLASSES, (events,), generator=generator)]
    targets[-1] = 0
    if per_event:
        rows = torch.randint(FIRST, FIRST + CLASSES, (events, count), generator=generator)
        rows[0, 0] = targets[0]
    else:
        rows = FIRST + torch.randperm(CLASSES, generator=generator)[:count].sort().values
        targets[0] = int(rows[0])
        rows = rows.repeat(events, 1)
    log_counts = torch.randn(rows.shape if per_event else (count,), generator=generator,
                             dtype=torch.float64)
    target_log_counts = torch.randn(events, generator=generator, dtype=torch.float64)
    # What Float holds exactly, so that both sides compute with the same numbers.
    x, table, log_counts, target_log_counts = (
        t.float().double() for t in (x, table, log_counts, target_log_counts))
    x.requires_grad_()
    table.requires_grad_()
    total = 0
    for n in range(events - 1):
        score = x[n] @ table[targets[n]]
        scores = table[rows[n]] @ x[n]
        if corrected:
            score = score - target_log_counts[n]
            scores = scores - (log_counts[n] if per_event else log_counts)
        total = total + event_loss(
            kind, calibration, score, scores[rows[n] != targets[n]], count)
    loss = total / events
    loss.backward()
    flat = lambda t: t.detach().flatten().tolist()
    return {
        "kind": kind, "perEvent": per_event, "calibration": calibration, "events": events,
        "width": width, "count": count, "firstClass": FIRST, "classCount": CLASSES,
        "x": flat(x), "table": flat(table), "targets": targets,
        "rows": flat(rows if per_event else rows[0]),
        "logCounts": flat(log_counts) if corrected else None,
        "targetLogCounts": flat(target_log_counts) if corrected else None,
        "loss": loss.item(), "dx": flat(x.grad), "dTable": flat(table.grad),
    }


def losses():
    generator = torch.Generator().manual_seed(1)
    kinds = [("sampledSoftmax", 0.0, False), ("sampledSoftmax", 0.0, True), ("binary", 0.0, False),
             ("generalizedBinary", 0.75, False), ("pairwise", 0.0, False)]
    return [loss_case(kind, per_event, calibration, corrected, generator)
            for kind, calibration, corrected in kinds for per_event in (False, True)]


def soft_loss_case(smoothing, weight, temperature, generator):
    events, width, teacher_width = 6, 5, 3
    shapes = [(events, width), (TABLE_ROWS, width), (events, teacher_width),
              (TABLE_ROWS, teacher_width)]
    x, table, states, teacher_table = (
        torch.randn(shape, generator=generator).double() for shape in shapes)
    targets = torch.randint(CLASSES, (events,), generator=generator)
    x.requires_grad_()
    table.requires_grad_()
    scores = x @ table[FIRST:FIRST + CLASSES].T
    teacher_scores = states @ teacher_table[FIRST:FIRST + CLASSES].T
    functional = torch.nn.functional
    hard = functional.cross_entropy(scores, targets, label_smoothing=smoothing)
    soft = functional.kl_div(
        functional.log_softmax(scores / temperature, 1),
        functional.log_softmax(teacher_scores / temperature, 1), reduction="batchmean",
        log_target=True)
    loss = (1 - weight) * hard + weight * temperature ** 2 * soft
    loss.backward()
    flat = lambda t: t.detach().flatten().tolist()
    return {
        "smoothing": smoothing, "weight": weight, "temperature": temperature, "events": events,
        "width": width, "teacherWidth": teacher_width, "firstClass": FIRST,
        "classCount": CLASSES, "x": flat(x), "table": flat(table), "states": flat(states),
        "teacherTable": flat(teacher_table), "targets": flat(targets + FIRST),
        "loss": loss.item(), "dx": flat(x.grad), "dTable": flat(table.grad),
    }


def soft_losses():
    generator = torch.Generator().manual_seed(3)
    cases = [(0.1, 0.0, 1.0), (0.0, 0.5, 1.0), (0.0, 1.0, 2.0), (0.2, 0.7, 3.0)]
    return [soft_loss_case(*case, generator) for case in cases]


def optimizer_case(name, settings, maximum_norm, generator):
    p = torch.randn(9, generator=generator, dtype=torch.float64).float().double().requires_grad_()
    start = p.detach().tolist()
    optimizer = getattr(torch.optim, name)([p], lr=0.05, **settings)
    gradients, norms = [], []
    for _ in range(5):
        g = torch.randn(9, generator=generator, dtype=torch.float64).float().double()
        gradients.append(g.tolist())
        p.grad = g.clone()
        limit = maximum_norm if maximum_norm > 0 else float("inf")
        norms.append(torch.nn.utils.clip_grad_norm_([p], limit).item())
        optimizer.step()
    return {
        "name": name, "beta1": settings.get("betas", (0, 0))[0],
        "beta2": settings.get("betas", (0, 0))[1], "epsilon": settings.get("eps", 1e-8),
        "momentum": settings.get("momentum", 0.0), "nesterov": settings.get("nesterov", False),
        "weightDecay": settings.get("weight_decay", 0.0), "maximumNorm": maximum_norm,
        "learningRate": 0.05, "start": start, "gradients": gradients, "norms": norms,
        "end": p.detach().tolist(),
    }


def optimizers():
    generator = torch.Generator().manual_seed(2)
    adam = {"betas": (0.9, 0.98), "weight_decay": 0.1}
    cases = [
        ("AdamW", {"weight_decay": 0.0}, 0.0), ("AdamW", adam, 0.0), ("AdamW", adam, 1.0),
        ("Adam", {"weight_decay": 0.0}, 0.0), ("Adam", adam, 0.0),
        ("Adam", adam | {"eps": 1e-3}, 1.0),
        ("SGD", {}, 0.0), ("SGD", {"weight_decay": 0.1}, 1.0),
        ("SGD", {"momentum": 0.9, "weight_decay": 0.1}, 0.0),
        ("SGD", {"momentum": 0.9, "nesterov": True}, 0.0),
        ("SGD", {"momentum": 0.8, "nesterov": True, "weight_decay": 0.2}, 1.0),
    ]
    for name, settings, _ in cases:
        if name != "SGD":
            settings.setdefault("betas", (0.9, 0.999))
    return [optimizer_case(*case, generator) for case in cases]


def main():
    goldens = {"losses": losses(), "softLosses": soft_losses(), "optimizers": optimizers()}
    (FOLDER / "loss_goldens.json").write_text(json.dumps(goldens) + "\n")


if __name__ == "__main__":
    main()
