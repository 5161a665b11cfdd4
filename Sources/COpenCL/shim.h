// The OpenCL 1.2 host interface, plus the 3.0 names that Swift asks devices about.
#ifndef CLSEQ_COPENCL_SHIM_H
#define CLSEQ_COPENCL_SHIM_H

#define CL_TARGET_OPENCL_VERSION 300
#define CL_USE_DEPRECATED_OPENCL_1_2_APIS
#include <CL/cl.h>
#include <CL/cl_ext.h>

#endif
