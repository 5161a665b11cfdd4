// Takes every OpenCL source into the binary. A new kernel file is one entry here.
#include "ClseqKernels.h"

const clseq_kernel_source clseq_kernel_sources[] = {
  {"prelude", (const char[]){
#embed "OpenCL/prelude.cl" suffix(, 0)
  }},
};

const size_t clseq_kernel_source_count =
    sizeof(clseq_kernel_sources) / sizeof(clseq_kernel_sources[0]);
