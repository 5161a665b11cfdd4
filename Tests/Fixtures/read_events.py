"""Prints what TensorBoard finds in the event files of a folder, as JSON.

    pip install tensorboard==2.21.0
    python read_events.py FOLDER

All files of the folder are one run, as TensorBoard takes them. Nothing is thinned out.
"""

import json
import sys

from google.protobuf.json_format import MessageToDict
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData


def histogram(event):
    value = event.histogram_value
    return {
        "step": event.step, "least": value.min, "greatest": value.max, "count": value.num,
        "sum": value.sum, "squareSum": value.sum_squares, "limits": list(value.bucket_limit),
        "counts": list(value.bucket)}


def contents(run, plugin):
    """What a plugin keeps in the metadata of its tags."""
    try:
        return run.PluginTagToContent(plugin)
    except KeyError:
        return {}


def texts(run):
    return {
        tag: [event.tensor_proto.string_val[0].decode() for event in run.Tensors(tag)]
        for tag in contents(run, "text")}


def session(run):
    """The settings and the status of a run on the page of hyper-parameters."""
    found = {"settings": {}, "status": None}
    known = contents(run, metadata.PLUGIN_NAME)
    if metadata.SESSION_START_INFO_TAG in known:
        start = HParamsPluginData.FromString(known[metadata.SESSION_START_INFO_TAG])
        found["settings"] = MessageToDict(start)["sessionStartInfo"]["hparams"]
    if metadata.SESSION_END_INFO_TAG in known:
        end = HParamsPluginData.FromString(known[metadata.SESSION_END_INFO_TAG])
        found["status"] = MessageToDict(end)["sessionEndInfo"]["status"]
    return found


def main():
    run = EventAccumulator(sys.argv[1], size_guidance={
        "scalars": 0, "histograms": 0, "compressedHistograms": 0, "tensors": 0})
    run.Reload()
    tags = run.Tags()
    json.dump({
        "scalars": {
            tag: [{"step": event.step, "value": event.value} for event in run.Scalars(tag)]
            for tag in tags["scalars"]},
        "histograms": {
            tag: [histogram(event) for event in run.Histograms(tag)]
            for tag in tags["histograms"]},
        "texts": texts(run),
        "session": session(run),
    }, sys.stdout)


if __name__ == "__main__":
    main()
