// ClseqOps
