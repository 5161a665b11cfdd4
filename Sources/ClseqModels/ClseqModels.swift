// ClseqModels
