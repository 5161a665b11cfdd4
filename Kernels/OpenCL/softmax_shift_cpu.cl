// The shift of a softmax that is summed panel by panel on a CPU. Compiled after tile_cpu.cl
// and before linear_cross_entropy_cpu.cl and sampled_loss_shared_cpu.cl.
//
// Weights are 2^(score - shift). A row's shift starts as the score of its target. It is raised to
// the running maximum only when the maximum is more than RAISE_ABOVE higher; the row's sum,
// stored weights and dx are then rescaled. So nothing overflows, and the usual case needs one pass.

#ifndef CLASS_DEPTH
#define CLASS_DEPTH (VECTOR_WIDTH == 16 ? 4 : 5)  // panels per load and store of dx
#endif
#define RAISE_ABOVE 60.0f  // V 2^60 is far below the largest float
#define NEGLIGIBLE -90.0f  // 2^-90 is negligible beside a row sum of at least 1

// Raises the shift of one row to its running maximum if a score minus the shift, as in `scores`, is
// above RAISE_ABOVE. weights is the row's part of panel 0; `panels` panels are rescaled. dx is the row's
// gradient, read and written only if it has a part of one of the panels.
static void raise_shift(vf *scores, float *shift, vf *sum, __global float *weights, int panels,
                        size_t panel_size, __global float *dx, int width)
{
  const float rise = maxv(fmax(fmax(scores[0], scores[1]), scores[2]));
  if (!(rise > RAISE_ABOVE)) return;
  const float shrink = exp2(-rise);
  *shift += rise;
  *sum *= shrink;
  for (int j = 0; j < 3; j++) scores[j] -= rise;
  for (int p = 0; p < panels; p++)
    for (int c = 0; c < PANEL; c++) weights[p * panel_size + c] *= shrink;
  for (int d = 0; d < width && panels >= CLASS_DEPTH; d++) dx[d] *= shrink;
}
