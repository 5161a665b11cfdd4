import ClseqBase
import ClseqCommand
import ClseqTestSupport
import ClseqTraining
import Foundation
import Testing

/// What logs, names of files and arguments hold neither acts on a terminal nor spoils a picture.
@Suite struct PrintableTextTests {
  @Test func controlsAreShownAndNotSent() {
    #expect("a\u{1B}]0;t\u{7}b".printable == "a\\x1b]0;t\\x07b")
    #expect("a\nb\tc\rd".printable == "a\\nb\\tc\\rd")
    #expect("a\nb\tc\rd".printableLines == "a\nb\tc\\rd")
    #expect(
      "\u{9B}31m \u{7F} \u{202E} \u{2028} \u{FEFF}".printable
        == "\\x9b31m \\x7f \\u202e \\u2028 \\ufeff")
    #expect("Ünïcode 東京 👍🏽".printable == "Ünïcode 東京 👍🏽")
    #expect("<a\u{1B}\u{0} \"&\">".markup == "&lt;a\\x1b\\x00 &quot;&amp;&quot;&gt;")
    #expect("a\r\nb".printable == "a\\r\\nb")
  }

  @Test func wideCharactersTakeTwoColumns() {
    #expect("東京".columnCount == 4 && "한국어".columnCount == 6 && "ｆ".columnCount == 2)
    #expect("é".columnCount == 1 && "e\u{301}".columnCount == 1 && "👍🏽".columnCount == 2)
    #expect("東京都".prefix(columns: 5) == "東京" && "東京都".cut(toColumns: 5) == "東京…")
    #expect("a\nb".cut(toColumns: 9) == "a\\nb")
    var table = TextTable(header: ["title", "n"])
    table.append(["東京", "1"])
    table.append(["a\u{1B}[2J", "20"])
    #expect(
      table.text
        == "title    n\n--------  --\n東京       1\na\\x1b[2J  20\n".replacing(
          "title    n", with: "title      n"))
  }

  /// A log whose ids and titles hold escape sequences, a bell, a line feed and wide characters.
  private func folderWithLog() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let items = ["\u{1B}[2Ja", "\u{1B}]0;t\u{7}b", "東京", "<c>&", "e", "f", "g", "h", "i"]
    var log = "user_id,item_id,event_type,timestamp\n"
    for user in 0..<12 {
      for step in 0..<6 {
        log += "u\u{1B}\(user),\(items[(user + step) % 9]),v\u{1B}c,\(1_600_000_000 + 60 * step)\n"
      }
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let titles = items.map { "\($0),\"\u{1B}]0;x\u{7} \($0)\u{8}\"\n" }.joined()
    _ = try folder.write(Array(("item_id,title\n" + titles).utf8), to: "items.csv")
    return folder
  }

  @Test func noCommandSendsControlsToATerminal() throws {
    let folder = try folderWithLog()
    let settings = [
      "--device", "reference", "--hidden-size", "8", "--heads", "1", "--layers", "1",
      "--epochs", "1",
    ]
    let calls = [
      ["inspect", "log.csv", "--type-column", "event_type"],
      ["train", "log.csv", "--items", "items.csv", "--run", "r\u{1B}[1m"] + settings,
      ["runs", "."],
      ["recommend", "r\u{1B}[1m", "--history", "東京,e"],
      [
        "explain", "r\u{1B}[1m", "log.csv", "--user", "u\u{1B}1", "--plot", "explained.svg",
      ],
      ["report", "r\u{1B}[1m", "--output", "report.html"],
      ["train", "none\u{1B}]0;x\u{7}.csv"], ["train", "--model", "\u{1B}[2J"],
      ["recommend", "r\u{1B}[1m", "--history", "no\u{1B}such"],
    ]
    for call in calls {
      let result = try Program.run(call, in: folder.path)
      let text = result.output + result.errors
      #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{7}" }, "\(call) \(text)")
      #expect(
        result.status == 0 || call.contains { $0.contains("no") || $0 == "--model" }, "\(text)")
    }
    for name in ["explained.svg", "report.html"] {
      let text = try String(contentsOfFile: folder.file(name), encoding: .utf8)
      #expect(
        !text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" }, "\(name)")
    }
    let svg = try Data(contentsOf: URL(fileURLWithPath: folder.file("explained.svg")))
    #expect(String(decoding: svg, as: UTF8.self).contains("東京"))
    let checked = try Program.runIfInstalled(
      "python3",
      ["-c", "import sys,xml.dom.minidom as m; m.parse(sys.argv[1])", folder.file("explained.svg")])
    #expect(checked?.status ?? 0 == 0, "\(checked?.errors ?? "")")
  }

  @Test func aMessageBeginsNoLineOfItsOwn() throws {
    let folder = try TemporaryFolder()
    let log = "user_id,item_id,timestamp\nu,i,\"x\nclseq: all is well\"\n"
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    let result = try Program.run(["inspect", "log.csv"], in: folder.path)
    #expect(result.status == 65)
    #expect(!result.errors.split(separator: "\n").contains { $0.hasPrefix("clseq: all") })
  }
}
