"""PyTorch training steps of a masked (bidirectional) model on a real log; prints one JSON document.

The blocks are those of torch_sasrec.py without the causal mask. Sequences are padded to the longest of the
batch, and padding is masked out of the attention. As many events of each sequence are masked as by `clseq train
--model bert4rec`; the softmax over the items is taken at masked events alone.
"""

import torch
from torch import nn
from torch.nn import functional as F

import protocol
import torch_sasrec
import torch_training


class Block(torch_sasrec.Block):
    """Pre-norm transformer block in which an event sees all real events of its sequence."""

    def forward(self, x, real):
        batch, time, width = x.shape
        projected = self.query_key_value(self.attention_norm(x))
        query, key, value = projected.view(
            batch, time, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(
            query, key, value, attn_mask=real[:, None, None, :],
            dropout_p=self.dropout if self.training else 0.0)
        x = x + self.drop(self.output(attended.transpose(1, 2).reshape(batch, time, width)))
        return x + self.drop(self.contract(F.gelu(self.expand(self.feed_forward_norm(x)))))


class BERT4Rec(torch_sasrec.SASRec):
    """Item and position embeddings, blocks, final norm; the last row of the item table is the mask."""

    def __init__(self, items, options):
        super().__init__(items + 1, options)
        self.mask, self.probability = items + 1, options.mask_probability
        self.positions = nn.Embedding(options.max_length + 1, options.hidden_size)
        self.blocks = nn.ModuleList(
            Block(options.hidden_size, options.heads, options.dropout)
            for _ in range(options.layers))
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)

    def forward(self, inputs, real):
        x = self.items(inputs) + self.positions.weight[: inputs.shape[1]]
        x = F.dropout(x, self.dropout, self.training)
        for block in self.blocks:
            x = block(x, real)
        return self.norm(x)

    def loss(self, inputs, targets):
        # The last target is an event of the sequence too.
        lengths = (targets > 0).sum(1)
        sequences = F.pad(inputs, (0, 1))
        rows = torch.arange(len(inputs), device=inputs.device)
        sequences[rows, lengths] = targets[rows, lengths - 1]
        real = sequences > 0
        # The places with the smallest random numbers, a share of each sequence.
        order = torch.rand(sequences.shape, device=inputs.device).masked_fill(~real, 2).argsort(1)
        counts = ((lengths + 1) * self.probability).round().clamp(min=1)
        masked = torch.zeros_like(real).scatter(
            1, order, torch.arange(real.shape[1], device=inputs.device) < counts[:, None])
        states = self(sequences.masked_fill(masked, self.mask), real)
        return torch_training.next_item_loss(
            states[masked], self.items.weight[: self.mask], sequences[masked])


def make(items, options):
    model = BERT4Rec(items, options)
    if options.compile:
        model.forward = torch.compile(model.forward)
        torch_training.compile_loss()
    return model


def main():
    parser = protocol.arguments(__doc__)
    parser.add_argument("--mask-probability", type=float, default=0.35)
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile of the blocks and of the loss")
    torch_training.measure(make, parser.parse_args())


if __name__ == "__main__":
    main()
