// Shared by the two tunings of matmul: the epilogue of a complete sum. Compiled before
// matmul_panels_cpu.cl, matmul_splits_cpu.cl and matmul_gpu.cl.

// Epilogues of a sum x, by the numbers of the host's MatmulEpilogue.
#define EPILOGUE_NONE 0           // c = base + x
#define EPILOGUE_GELU 1           // c = gelu(base + x)
#define EPILOGUE_GELU_KEEP 2      // the same, and kept = gelu'(base + x) for the backward pass
#define EPILOGUE_RELU 3           // c = max(base + x, 0)
#define EPILOGUE_GELU_GRADIENT 4  // c = base + x kept, kept being the derivative of GELU
#define EPILOGUE_RELU_GRADIENT 5  // c = base + x where kept > 0, kept being the output of ReLU

// Applies the epilogue to `lanes` sums and stores them at `c`. `addend`, if not null, is added
// element by element; `last` is 0 while a part of K is still missing: activations then wait.
static inline void finish_sum(vf x, int epilogue, int last, const __global float *addend,
                              __global float *kept, __global float *c, int lanes)
{
  if (epilogue == EPILOGUE_GELU_GRADIENT) x *= load_lanes(kept, lanes);
  if (epilogue == EPILOGUE_RELU_GRADIENT)
    x = load_lanes(kept, lanes) > (vf)(0.0f) ? x : (vf)(0.0f);
  if (addend) x += load_lanes(addend, lanes);
  if (last) {
    if (epilogue == EPILOGUE_GELU || epilogue == EPILOGUE_GELU_KEEP) {
      vf slope;
      gelu_together(&x, &slope, 1);
      if (epilogue == EPILOGUE_GELU_KEEP) store_lanes(kept, slope, lanes);
    }
    if (epilogue == EPILOGUE_RELU) x = fmax(x, (vf)(0.0f));
  }
  store_lanes(c, x, lanes);
}
