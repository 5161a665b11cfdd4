// ClseqRuntime
