// Times CLBlast's sgemm on an OpenCL device, named PLATFORM:DEVICE as in `clseq devices`.
// cc -O2 clblast_matmul.c -lclblast -lOpenCL -o clblast_matmul && ./clblast_matmul 0:0 nt:64x64x64

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>
#include <clblast_c.h>

#include "matmul_peer.h"

typedef struct {
  cl_context context;
  cl_command_queue queue;
  cl_mem a, b, c;
} Device;

static void require(int status, const char *what) {
  if (status == 0) return;
  fprintf(stderr, "%s failed with %d\n", what, status);
  exit(69);
}

static void release_buffers(Device *device) {
  if (device->a) clReleaseMemObject(device->a);
  if (device->b) clReleaseMemObject(device->b);
  if (device->c) clReleaseMemObject(device->c);
}

static cl_mem upload(const Device *device, size_t count, const float *values) {
  cl_int status;
  const cl_mem_flags flags = CL_MEM_READ_WRITE | (values ? CL_MEM_COPY_HOST_PTR : 0);
  cl_mem buffer = clCreateBuffer(device->context, flags, count * sizeof(float), (void *)values,
                                 &status);
  require(status, "clCreateBuffer");
  return buffer;
}

static void prepare(void *state, const Shape *shape, const float *a, const float *b) {
  Device *device = state;
  release_buffers(device);
  device->a = upload(device, shape->m * shape->k, a);
  device->b = upload(device, shape->n * shape->k, b);
  device->c = upload(device, shape->m * shape->n, NULL);
}

static void multiply(void *state, const Shape *s, int calls) {
  Device *device = state;
  for (int call = 0; call < calls; ++call)
    require(CLBlastSgemm(CLBlastLayoutRowMajor,
                         s->transposeA ? CLBlastTransposeYes : CLBlastTransposeNo,
                         s->transposeB ? CLBlastTransposeYes : CLBlastTransposeNo, s->m, s->n,
                         s->k, 1.0f, device->a, 0, s->transposeA ? s->m : s->k, device->b, 0,
                         s->transposeB ? s->k : s->n, 0.0f, device->c, 0, s->n, &device->queue,
                         NULL),
            "CLBlastSgemm");
  require(clFinish(device->queue), "clFinish");
}

static void fetch(void *state, const Shape *shape, float *c) {
  Device *device = state;
  require(clEnqueueReadBuffer(device->queue, device->c, CL_TRUE, 0,
                              shape->m * shape->n * sizeof(float), c, 0, NULL, NULL),
          "clEnqueueReadBuffer");
}

static cl_device_id find_device(unsigned platformIndex, unsigned deviceIndex) {
  cl_platform_id platforms[16];
  cl_device_id devices[16];
  cl_uint platformCount = 0, deviceCount = 0;
  require(clGetPlatformIDs(16, platforms, &platformCount), "clGetPlatformIDs");
  if (platformIndex >= platformCount) require(-1, "finding the platform");
  require(clGetDeviceIDs(platforms[platformIndex], CL_DEVICE_TYPE_ALL, 16, devices, &deviceCount),
          "clGetDeviceIDs");
  if (deviceIndex >= deviceCount) require(-1, "finding the device");
  return devices[deviceIndex];
}

int main(int count, char **arguments) {
  unsigned platform, index;
  if (count < 2 || sscanf(arguments[1], "%u:%u", &platform, &index) != 2) {
    fprintf(stderr, "usage: clblast_matmul PLATFORM:DEVICE SHAPE...\n");
    return 64;
  }
  cl_device_id id = find_device(platform, index);
  char name[256] = "";
  require(clGetDeviceInfo(id, CL_DEVICE_NAME, sizeof name - 1, name, NULL), "clGetDeviceInfo");
  cl_int status;
  Device device = {.context = clCreateContext(NULL, 1, &id, NULL, NULL, &status)};
  require(status, "clCreateContext");
  device.queue = clCreateCommandQueue(device.context, id, 0, &status);
  require(status, "clCreateCommandQueue");
  measure_shapes("CLBlast", name, count - 2, arguments + 2, &device, prepare, multiply, fetch);
  release_buffers(&device);
  clReleaseCommandQueue(device.queue);
  clReleaseContext(device.context);
  return 0;
}
