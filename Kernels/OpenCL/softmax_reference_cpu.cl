// The running reference of a softmax that is summed panel by panel on a CPU. Comes behind
// score_tile_cpu.cl, before linear_cross_entropy_cpu.cl and sampled_loss_shared_cpu.cl.
//
// Weights are 2^(score - reference). A row's reference starts as the score of its target. It moves
// to the running maximum only when that lies more than RAISE_ABOVE higher, and what the row has
// summed and stored so far is then rescaled: nothing overflows, and the usual case needs one pass.

#define RAISE_ABOVE 60.0f  // V 2^60 is far below the largest float
#define NEGLIGIBLE -90.0f  // 2^-90 is nothing beside a row sum of at least 1

// Moves the reference of one row to its running maximum if a score, given less the reference, lies
// more than RAISE_ABOVE higher. weights is the row's part of panel 0.
static void raise_reference(vf *scores, float *reference, vf *sum, __global float *weights,
                            int panels, int capacity)
{
  const float rise = maxv(fmax(fmax(scores[0], scores[1]), scores[2]));
  if (!(rise > RAISE_ABOVE)) return;
  const float shrink = exp2(-rise);
  *reference += rise;
  *sum *= shrink;
  for (int j = 0; j < 3; j++) scores[j] -= rise;
  for (int p = 0; p < panels; p++)
    for (int c = 0; c < PANEL; c++) weights[(size_t)p * capacity * PANEL + c] *= shrink;
}
