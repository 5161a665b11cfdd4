import ClseqTestSupport
import Foundation
import Testing

/// An option without effect gives a warning, and a file that an option names is read and checked whether or not
/// anything is taken from it.
@Suite(.serialized) struct IdleOptionTests {
  /// A log, its dataset, tables, and runs: of a model of items alone, of one for event types, of a baseline,
  /// and one whose table of items is gone; made once.
  private static let made = Result {
    let folder = try TemporaryFolder()
    var log = "user_id,item_id,event,timestamp\n"
    for user in 0..<30 {
      for place in 0..<4 + user % 5 {
        let item = (user * 7 + place * 3) % 20
        log += "u\(user),i\(item),\(["view", "buy"][item % 2]),\(1_700_000_000 + place * 3_600)\n"
      }
    }
    _ = try folder.write(Array(log.utf8), to: "log.csv")
    _ = try folder.write(Array("user_id,age\nu1,30\nu2,40\n".utf8), to: "users.csv")
    _ = try folder.write(Array("user_id,age\nu1,30,9\n".utf8), to: "bad.csv")
    _ = try folder.write(Array("item_id,price\ni1,30\n".utf8), to: "prices.csv")
    _ = try folder.write(Array("item_id,title\ni1,Tea\n".utf8), to: "gone.csv")
    let sizes = [
      "--hidden-size", "8", "--heads", "1", "--layers", "1", "--epochs", "1", "--device",
      "reference",
    ]
    for call in [
      ["prepare", "log.csv", "-o", "ds"], ["train", "log.csv", "--run", "run"] + sizes,
      ["train", "log.csv", "--run", "types", "--task", "next-event-type"] + sizes,
      ["train", "log.csv", "--run", "titled", "--items", "gone.csv"] + sizes,
      ["train", "log.csv", "--run", "popular", "--model", "popularity"],
    ] {
      let result = try Program.run(call, in: folder.path)
      #expect(result.status == 0, "\(call): \(result.errors)")
    }
    try FileManager.default.removeItem(atPath: folder.file("gone.csv"))
    return folder
  }

  private func run(_ arguments: [String]) throws -> Program.Result {
    try Program.run(arguments, in: try Self.made.get().path)
  }

  @Test(arguments: [
    ["recommend", "run", "--history", "i1", "--items", "nosuch"],
    ["recommend", "run", "--items", "nosuch", "--quiet"],
    ["recommend", "popular", "--history", "i1", "--items", "nosuch"],
    ["recommend", "titled", "--history", "i1", "--items", "gone.csv"],
    ["explain", "run", "--user", "u1", "--items", "nosuch"],
    ["explain", "types", "--user", "u1", "--users", "nosuch"],
    ["predict", "run", "log.csv", "--users", "nosuch"],
    ["predict", "popular", "log.csv", "--users", "nosuch"],
    ["predict", "types", "log.csv", "--allow", "nosuch"],
    ["evaluate", "run", "--users", "nosuch"], ["evaluate", "run", "--items", "nosuch"],
    ["evaluate", "popular", "--kernels", "nosuch"],
    ["report", "run", "--users", "nosuch"], ["report", "run", "--items", "nosuch"],
    ["inspect", "log.csv", "--users", "nosuch"], ["inspect", "ds", "--items", "nosuch"],
    ["forecast", "log.csv", "--items", "nosuch"],
    ["prepare", "log.csv", "-o", "other", "--users", "nosuch"],
    ["train", "log.csv", "--model", "popularity", "--run", "x", "--kernels", "nosuch"],
    ["recommend", "run", "--kernels", "nosuch"],
    ["predict", "run", "log.csv", "--device", "reference", "--kernels", "nosuch"],
    ["bench", "matmul", "nt:2x2x2", "--device", "reference", "--kernels", "nosuch"],
  ])
  func aMissingFileIsAnError(_ arguments: [String]) throws {
    let result = try run(arguments)
    let name = arguments.contains("gone.csv") ? "gone.csv" : "nosuch"
    #expect(result.status == 66, "\(result.errors)")
    #expect(result.errors.contains(name) && result.output.isEmpty, "\(result.errors)")
  }

  @Test(arguments: [
    (["predict", "run", "log.csv", "--users", "bad.csv"], 65, "bad.csv:2:7"),
    (["report", "run", "--users", "bad.csv"], 65, "bad.csv:2:7"),
    (
      ["predict", "run", "log.csv", "--users", "users.csv", "--attribute-kinds", "odd=token"], 65,
      "found \"odd\""
    ),
    (["predict", "run", "log.csv", "--attribute-kinds", "odd=token"], 64, "needs a table"),
    (["evaluate", "run", "--table", "events"], 64, "--table is about the log of --data"),
    (["evaluate", "run", "--skip-bad", "1"], 64, "--skip-bad is about the log of --data"),
    (["bench", "read", "log.csv", "--users", "users.csv"], 64, "'--users'"),
    (
      ["train", "log.csv", "--model", "popularity", "--run", "x", "--item-vectors", "nosuch"], 64,
      "item_vectors are no input"
    ),
    (["bench", "read", ""], 66, "is the variable set"),
    (["bench", "step", ""], 66, "is the variable set"),
  ])
  func badFilesAndUselessOptionsAreRefused(
    _ arguments: [String], _ status: Int32, _ message: String
  ) throws {
    let result = try run(arguments)
    #expect(result.status == status, "\(result.errors)")
    #expect(result.errors.contains(message) && result.output.isEmpty, "\(result.errors)")
  }

  @Test(arguments: [
    (["predict", "run", "log.csv", "--users", "users.csv"], "--users has no effect"),
    (["explain", "run", "--user", "u1", "--users", "users.csv"], "--users has no effect"),
    (["explain", "types", "--user", "u1", "--top", "3"], "--top has no effect"),
    (["evaluate", "types", "--seen", "allow"], "--seen has no effect"),
    (["compare", "types", "types", "--seen", "allow"], "--seen has no effect"),
    (["evaluate", "popular", "--memory", "1GB"], "--memory has no effect"),
    (["predict", "popular", "log.csv", "--tuning", "cpu8"], "--tuning has no effect"),
    (["recommend", "run", "--item-column", "item_id"], "--item-column has no effect"),
    (["recommend", "run", "--items", "prices.csv"], "prices.csv has no column of titles"),
    (["recommend", "titled", "--history", "i1"], "no titles of items: "),
    (["inspect", "ds", "--time-column", "timestamp"], "--time-column has no effect"),
    (["predict", "run", "ds", "--skip-bad", "1"], "--skip-bad has no effect"),
  ])
  func optionsWithoutEffectAreTold(_ arguments: [String], _ message: String) throws {
    let result = try run(arguments)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.components(separatedBy: message).count == 2, "\(result.errors)")
    let quiet = try run(arguments + ["--quiet"])
    #expect(quiet.status == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
  }

  @Test func whatIsTakenIsNotTold() throws {
    for arguments in [
      ["predict", "run", "log.csv", "--item-column", "item_id", "--skip-bad", "1"],
      ["evaluate", "run", "--device", "reference", "--memory", "1GB"],
      ["inspect", "ds", "--users", "users.csv", "--user-column", "user_id", "--skip-bad", "1"],
    ] {
      let result = try run(arguments)
      #expect(result.status == 0 && !result.errors.contains("no effect"), "\(result.errors)")
    }
  }
}
