// ClseqMetrics
