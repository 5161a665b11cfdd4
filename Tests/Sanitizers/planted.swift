// Errors that a sanitizer has to report before its silence about the tests means anything:
// the argument is overrun, leak or race.

import Glibc

nonisolated(unsafe) var shared = 0

/// Reads the element after the last.
func overrun() {
  let count = CommandLine.arguments.count
  let values = UnsafeMutablePointer<Int>.allocate(capacity: count)
  values.initialize(repeating: 0, count: count)
  print(values[count])
  values.deallocate()
}

/// Forgets memory.
@inline(never)
func leak() {
  UnsafeMutablePointer<Int>.allocate(capacity: 1000).initialize(repeating: 1, count: 1000)
}

/// Two threads add to one number.
func race() {
  var thread = pthread_t()
  pthread_create(
    &thread, nil,
    { _ in
      for _ in 0..<1000 { shared += 1 }
      return nil
    }, nil)
  for _ in 0..<1000 { shared += 1 }
  pthread_join(thread, nil)
  print(shared)
}

switch CommandLine.arguments.last {
case "overrun": overrun()
case "leak": leak()
case "race": race()
default: fatalError("name an error")
}
