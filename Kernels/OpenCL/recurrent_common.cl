// Arrays of a recurrence over ragged sequences, and the cell of one. Compiled after a cell, lstm_cell.cl or
// gru_cell.cl, which has the formula, and before the division of work: recurrent_cpu.cl, recurrent_gpu.cl or
// recurrent_steps_gpu.cl.
//
//   gates [N][GATES H]: W_ih x + b_ih; after the forward pass the gates, for the backward pass; after
//     that the gradients of W_ih x + b_ih
//   weight: W_hh^T [H][GATES H] in the forward pass, W_hh in the backward pass, on a CPU in panels
//   kept [N][H]: c, or what else the cell keeps for the backward pass; h [N][H]
//   h0, c0 [B][H]: the state before the first events, read if `has_initial`, else zeros
//   previous [N][H]: for each event the h before it, written if `keeps_previous`
//   dy [N][H]: gradients of h
//   dsums [N][GATES H]: gradients of W_hh h + b_hh; gates itself unless CELL_HAS_OWN_SUMS
//   dh, dc [B][H]: gradients of the state that arrive from later steps. On entry: of the final state. On
//     exit, if `has_initial`: of the initial state
//
// A cell defines cell_forward, cell_backward, the names CELL_FORWARD and CELL_BACKWARD of its kernels, GATES,
// CELL_HAS_MEMORY (whether its state is c beside h, which it keeps), CELL_HAS_OWN_SUMS, and CELL_IS_DIRECT
// (whether h_before also acts past W_hh, so that its gradient has another part).

// The state before an event that a cell takes beside the sums: c or h.
#define CELL_STATE(c, h) (CELL_HAS_MEMORY ? (c) : (h))
