import ArgumentParser

/// A command that opens an OpenCL device: ``KernelCache`` is ready before it runs.
protocol DeviceCommand: ParsableCommand {}
