"""PyTorch training steps of the next-item LSTM or GRU on a real log; prints one JSON document.

Item embedding, dropout, the layer, a linear map back to the width of the embedding, scores by the
tied item table; the softmax over the items is taken at real events only. Sequences are padded to
the longest of the batch, or with --packed given to the layer as a packed sequence.
"""

from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence

import protocol
import torch_training


class NextItemRecurrent(nn.Module):
    """One layer by default; real events come first, so padding changes no state that counts."""

    def __init__(self, items, options):
        super().__init__()
        self.dropout, self.packed = options.dropout, options.packed
        self.items = nn.Embedding(items + 1, options.hidden_size, padding_idx=0)
        cell = {"lstm": nn.LSTM, "gru": nn.GRU}[options.cell]
        self.layer = cell(options.hidden_size, options.state_size, batch_first=True)
        self.output = nn.Linear(options.state_size, options.hidden_size)
        nn.init.normal_(self.items.weight, std=0.02)
        nn.init.normal_(self.output.weight, std=0.02)

    def loss(self, inputs, targets):
        x = F.dropout(self.items(inputs), self.dropout, self.training)
        real = targets > 0
        if self.packed:
            # Sorted once for both, so that states and targets are packed in one order. A user of
            # three events has none to train on, and packing takes no empty sequence.
            lengths, order = real.sum(1).cpu().sort(descending=True)
            lengths = lengths[lengths > 0]
            order = order[: len(lengths)].to(inputs.device)
            states = self.layer(pack_padded_sequence(x[order], lengths, batch_first=True))[0].data
            labels = pack_padded_sequence(targets[order], lengths, batch_first=True).data
        else:
            states, labels = self.layer(x)[0][real], targets[real]
        return torch_training.next_item_loss(self.output(states), self.items.weight, labels)


def main():
    parser = protocol.arguments(__doc__)
    parser.add_argument("--cell", default="lstm", choices=["lstm", "gru"])
    parser.add_argument("--state-size", type=int, default=128, help="width of the layer's state")
    parser.add_argument("--packed", action="store_true", help="packed sequences, not padded ones")
    parser.add_argument(
        "--compile", action="store_true", help="torch.compile of the loss; the layer is cuDNN's")
    options = parser.parse_args()
    if options.compile:
        torch_training.compile_loss()
    torch_training.measure(
        NextItemRecurrent, options, "PyTorch, packed" if options.packed else "PyTorch")


if __name__ == "__main__":
    main()
