/// The run was interrupted between two steps or two batches of an evaluation.
package struct RunInterrupted: Error {
  package init() {}
}
