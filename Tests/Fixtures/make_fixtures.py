"""Makes the golden files of this folder with the reference implementations of their formats.

    pip install numpy safetensors==0.8.0 tensorboard==2.21.0
    python make_fixtures.py
"""

import pathlib
import struct

import numpy
import safetensors.numpy
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

FOLDER = pathlib.Path(__file__).parent

FLOATS = {
    "scalar": numpy.array(0.5, "<f4"),
    "blocks.0.attention.query.weight": numpy.arange(6, dtype="<f4").reshape(2, 3) / 4,
    "empty": numpy.zeros((0, 4), "<f4"),
    'odd "name" \u00e9\n\u0001': numpy.array([-1, numpy.inf], "<f4"),
}
OTHERS = {
    "flags": numpy.array([True, False, True]),
    "halves": numpy.array([1, 2], "<f2"),
    "counts": numpy.array([[2**40]], "<i8"),
}


def record(event):
    data = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    checks = [struct.pack("<I", masked_crc32c(part)) for part in (length, data)]
    return length + checks[0] + data + checks[1]


def main():
    safetensors.numpy.save_file(
        FLOATS, FOLDER / "parameters.safetensors", metadata={"format": "clseq"})
    safetensors.numpy.save_file(FLOATS | OTHERS, FOLDER / "mixed.safetensors")
    values = [
        Summary.Value(tag="loss/train", simple_value=2.5),
        Summary.Value(tag="validation/NDCG@10", simple_value=0.125),
    ]
    events = [
        Event(wall_time=1700000000.25, file_version="brain.Event:2"),
        Event(wall_time=1700000001.5, step=300, summary=Summary(value=values)),
        Event(wall_time=1700000002.0, step=1, summary=Summary(value=values[:1])),
    ]
    (FOLDER / "scalars.tfevents").write_bytes(b"".join(map(record, events)))


if __name__ == "__main__":
    main()
