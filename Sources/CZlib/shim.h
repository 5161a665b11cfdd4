// zlib, which decompresses gzip.
#ifndef CLSEQ_CZLIB_SHIM_H
#define CLSEQ_CZLIB_SHIM_H

#include <zlib.h>

#endif
