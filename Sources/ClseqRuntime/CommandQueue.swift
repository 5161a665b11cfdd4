public import COpenCL

/// An in-order queue of one device.
public final class CommandQueue {
  /// The OpenCL handle.
  public let handle: cl_command_queue
  /// Whether commands are dropped instead of enqueued.
  private let isCounting: Bool
  /// Calls so far in which the host waited for everything enqueued before.
  public private(set) var blockingCallCount = 0

  init(
    context: cl_context, device: Device, profiling: Bool, counting: Bool
  ) throws(OpenCLError) {
    var code: Int32 = 0
    let properties = cl_command_queue_properties(profiling ? CL_QUEUE_PROFILING_ENABLE : 0)
    let made = clCreateCommandQueue(context, device.handle, properties, &code)
    guard let made, code == CL_SUCCESS else {
      throw .call("clCreateCommandQueue", code: code, attempted: "opening a queue")
    }
    handle = made
    isCounting = counting
  }

  deinit {
    clFinish(handle)
    clReleaseCommandQueue(handle)
  }

  /// Waits until everything enqueued so far has run.
  public func finish() throws(OpenCLError) {
    blockingCallCount += 1
    try check(clFinish(handle), "clFinish", "waiting for the queue")
  }

  /// Submits enqueued commands to the device without waiting.
  public func flush() throws(OpenCLError) {
    try check(clFlush(handle), "clFlush", "flushing the queue")
  }

  /// An event that completes when everything enqueued so far has run.
  ///
  /// Enqueued commands are submitted to the device, as another queue's wait for the event requires.
  public func marker() throws(OpenCLError) -> DeviceEvent {
    var event: cl_event?
    try check(
      clEnqueueMarkerWithWaitList(handle, 0, nil, &event), "clEnqueueMarkerWithWaitList",
      "enqueueing a marker")
    let marker = DeviceEvent(event)
    try flush()
    return marker
  }

  /// Makes everything enqueued from now on wait for an event of another queue.
  public func wait(for event: DeviceEvent) throws(OpenCLError) {
    var events: [cl_event?] = [event.handle]
    try check(
      clEnqueueBarrierWithWaitList(handle, 1, &events, nil), "clEnqueueBarrierWithWaitList",
      "waiting for another queue")
  }

  /// Copies host memory to the device and returns at once. The copy is submitted to the device, so
  /// that another queue may wait for it.
  ///
  /// - Parameters:
  ///   - source: must stay alive and unchanged until the event has completed.
  ///   - slice: the device memory.
  public func write(
    _ source: UnsafeRawBufferPointer, to slice: DeviceSlice
  ) throws(OpenCLError) -> DeviceEvent {
    precondition(source.count <= slice.byteCount, "write: \(source.count) > \(slice.byteCount)")
    guard source.count > 0, !isCounting else { return try marker() }
    var event: cl_event?
    try check(
      clEnqueueWriteBuffer(
        handle, slice.handle, cl_bool(CL_FALSE), 0, source.count, source.baseAddress, 0, nil,
        &event),
      "clEnqueueWriteBuffer", "writing \(source.count) bytes")
    let written = DeviceEvent(event)
    try flush()
    return written
  }

  /// Copies host memory to the device and waits for it.
  public func writeAndWait(
    _ source: UnsafeRawBufferPointer, to slice: DeviceSlice
  ) throws(OpenCLError) {
    precondition(source.count <= slice.byteCount, "write: \(source.count) > \(slice.byteCount)")
    guard source.count > 0, !isCounting else { return }
    blockingCallCount += 1
    try check(
      clEnqueueWriteBuffer(
        handle, slice.handle, cl_bool(CL_TRUE), 0, source.count, source.baseAddress, 0, nil, nil),
      "clEnqueueWriteBuffer", "writing \(source.count) bytes")
  }

  /// Copies device memory to the host after everything enqueued so far, and waits for it.
  public func read(
    _ slice: DeviceSlice, into target: UnsafeMutableRawBufferPointer
  ) throws(OpenCLError) {
    precondition(target.count <= slice.byteCount, "read: \(target.count) > \(slice.byteCount)")
    guard target.count > 0, !isCounting else { return }
    blockingCallCount += 1
    try check(
      clEnqueueReadBuffer(
        handle, slice.handle, cl_bool(CL_TRUE), 0, target.count, target.baseAddress, 0, nil, nil),
      "clEnqueueReadBuffer", "reading \(target.count) bytes")
  }

  /// Starts copying device memory to the host after everything enqueued so far.
  ///
  /// - Parameters:
  ///   - slice: the device memory.
  ///   - target: must stay alive until the event has completed.
  public func startReading(
    _ slice: DeviceSlice, into target: UnsafeMutableRawBufferPointer
  ) throws(OpenCLError) -> DeviceEvent {
    precondition(target.count <= slice.byteCount, "read: \(target.count) > \(slice.byteCount)")
    if isCounting { return try marker() }
    var event: cl_event?
    try check(
      clEnqueueReadBuffer(
        handle, slice.handle, cl_bool(CL_FALSE), 0, target.count, target.baseAddress, 0, nil,
        &event),
      "clEnqueueReadBuffer", "reading \(target.count) bytes")
    return DeviceEvent(event)
  }

  /// Copies between two ranges of device memory, in order with the kernels.
  public func copy(
    _ source: DeviceSlice, to target: DeviceSlice, offset: Int = 0, byteCount: Int
  ) throws(OpenCLError) {
    precondition(
      byteCount <= source.byteCount && offset >= 0 && offset + byteCount <= target.byteCount,
      "copy: \(byteCount) bytes of \(source.byteCount) to \(target.byteCount) at \(offset)")
    guard byteCount > 0, !isCounting else { return }
    try check(
      clEnqueueCopyBuffer(handle, source.handle, target.handle, 0, offset, byteCount, 0, nil, nil),
      "clEnqueueCopyBuffer", "copying \(byteCount) bytes")
  }

  /// Fills a range with zero bytes, in order with the kernels.
  public func fillZero(_ slice: DeviceSlice, byteCount: Int) throws(OpenCLError) {
    try fill(slice, byteCount: byteCount, with: 0)
  }

  /// Repeats a value over a range, in order with the kernels. The number of bytes must be a multiple
  /// of 4, except for the value 0.
  package func fill(
    _ slice: DeviceSlice, byteCount: Int, with value: UInt32
  ) throws(OpenCLError) {
    precondition(byteCount <= slice.byteCount, "fill: \(byteCount) > \(slice.byteCount)")
    guard byteCount > 0, !isCounting else { return }
    var value = value
    let patternByteCount = byteCount % 4 == 0 ? 4 : 1
    try check(
      clEnqueueFillBuffer(
        handle, slice.handle, &value, patternByteCount, 0, byteCount, 0, nil, nil),
      "clEnqueueFillBuffer", "filling \(byteCount) bytes")
  }

  func enqueue(
    _ kernel: Kernel, _ grid: Grid, wantsEvent: Bool
  ) throws(OpenCLError) -> DeviceEvent? {
    var event: cl_event?
    let code = grid.withSizes { global, local in
      if wantsEvent {
        clEnqueueNDRangeKernel(handle, kernel.handle, 3, nil, global, local, 0, nil, &event)
      } else {
        clEnqueueNDRangeKernel(handle, kernel.handle, 3, nil, global, local, 0, nil, nil)
      }
    }
    try check(code, "clEnqueueNDRangeKernel", "launching \(kernel.name) over \(grid)")
    return wantsEvent ? DeviceEvent(event) : nil
  }
}

/// The completion of an enqueued command.
public final class DeviceEvent {
  let handle: cl_event?

  init(_ handle: cl_event?) {
    self.handle = handle
  }

  deinit {
    if let handle { clReleaseEvent(handle) }
  }

  /// Waits until it has completed.
  public func wait() throws(OpenCLError) {
    var events: [cl_event?] = [handle]
    try check(clWaitForEvents(1, &events), "clWaitForEvents", "waiting for an event")
  }

  /// Time from start to end on the device in milliseconds. The event must have completed on a
  /// profiling queue.
  public func elapsedMilliseconds() throws(OpenCLError) -> Double {
    var start: cl_ulong = 0
    var end: cl_ulong = 0
    try check(
      clGetEventProfilingInfo(
        handle, cl_profiling_info(CL_PROFILING_COMMAND_START), MemoryLayout<cl_ulong>.size, &start,
        nil),
      "clGetEventProfilingInfo", "reading a start time")
    try check(
      clGetEventProfilingInfo(
        handle, cl_profiling_info(CL_PROFILING_COMMAND_END), MemoryLayout<cl_ulong>.size, &end,
        nil),
      "clGetEventProfilingInfo", "reading an end time")
    return Double(end &- start) / 1e6
  }
}
