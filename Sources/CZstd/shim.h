// libzstd, which decompresses Zstandard.
#ifndef CLSEQ_CZSTD_SHIM_H
#define CLSEQ_CZSTD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
