package import ClseqSettings
package import Foundation

/// What stands under a tag at one step: a `tensorflow.Summary.Value`.
package struct SummaryValue {
  let message: ProtobufMessage

  private init(_ tag: String, _ content: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    message.append(1, tag)
    content(&message)
    self.message = message
  }

  /// A number.
  package static func scalar(_ tag: String, _ value: Double) -> SummaryValue {
    SummaryValue(tag) { $0.append(2, Float(value)) }
  }

  /// How values are spread.
  package static func histogram(_ tag: String, _ histogram: ValueHistogram) -> SummaryValue {
    SummaryValue(tag) { $0.append(5, histogram.message) }
  }

  /// Lines that are shown as they are.
  package static func text(_ tag: String, _ text: String) -> SummaryValue {
    // The text plugin takes Markdown, where indented lines are code.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let code = (lines.last == "" ? lines.dropLast() : lines[...]).map { "    \($0)" }
    var tensor = ProtobufMessage()
    tensor.append(1, DataType.string.rawValue)
    tensor.append(2, ProtobufMessage())
    tensor.append(8, code.joined(separator: "\n"))
    return SummaryValue(tag) {
      $0.append(8, tensor)
      $0.append(9, metadata(plugin: "text", content: []))
    }
  }

  /// The settings of a run, for the page of hyper-parameters. Those without a value are left out.
  package static func sessionStart(_ settings: TrainingSettings, date: Date) -> SummaryValue {
    var info = ProtobufMessage()
    for setting in Setting.all where setting.scope != .invocation {
      guard let value = value(of: setting, in: settings) else { continue }
      var entry = ProtobufMessage()
      entry.append(1, setting.key)
      entry.append(2, value)
      info.append(1, entry)
    }
    info.append(5, date.timeIntervalSince1970)
    return session("_hparams_/session_start_info", field: 3, info)
  }

  /// The end of a run that has come to it.
  package static func sessionEnd(date: Date) -> SummaryValue {
    var info = ProtobufMessage()
    info.append(1, 1)
    info.append(2, date.timeIntervalSince1970)
    return session("_hparams_/session_end_info", field: 4, info)
  }
}

extension SummaryValue {
  /// Of `tensorflow.DataType`.
  private enum DataType: Int {
    case float = 1
    case string = 7
  }

  /// A message of the plugin `hparams`: what it is about stands in the metadata, and the tensor is
  /// empty.
  private static func session(
    _ tag: String, field: UInt64, _ info: ProtobufMessage
  ) -> SummaryValue {
    var data = ProtobufMessage()
    data.append(field, info)
    var shape = ProtobufMessage()
    shape.append(2, ProtobufMessage())
    var tensor = ProtobufMessage()
    tensor.append(1, DataType.float.rawValue)
    tensor.append(2, shape)
    return SummaryValue(tag) {
      $0.append(8, tensor)
      $0.append(9, metadata(plugin: "hparams", content: data.bytes))
    }
  }

  /// Metadata of a value that is a tensor.
  private static func metadata(plugin: String, content: [UInt8]) -> ProtobufMessage {
    var data = ProtobufMessage()
    data.append(1, plugin)
    data.append(2, bytes: content)
    var metadata = ProtobufMessage()
    metadata.append(1, data)
    metadata.append(4, 2)
    return metadata
  }

  /// A `google.protobuf.Value`; numbers that a double does not hold whole are text.
  private static func value(of setting: Setting, in settings: TrainingSettings) -> ProtobufMessage?
  {
    let text = setting.text(in: settings)
    guard !text.isEmpty else { return nil }
    var value = ProtobufMessage()
    if setting.isText {
      value.append(3, text)
    } else if let flag = Bool(text) {
      value.append(4, flag)
    } else if let number = Double(text), UInt64(text).map({ $0 <= 1 << 53 }) ?? true {
      value.append(2, number)
    } else {
      value.append(3, text)
    }
    return value
  }
}
