// OpenCL sources of clseq, taken into the binary by #embed.
#ifndef CLSEQ_KERNELS_H
#define CLSEQ_KERNELS_H

#include <stddef.h>

/// One OpenCL source file: its base name ("matmul") and its text, ending in NUL.
typedef struct {
  const char *name;
  const char *text;
} clseq_kernel_source;

/// All sources, in the order of `kernels.c`.
const clseq_kernel_source *clseq_kernel_source_list(void);
extern const size_t clseq_kernel_source_count;

#endif
