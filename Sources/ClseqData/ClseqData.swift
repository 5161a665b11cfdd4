// ClseqData
