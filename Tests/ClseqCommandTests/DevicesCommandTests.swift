import Clseq
import Foundation
import Testing

@Suite struct DevicesCommandTests {
  private func listing(_ arguments: [String] = []) throws -> [String: Any] {
    let result = try Program.run(["devices", "--format", "json"] + arguments)
    #expect(result.status == 0 && result.errors.isEmpty)
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    return try #require(document as? [String: Any])
  }

  @Test func jsonHasEveryField() throws {
    let devices = try #require(try listing()["devices"] as? [[String: Any]])
    #expect(devices.count == (try Device.all()).count)
    for device in devices {
      let expected: Set = [
        "selector", "default", "kind", "name", "vendor", "platform", "driver",
        "opencl_c_version", "memory_bytes", "largest_allocation_bytes", "local_memory_bytes",
        "compute_units", "work_group_limit", "fp16", "fp64", "int64_atomics", "sub_groups",
      ]
      #expect(Set(device.keys).subtracting(["cache_folder"]) == expected)
      #expect(device["memory_bytes"] as? Int ?? 0 > 0)
    }
  }

  @Test func oneDeviceIsTheDefault() throws {
    let listing = try listing()
    let devices = try #require(listing["devices"] as? [[String: Any]])
    let marked = devices.filter { $0["default"] as? Bool == true }.map { $0["selector"] as? String }
    #expect(marked == [try Device.select().selector])
    #expect(listing["default"] as? String == marked[0])
  }

  @Test func theReferenceIsNoDevice() throws {
    let listing = try listing(["--device", "reference"])
    #expect(listing["default"] as? String == "reference")
    let devices = try #require(listing["devices"] as? [[String: Any]])
    #expect(devices.allSatisfy { $0["default"] as? Bool == false })
  }

  @Test func textNamesEveryDevice() throws {
    let text = try Program.run(["devices"]).output
    for device in try Device.all() { #expect(text.contains("\(device.selector)  \(device.name)")) }
    #expect(text.contains("(default)"))
  }
}
