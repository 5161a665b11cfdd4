// Takes every OpenCL source into the binary. A new kernel file is one entry here.
#include "ClseqKernels.h"

static const clseq_kernel_source sources[] = {
  {"prelude", (const char[]){
#embed "OpenCL/prelude.cl" suffix(, 0)
  }},
  {"activation", (const char[]){
#embed "OpenCL/activation.cl" suffix(, 0)
  }},
  {"attention_backward_cpu", (const char[]){
#embed "OpenCL/attention_backward_cpu.cl" suffix(, 0)
  }},
  {"attention_backward_gpu", (const char[]){
#embed "OpenCL/attention_backward_gpu.cl" suffix(, 0)
  }},
  {"attention_backward_query_cpu", (const char[]){
#embed "OpenCL/attention_backward_query_cpu.cl" suffix(, 0)
  }},
  {"attention_dropout_cpu", (const char[]){
#embed "OpenCL/attention_dropout_cpu.cl" suffix(, 0)
  }},
  {"attention_forward_cpu", (const char[]){
#embed "OpenCL/attention_forward_cpu.cl" suffix(, 0)
  }},
  {"attention_forward_gpu", (const char[]){
#embed "OpenCL/attention_forward_gpu.cl" suffix(, 0)
  }},
  {"attention_tiles_cpu", (const char[]){
#embed "OpenCL/attention_tiles_cpu.cl" suffix(, 0)
  }},
  {"attention_tiles_gpu", (const char[]){
#embed "OpenCL/attention_tiles_gpu.cl" suffix(, 0)
  }},
  {"attention_weights", (const char[]){
#embed "OpenCL/attention_weights.cl" suffix(, 0)
  }},
  {"bfloat16", (const char[]){
#embed "OpenCL/bfloat16.cl" suffix(, 0)
  }},
  {"causal_convolution", (const char[]){
#embed "OpenCL/causal_convolution.cl" suffix(, 0)
  }},
  {"causal_window", (const char[]){
#embed "OpenCL/causal_window.cl" suffix(, 0)
  }},
  {"elementwise", (const char[]){
#embed "OpenCL/elementwise.cl" suffix(, 0)
  }},
  {"embedding", (const char[]){
#embed "OpenCL/embedding.cl" suffix(, 0)
  }},
  {"gather_rows", (const char[]){
#embed "OpenCL/gather_rows.cl" suffix(, 0)
  }},
  {"gaussian", (const char[]){
#embed "OpenCL/gaussian.cl" suffix(, 0)
  }},
  {"gelu", (const char[]){
#embed "OpenCL/gelu.cl" suffix(, 0)
  }},
  {"gru_cell", (const char[]){
#embed "OpenCL/gru_cell.cl" suffix(, 0)
  }},
  {"input_gradient_cpu", (const char[]){
#embed "OpenCL/input_gradient_cpu.cl" suffix(, 0)
  }},
  {"layer_norm", (const char[]){
#embed "OpenCL/layer_norm.cl" suffix(, 0)
  }},
  {"layer_norm_backward", (const char[]){
#embed "OpenCL/layer_norm_backward.cl" suffix(, 0)
  }},
  {"linear_cross_entropy_cpu", (const char[]){
#embed "OpenCL/linear_cross_entropy_cpu.cl" suffix(, 0)
  }},
  {"linear_cross_entropy_gpu", (const char[]){
#embed "OpenCL/linear_cross_entropy_gpu.cl" suffix(, 0)
  }},
  {"linear_cross_entropy_gradients_cpu", (const char[]){
#embed "OpenCL/linear_cross_entropy_gradients_cpu.cl" suffix(, 0)
  }},
  {"linear_cross_entropy_gradients_gpu", (const char[]){
#embed "OpenCL/linear_cross_entropy_gradients_gpu.cl" suffix(, 0)
  }},
  {"linear_scan", (const char[]){
#embed "OpenCL/linear_scan.cl" suffix(, 0)
  }},
  {"linear_scan_cpu", (const char[]){
#embed "OpenCL/linear_scan_cpu.cl" suffix(, 0)
  }},
  {"linear_scan_gpu", (const char[]){
#embed "OpenCL/linear_scan_gpu.cl" suffix(, 0)
  }},
  {"loss_sum", (const char[]){
#embed "OpenCL/loss_sum.cl" suffix(, 0)
  }},
  {"lower_triangle", (const char[]){
#embed "OpenCL/lower_triangle.cl" suffix(, 0)
  }},
  {"lstm_cell", (const char[]){
#embed "OpenCL/lstm_cell.cl" suffix(, 0)
  }},
  {"matmul_common", (const char[]){
#embed "OpenCL/matmul_common.cl" suffix(, 0)
  }},
  {"matmul_gpu", (const char[]){
#embed "OpenCL/matmul_gpu.cl" suffix(, 0)
  }},
  {"matmul_panels_cpu", (const char[]){
#embed "OpenCL/matmul_panels_cpu.cl" suffix(, 0)
  }},
  {"matmul_small_cpu", (const char[]){
#embed "OpenCL/matmul_small_cpu.cl" suffix(, 0)
  }},
  {"matmul_small_gpu", (const char[]){
#embed "OpenCL/matmul_small_gpu.cl" suffix(, 0)
  }},
  {"matmul_splits_cpu", (const char[]){
#embed "OpenCL/matmul_splits_cpu.cl" suffix(, 0)
  }},
  {"optimizer", (const char[]){
#embed "OpenCL/optimizer.cl" suffix(, 0)
  }},
  {"random", (const char[]){
#embed "OpenCL/random.cl" suffix(, 0)
  }},
  {"random_rounding", (const char[]){
#embed "OpenCL/random_rounding.cl" suffix(, 0)
  }},
  {"ranking_candidates", (const char[]){
#embed "OpenCL/ranking_candidates.cl" suffix(, 0)
  }},
  {"ranking_cpu", (const char[]){
#embed "OpenCL/ranking_cpu.cl" suffix(, 0)
  }},
  {"ranking_gpu", (const char[]){
#embed "OpenCL/ranking_gpu.cl" suffix(, 0)
  }},
  {"recurrent_blocks_cpu", (const char[]){
#embed "OpenCL/recurrent_blocks_cpu.cl" suffix(, 0)
  }},
  {"recurrent_common", (const char[]){
#embed "OpenCL/recurrent_common.cl" suffix(, 0)
  }},
  {"recurrent_cpu", (const char[]){
#embed "OpenCL/recurrent_cpu.cl" suffix(, 0)
  }},
  {"recurrent_gpu", (const char[]){
#embed "OpenCL/recurrent_gpu.cl" suffix(, 0)
  }},
  {"recurrent_rows", (const char[]){
#embed "OpenCL/recurrent_rows.cl" suffix(, 0)
  }},
  {"recurrent_steps_gpu", (const char[]){
#embed "OpenCL/recurrent_steps_gpu.cl" suffix(, 0)
  }},
  {"row_loss", (const char[]){
#embed "OpenCL/row_loss.cl" suffix(, 0)
  }},
  {"row_loss_shared", (const char[]){
#embed "OpenCL/row_loss_shared.cl" suffix(, 0)
  }},
  {"row_loss_softmax", (const char[]){
#embed "OpenCL/row_loss_softmax.cl" suffix(, 0)
  }},
  {"sampled_loss_own", (const char[]){
#embed "OpenCL/sampled_loss_own.cl" suffix(, 0)
  }},
  {"sampled_loss_rows", (const char[]){
#embed "OpenCL/sampled_loss_rows.cl" suffix(, 0)
  }},
  {"sampled_loss_shared_cpu", (const char[]){
#embed "OpenCL/sampled_loss_shared_cpu.cl" suffix(, 0)
  }},
  {"sampled_loss_shared_gpu", (const char[]){
#embed "OpenCL/sampled_loss_shared_gpu.cl" suffix(, 0)
  }},
  {"sampled_loss_terms", (const char[]){
#embed "OpenCL/sampled_loss_terms.cl" suffix(, 0)
  }},
  {"segment_sum", (const char[]){
#embed "OpenCL/segment_sum.cl" suffix(, 0)
  }},
  {"select", (const char[]){
#embed "OpenCL/select.cl" suffix(, 0)
  }},
  {"sigmoid", (const char[]){
#embed "OpenCL/sigmoid.cl" suffix(, 0)
  }},
  {"soft_cross_entropy_cpu", (const char[]){
#embed "OpenCL/soft_cross_entropy_cpu.cl" suffix(, 0)
  }},
  {"soft_cross_entropy_gpu", (const char[]){
#embed "OpenCL/soft_cross_entropy_gpu.cl" suffix(, 0)
  }},
  {"softmax_shift_cpu", (const char[]){
#embed "OpenCL/softmax_shift_cpu.cl" suffix(, 0)
  }},
  {"table", (const char[]){
#embed "OpenCL/table.cl" suffix(, 0)
  }},
  {"target_attention", (const char[]){
#embed "OpenCL/target_attention.cl" suffix(, 0)
  }},
  {"target_attention_tile_cpu", (const char[]){
#embed "OpenCL/target_attention_tile_cpu.cl" suffix(, 0)
  }},
  {"tile_cpu", (const char[]){
#embed "OpenCL/tile_cpu.cl" suffix(, 0)
  }},
  {"tile_gpu", (const char[]){
#embed "OpenCL/tile_gpu.cl" suffix(, 0)
  }},
  {"tile_mma", (const char[]){
#embed "OpenCL/tile_mma.cl" suffix(, 0)
  }},
};

const size_t clseq_kernel_source_count = sizeof(sources) / sizeof(sources[0]);

const clseq_kernel_source *clseq_kernel_source_list(void) { return sources; }
