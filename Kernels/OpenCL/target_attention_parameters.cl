// Packing of the matrix P of target attention, and the gradients of its parameters.
//
//   target_attention_pack    packed[(p depth + j) panel + l] = element (j, p panel + l) of the
//                            matrix, 0 after the last column: panels of columns, each contiguous
//   target_attention_reduce  dproduct[e, d] and doutput[e] += their sums over blocks
//
// pack: element (j, column) is source[j row_step + column column_step]. reduce: partial is [blocks,
// panels width panel + hidden_padded]: per block the part of P, packed with depth `width`, then the
// part of the output weights; blocks are added in order. One work-item per element.

__attribute__((reqd_work_group_size(64, 1, 1)))
__kernel void target_attention_pack(__global const float *source, __global float *packed, int depth,
                                    int columns, int panel, int row_step, int column_step,
                                    int count)
{
  const int index = (int)get_global_id(0);
  if (index < count) {
    const int column = index / (depth * panel) * panel + index % panel;
    const int row = index / panel % depth;
    packed[index] = column < columns ? source[row * row_step + column * column_step] : 0.0f;
  }
}

__attribute__((reqd_work_group_size(64, 1, 1)))
__kernel void target_attention_reduce(__global const float *partial, int blocks, int block_size,
                                      __global float *dproduct, __global float *doutput, int hidden,
                                      int hidden_padded, int width, int panel)
{
  const int index = (int)get_global_id(0);
  if (index < hidden * (width + 1)) {
    const int is_output = index >= hidden * width;
    const int e = is_output ? index - hidden * width : index / width;
    const int place = is_output ? hidden_padded * width + e
                                : (e / panel * width + index % width) * panel + e % panel;
    float sum = 0.0f;
    for (int block = 0; block < blocks; ++block) sum += partial[(size_t)block * block_size + place];
    if (is_output) doutput[e] += sum;
    else dproduct[index] += sum;
  }
}
