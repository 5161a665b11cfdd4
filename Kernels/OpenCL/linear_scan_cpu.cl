// The scan of linear_scan.cl on a CPU: a work-item computes CHANNELS channels of one sequence, event
// by event. group 0: sequences, group 1: blocks of channels.
//
// initial: [sequences, PLANES channels], the state before the first events, read if `has_initial`.
// terms: [sequences, channels] each, the gradients of decay and frequency by sequence, whose column
// sums the caller adds. dx and dsteps are base plus their gradient where there is a base.

#define VECTORS 4
#define CHANNELS (VECTORS * VECTOR_WIDTH)
#define GROUP __attribute__((reqd_work_group_size(1, 1, 1)))

// The factor of an event, and its step.
#if STEPS
#define EVENT_FACTOR(a, step, k, t, c)                                              \
  const vf step = load_row(steps, t, channels, c);                                  \
  const scan_factor a = factor_of(pole[k], step);
#else
#define EVENT_FACTOR(a, step, k, t, c)                                              \
  const vf step = (vf)(1.0f);                                                       \
  const scan_factor a = constant_factor[k];
#endif

#define LOAD_POLES                                                                  \
  const int b = (int)get_group_id(0), first_channel = (int)get_group_id(1) * CHANNELS; \
  const int first = offsets[b], end = offsets[b + 1];                               \
  scan_pole pole[VECTORS];                                                          \
  scan_factor constant_factor[VECTORS];                                             \
  EACH_BELOW(k, VECTORS) {                                                          \
    pole[k] = load_pole(decay, frequency, channels, first_channel + k * VECTOR_WIDTH); \
    constant_factor[k] = factor_of(pole[k], (vf)(1.0f));                            \
  }

GROUP __kernel void linear_scan_forward(__global const float *x, __global const float *steps,
                                        __global const float *decay,
                                        __global const float *frequency,
                                        __global const float *initial, int has_initial,
                                        __global float *h, __global const int *offsets,
                                        int channels)
{
  LOAD_POLES
  scan_value state[VECTORS];
  EACH_BELOW(k, VECTORS)
    state[k] = has_initial ? load_value(initial, b, channels, first_channel + k * VECTOR_WIDTH)
                           : zero_value();
  for (int t = first; t < end; ++t)
    EACH_BELOW(k, VECTORS) {
      const int c = first_channel + k * VECTOR_WIDTH;
      EVENT_FACTOR(a, step, k, t, c)
      state[k] = advance(a, state[k], scaled(a, load_value(x, t, channels, c)));
      store_value(h, t, channels, c, state[k]);
    }
}

GROUP __kernel void linear_scan_backward(
  __global const float *dh, __global const float *x, __global const float *h,
  __global const float *steps, __global const float *decay, __global const float *frequency,
  __global const float *base, int has_base, __global float *dx, __global const float *steps_base,
  int has_steps_base, __global float *dsteps, __global float *decay_terms,
  __global float *frequency_terms, __global const int *offsets, int channels)
{
  LOAD_POLES
  scan_value carry[VECTORS], sums[VECTORS];
  EACH_BELOW(k, VECTORS) carry[k] = sums[k] = zero_value();
  for (int t = end - 1; t >= first; --t)
    EACH_BELOW(k, VECTORS) {
      const int c = first_channel + k * VECTOR_WIDTH;
      EVENT_FACTOR(a, step, k, t, c)
      const scan_value g = sum_of(load_value(dh, t, channels, c), carry[k]);
      const scan_value before = t > first ? load_value(h, t - 1, channels, c) : zero_value();
      const scan_value dz = exponent_gradient(a, g, before, load_value(x, t, channels, c));
      carry[k] = turned_back(a, g);
      sums[k].re = fma(step, dz.re, sums[k].re);
      sums[k].im = fma(step, dz.im, sums[k].im);
      scan_value out = scaled(a, g);
      if (has_base) out = sum_of(out, load_value(base, t, channels, c));
      store_value(dx, t, channels, c, out);
#if STEPS
      vf dstep = fma(pole[k].rate, dz.re, pole[k].angle * dz.im);
      if (has_steps_base) dstep += load_row(steps_base, t, channels, c);
      store_row(dsteps, t, channels, c, dstep);
#endif
    }
  EACH_BELOW(k, VECTORS) {
    const int c = first_channel + k * VECTOR_WIDTH;
    store_row(decay_terms, b, channels, c, pole[k].rate * sums[k].re);
#if COMPLEX
    store_row(frequency_terms, b, channels, c, pole[k].angle * sums[k].im);
#endif
  }
}
