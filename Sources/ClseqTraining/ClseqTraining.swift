// ClseqTraining
