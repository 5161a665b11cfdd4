"""JAX training steps of the benchmark model on a real log, jitted; prints one JSON document.

Shapes must be static under jit, so every batch is padded to the full length and padded places are
masked out of the loss.
"""

import functools

import jax
import jax.numpy as jnp

import protocol


def initial_parameters(key, items, options):
    """Weights from N(0, 0.02), biases zero, norms one; a dictionary of arrays."""
    width = options.hidden_size
    keys = iter(jax.random.split(key, 2 + 4 * options.layers))

    def normal(*shape):
        return 0.02 * jax.random.normal(next(keys), shape)

    def norm():
        return {"weight": jnp.ones(width), "bias": jnp.zeros(width)}

    def linear(inputs, outputs):
        return {"weight": normal(inputs, outputs), "bias": jnp.zeros(outputs)}

    return {
        "items": normal(items + 1, width),
        "positions": normal(options.max_length, width),
        "norm": norm(),
        "blocks": [
            {
                "attention_norm": norm(),
                "query_key_value": linear(width, 3 * width),
                "output": linear(width, width),
                "feed_forward_norm": norm(),
                "expand": linear(width, 4 * width),
                "contract": linear(4 * width, width),
            }
            for _ in range(options.layers)
        ],
    }


def layer_norm(x, norm):
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred * centred).mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt(variance + 1e-5) * norm["weight"] + norm["bias"]


def linear(x, layer):
    return x @ layer["weight"] + layer["bias"]


def drop(x, rate, key):
    if rate == 0:
        return x
    return jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def attention(x, heads, rate, key):
    """Causal attention of x [batch, time, 3 * width], queries, keys and values side by side."""
    batch, time, _ = x.shape
    query, k, value = (
        part.reshape(batch, time, heads, -1).transpose(0, 2, 1, 3) for part in jnp.split(x, 3, -1))
    scores = query @ k.transpose(0, 1, 3, 2) / jnp.sqrt(query.shape[-1])
    scores = jnp.where(jnp.tril(jnp.ones((time, time), bool)), scores, -jnp.inf)
    attended = drop(jax.nn.softmax(scores), rate, key) @ value
    return attended.transpose(0, 2, 1, 3).reshape(batch, time, -1)


def mean_loss(parameters, inputs, targets, key, heads, rate):
    keys = iter(jax.random.split(key, 1 + 3 * len(parameters["blocks"])))
    x = parameters["items"][inputs] + parameters["positions"][: inputs.shape[1]]
    x = drop(x, rate, next(keys))
    for block in parameters["blocks"]:
        projected = linear(layer_norm(x, block["attention_norm"]), block["query_key_value"])
        attended = attention(projected, heads, rate, next(keys))
        x = x + drop(linear(attended, block["output"]), rate, next(keys))
        hidden = linear(layer_norm(x, block["feed_forward_norm"]), block["expand"])
        hidden = jax.nn.gelu(hidden, approximate=False)
        x = x + drop(linear(hidden, block["contract"]), rate, next(keys))
    scores = layer_norm(x, parameters["norm"]) @ parameters["items"][1:].T
    real = targets > 0
    labels = jnp.maximum(targets - 1, 0)[..., None]
    label_scores = jnp.take_along_axis(scores, labels, -1)[..., 0]
    losses = jax.nn.logsumexp(scores, -1) - label_scores
    return jnp.where(real, losses, 0).sum() / real.sum()


@functools.partial(jax.jit, static_argnames=("heads", "rate"), donate_argnums=0)
def train_step(state, inputs, targets, key, heads, rate):
    """AdamW (1e-3, 0.9 / 0.98, decay 0.01) on one batch; returns the new state and the loss."""
    parameters, first, second, count = state
    loss, gradient = jax.value_and_grad(mean_loss)(
        parameters, inputs, targets, key, heads, rate)
    count = count + 1
    first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradient)
    second = jax.tree.map(lambda v, g: 0.98 * v + 0.02 * g * g, second, gradient)

    def update(p, m, v):
        direction = (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.98**count)) + 1e-8)
        return p - 1e-3 * (direction + 0.01 * p)

    return (jax.tree.map(update, parameters, first, second), first, second, count), loss


def main():
    options = protocol.arguments(__doc__).parse_args()
    sequences, items = protocol.read_sequences(options.data)
    key = jax.random.key(options.seed)
    parameters = initial_parameters(key, items, options)
    zeros = functools.partial(jax.tree.map, jnp.zeros_like)
    state = (parameters, zeros(parameters), zeros(parameters), jnp.float32(0))
    steps = 0

    def batch(number):
        return protocol.training_batch(
            sequences, number, options.batch_size, options.max_length)

    def step(arrays):
        nonlocal state, steps
        steps += 1
        state, loss = train_step(
            state, *map(jnp.asarray, arrays), jax.random.fold_in(key, steps),
            heads=options.heads, rate=options.dropout)
        jax.block_until_ready(state)
        return loss.item()

    measured = protocol.measure(step, batch, options)
    protocol.report("JAX", jax.__version__, options, sequences, items, measured)


if __name__ == "__main__":
    main()
