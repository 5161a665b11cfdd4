#if FUZZ_REPLAY
  import Foundation

  /// Lets every target have every stored input, without a fuzzer: `Scripts/fuzz --replay`.
  ///
  /// It runs in a folder of its own. A target that is brought down leaves in the file `current` its name
  /// and that of the input.
  @main
  enum Replay {
    static func main() throws {
      let folders = CommandLine.arguments.dropFirst()
      guard folders.first != "--plant" else {
        return PlantedTrap().run(Array("u,i\0".utf8))
      }
      let inputs = try folders.flatMap(files)
      for name in FuzzCatalogue.names {
        guard let target = FuzzCatalogue.target(name) else { fatalError("no target \(name)") }
        for input in inputs {
          WorkingFolder.write(Array("\(name) \(input.path)".utf8), to: "current")
          target.run(input.bytes)
        }
      }
      print("\(FuzzCatalogue.names.count) targets took \(inputs.count) inputs each")
    }

    private static func files(below folder: String) throws -> [(path: String, bytes: [UInt8])] {
      let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
      return try names.map { "\(folder)/\($0)" }.compactMap { path in
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        return isFolder.boolValue
          ? nil : (path, Array(try Data(contentsOf: URL(fileURLWithPath: path))))
      }
    }
  }
#endif
