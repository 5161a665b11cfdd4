// ClseqNN
