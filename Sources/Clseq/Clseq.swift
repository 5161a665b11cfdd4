// Everything that an embedding program needs, under one import.
@_exported public import ClseqBase
@_exported public import ClseqData
@_exported public import ClseqDiagnosis
@_exported public import ClseqForecast
@_exported public import ClseqInference
@_exported public import ClseqMetrics
@_exported public import ClseqModels
@_exported public import ClseqNN
@_exported public import ClseqOps
@_exported public import ClseqReport
@_exported public import ClseqRuns
@_exported public import ClseqRuntime
@_exported public import ClseqSettings
@_exported public import ClseqShop
@_exported public import ClseqTraining
