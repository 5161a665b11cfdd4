// Ranking of items by score, CPU tuning: rank of a target, and top-K with exclusions. Compiled
// after tile_cpu.cl.
//
//   score_bv = x_b . e_v        rank_b = |{v : not (score_bv < score_b,target), v allowed}|
//
//   x [B, D]; table [rows, D], its rows first ... first + V - 1 are the items e_0 ... e_V-1
//   panels [P][D][PANEL]  the items transposed, P = ceil(V / PANEL), padded with zeros
//   scores [users][stride], stride = P * PANEL, for one chunk of users
//   excluded rows of user b: excluded[offsets[b]] ... excluded[offsets[b + 1] - 1]
//
// A target's score is read from the same row as the others', so equal scores are equal bits. Scores
// that are not smaller count against the target: ties, and comparisons with NaN. An excluded target
// is a miss: its rank is V, after all items.

#ifndef BLOCK_ROWS
#define BLOCK_ROWS 24  // users per work-item of ranking_score
#endif

// One work-group per panel.
ONE_ITEM __kernel void ranking_pack(const __global table_float *restrict table,
                                    __global float *restrict panels, int first, int items,
                                    int width)
{
  const int panel = get_group_id(0);
  __global float *columns = panels + (size_t)panel * width * PANEL;
  for (int c = 0; c < PANEL; c++) {
    const int v = panel * PANEL + c;
    const __global table_float *row = table + (size_t)(first + (v < items ? v : 0)) * width;
    for (int d = 0; d < width; d++) columns[d * PANEL + c] = v < items ? load_table(row + d) : 0.0f;
  }
}

// Scores of `count` users from `start` on. One work-group owns BLOCK_ROWS users.
ONE_ITEM __kernel void ranking_score(const __global float *restrict x,
                                     const __global float *restrict panels,
                                     __global float *restrict scores, int start, int count,
                                     int panelCount, int width)
{
  const int block = get_group_id(0) * BLOCK_ROWS;
  const size_t stride = (size_t)panelCount * PANEL;
  for (int panel = 0; panel < panelCount; panel++) {
    for (int r = block; r < min(block + BLOCK_ROWS, count); r += TILE_ROWS) {
      const __global float *rows[TILE_ROWS];
      EACH_BELOW(i, TILE_ROWS) rows[i] = x + (size_t)(start + min(r + i, count - 1)) * width;
      vf tile[TILE_ROWS][TILE_VECTORS];
      EACH_SUM(i, v) tile[i][v] = (vf)(0.0f);
#define USER_ROW(i) rows[i]
      MULTIPLY_TILE(tile, USER_ROW, 1, AS_VECTORS(panels + (size_t)panel * width * PANEL), width)
      __global float *out = scores + (size_t)r * stride + panel * PANEL;
#define STORE_SCORES(i, v, sum, lanes) storev(out + (i) * stride + (v) * VECTOR_WIDTH, sum);
      FINISH_TILE(tile, count - r, PANEL, STORE_SCORES)
    }
  }
}

// Ranks of the chunk's users, from 0; V for a target that is not an item or is excluded. One
// work-group per user.
ONE_ITEM __kernel void ranking_rank(const __global float *restrict scores,
                                    const __global int *restrict targets,
                                    const __global int *restrict offsets,
                                    const __global int *restrict excluded,
                                    __global int *restrict ranks, int start, int first, int items,
                                    int stride)
{
  const int user = get_group_id(0);
  const int b = start + user;
  const __global float *row = scores + (size_t)user * stride;
  const int target = targets[b] - first;
  int rank = items;
  if (target >= 0 && target < items) {
    const float own = row[target];
    union { vi vector; int lanes[VECTOR_WIDTH]; } counts;
    counts.vector = (vi)(0);
    int v = 0;
    for (; v + VECTOR_WIDTH <= items; v += VECTOR_WIDTH)
      counts.vector -= ~(loadv(row + v) < (vf)(own));  // true is -1
    rank = -1;  // the target counts itself below
    for (int lane = 0; lane < VECTOR_WIDTH; lane++) rank += counts.lanes[lane];
    for (; v < items; v++) rank += !(row[v] < own);
    int previous = -1;
    bool missed = false;
    for (int e = offsets[b]; e < offsets[b + 1]; e++) {
      const int other = excluded[e] - first;
      if (other == target) missed = true;
      else if (other >= 0 && other < items && other != previous) rank -= !(row[other] < own);
      previous = other;
    }
    if (missed) rank = items;
  }
  ranks[b] = rank;
}

// The `k` best items of the chunk's users in descending order of score, equal scores by row; if
// there are fewer, the remaining places have row -1 and score -infinity. Items whose score is NaN
// are left out. One work-group per user keeps a list sorted by insertion.
ONE_ITEM __kernel void ranking_top(const __global float *restrict scores,
                                   const __global int *restrict offsets,
                                   const __global int *restrict excluded,
                                   __global int *restrict rows, __global float *restrict best,
                                   int start, int first, int items, int stride, int k)
{
  const int user = get_group_id(0);
  const int b = start + user;
  const __global float *row = scores + (size_t)user * stride;
  __global int *userRows = rows + (size_t)b * k;
  __global float *userBest = best + (size_t)b * k;
  const int end = offsets[b + 1];
  int e = offsets[b], filled = 0;
  for (int begin = 0; begin < items; begin += VECTOR_WIDTH) {
    if (filled == k && !any(loadv(row + begin) > (vf)(userBest[k - 1]))) continue;
    for (int v = begin; v < min(begin + VECTOR_WIDTH, items); v++) {
      const float score = row[v];
      if (isnan(score) || (filled == k && !(score > userBest[k - 1]))) continue;
      while (e < end && excluded[e] < first + v) e++;
      if (e < end && excluded[e] == first + v) continue;
      int place = filled < k ? filled++ : k - 1;
      for (; place > 0 && userBest[place - 1] < score; place--) {
        userBest[place] = userBest[place - 1];
        userRows[place] = userRows[place - 1];
      }
      userBest[place] = score;
      userRows[place] = first + v;
    }
  }
  for (; filled < k; filled++) {
    userBest[filled] = -INFINITY;
    userRows[filled] = -1;
  }
}
