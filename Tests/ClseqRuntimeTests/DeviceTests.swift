import ClseqRuntime
import ClseqTestSupport
import Testing

@Suite struct DeviceTests {
  /// Copies of a real device under other names.
  private func machine() throws -> [Device] {
    let real = try TestBackend.context().device
    func device(_ selector: String, _ kind: Device.Kind, _ name: String) -> Device {
      var device = real
      device.selector = selector
      device.kind = kind
      device.name = name
      return device
    }
    return [
      device("0:0", .cpu, "pthread-Intel Xeon"),
      device("0:1", .accelerator, "Stratix FPGA"),
      device("1:0", .gpu, "NVIDIA H200"),
      device("1:1", .gpu, "NVIDIA A100"),
    ]
  }

  @Test(arguments: [
    (nil, "1:0"), ("", "1:0"), ("gpu", "1:0"), ("GPU", "1:0"), ("cpu", "0:0"),
    ("accelerator", "0:1"), ("1:1", "1:1"), ("0:0", "0:0"), ("a100", "1:1"), ("nvidia", "1:0"),
    ("Xeon", "0:0"),
  ])
  func selection(_ selector: String?, expected: String) throws {
    #expect(try Device.select(selector, from: machine()).selector == expected)
  }

  @Test func defaultFallsBackToACPUAndThenToAnything() throws {
    let machine = try machine()
    #expect(try Device.select(from: [machine[1], machine[0]]).selector == "0:0")
    #expect(try Device.select(from: [machine[1]]).selector == "0:1")
  }

  @Test(arguments: ["radeon", "2:0", "0:2", "reference"])
  func noMatchListsWhatExists(_ selector: String) throws {
    let error = OpenCLError.noSuchDevice(
      selector: selector,
      available: [
        "0:0 (pthread-Intel Xeon)", "0:1 (Stratix FPGA)", "1:0 (NVIDIA H200)",
        "1:1 (NVIDIA A100)",
      ])
    let machine = try machine()
    #expect(throws: error) { try Device.select(selector, from: machine) }
    #expect(error.description.contains("'\(selector)'"))
    #expect(error.description.contains("1:0 (NVIDIA H200), 1:1 (NVIDIA A100)"))
  }

  @Test(arguments: [nil, "gpu", "0:0"])
  func noDeviceAtAll(_ selector: String?) {
    #expect(throws: OpenCLError.noDevice) { try Device.select(selector, from: []) }
  }

  @Test func everyDeviceIsFoundByItsSelectorAndDescribesItself() throws {
    let devices = try Device.all()
    #expect(Set(devices.map(\.selector)).count == devices.count)
    for device in devices {
      #expect(try Device.select(device.selector).handle == device.handle)
      #expect(!device.name.isEmpty)
      #expect(!device.platformName.isEmpty)
      #expect(device.languageVersion.hasPrefix("OpenCL C"))
      #expect(device.memoryByteCount >= device.largestAllocationByteCount)
      #expect(device.largestAllocationByteCount > 0)
      #expect(device.localMemoryByteCount >= 16 << 10)
      #expect(device.computeUnits > 0)
      #expect(device.workGroupLimit > 0)
      #expect(Arena.alignment.isMultiple(of: device.alignmentByteCount))
    }
  }
}
