// What the public interface of this module speaks of: a program that uses a trained run needs one import.
@_exported public import ClseqBase
@_exported public import ClseqData
@_exported public import ClseqMetrics
@_exported public import ClseqOps
@_exported public import ClseqRuns
@_exported public import ClseqRuntime
@_exported public import ClseqSettings
