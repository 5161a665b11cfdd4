/// The run was asked to end, between two steps or two batches of an evaluation.
package struct RunInterrupted: Error {
  package init() {}
}
