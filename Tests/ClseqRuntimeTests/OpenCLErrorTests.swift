import ClseqRuntime
import Testing

@Suite struct OpenCLErrorTests {
  @Test(arguments: [
    (
      OpenCLError.call("clCreateBuffer", code: -61, attempted: "allocating 0 bytes"),
      "clCreateBuffer failed with CL_INVALID_BUFFER_SIZE (-61) while allocating 0 bytes"
    ),
    (
      OpenCLError.call("clFinish", code: -1234, attempted: "waiting for the queue"),
      "clFinish failed with an unknown error (-1234) while waiting for the queue"
    ),
    (
      OpenCLError.build(source: "matmul", options: "-DA=1", log: "matmul:3:1: error"),
      "OpenCL program 'matmul' did not build with options '-DA=1':\nmatmul:3:1: error"
    ),
    (
      OpenCLError.overBudget(needed: 512, free: 100, budget: 1_000),
      "device memory: 512 bytes needed, 100 of the budget of 1000 bytes are free"
    ),
    (
      OpenCLError.tooLarge(needed: 4_096, largest: 1_024),
      "device memory: 4096 bytes needed in one allocation, the device allows 1024"
    ),
    (
      OpenCLError.noSuchDevice(selector: "gpu", available: ["0:0 (Xeon)", "0:1 (EPYC)"]),
      "no OpenCL device matches 'gpu'; available: 0:0 (Xeon), 0:1 (EPYC)"
    ),
    (OpenCLError.noSource(path: "k/matmul.cl"), "kernel source k/matmul.cl does not exist"),
  ])
  func text(_ error: OpenCLError, expected: String) {
    #expect(error.description == expected)
    #expect("\(error as any Error)" == expected)
  }

  @Test func noDeviceSaysWhatToInstall() {
    let text = OpenCLError.noDevice.description
    #expect(text.contains("pocl-opencl-icd"))
    #expect(text.contains("GPU"))
  }

  @Test(arguments: [
    (-1, "CL_DEVICE_NOT_FOUND"), (-5, "CL_OUT_OF_RESOURCES"), (-11, "CL_BUILD_PROGRAM_FAILURE"),
    (-13, "CL_MISALIGNED_SUB_BUFFER_OFFSET"), (-48, "CL_INVALID_KERNEL"),
    (-51, "CL_INVALID_ARG_SIZE"), (-54, "CL_INVALID_WORK_GROUP_SIZE"),
    (-1001, "CL_PLATFORM_NOT_FOUND_KHR"),
  ])
  func codesAreNamedAsInTheSpecification(code: Int32, name: String) {
    #expect(OpenCLError.codeName(code) == name)
  }
}
