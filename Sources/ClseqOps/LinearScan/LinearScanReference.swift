import Foundation

/// A diagonal linear recurrence in plain loops, one sequence after another; `linear_scan.cl` has the formulas.
package enum LinearScanReference {
  package struct Arrays<T: BinaryFloatingPoint> {
    package typealias Buffer = UnsafeMutableBufferPointer<T>

    let (x, steps): (Buffer, Buffer?)
    let (decay, frequency): (Buffer, Buffer?)
    let initial: Buffer?
    let h: Buffer
    let offsets: UnsafeMutableBufferPointer<Int32>

    package init(
      x: Buffer, steps: Buffer?, decay: Buffer, frequency: Buffer?, initial: Buffer?, h: Buffer,
      offsets: UnsafeMutableBufferPointer<Int32>
    ) {
      (self.x, self.steps, self.decay, self.frequency) = (x, steps, decay, frequency)
      (self.initial, self.h, self.offsets) = (initial, h, offsets)
    }

    fileprivate var channels: Int { decay.count }
    fileprivate var width: Int { frequency == nil ? channels : 2 * channels }

    fileprivate func value(_ rows: Buffer, _ row: Int, _ c: Int) -> Value<T> {
      Value(
        re: rows[row * width + c],
        im: frequency == nil ? 0 : rows[row * width + channels + c])
    }

    fileprivate func set(_ rows: Buffer, _ row: Int, _ c: Int, to value: Value<T>) {
      rows[row * width + c] = value.re
      if frequency != nil { rows[row * width + channels + c] = value.im }
    }

    fileprivate func factor(of event: Int, _ c: Int) -> Factor<T> {
      Factor(step: steps?[event * channels + c] ?? 1, decay: decay[c], frequency: frequency?[c])
    }

    /// The state of a channel before an event.
    fileprivate func before(_ event: Int, of sequence: Int, _ c: Int) -> Value<T> {
      if event > Int(offsets[sequence]) { return value(h, event - 1, c) }
      return initial.map { value($0, sequence, c) } ?? Value(re: 0, im: 0)
    }

    /// Each event of each sequence, in order.
    fileprivate func forEachSequence(_ body: (_ sequence: Int, _ events: Range<Int>) -> Void) {
      for b in 0..<offsets.count - 1 { body(b, Int(offsets[b])..<Int(offsets[b + 1])) }
    }
  }

  package struct Gradients<T: BinaryFloatingPoint> {
    package typealias Buffer = UnsafeMutableBufferPointer<T>

    let dh: Buffer
    let (base, dx): (Buffer?, Buffer)
    let (stepsBase, dsteps): (Buffer?, Buffer?)
    /// Added to.
    let (decay, frequency): (Buffer, Buffer?)

    package init(
      dh: Buffer, base: Buffer?, dx: Buffer, stepsBase: Buffer?, dsteps: Buffer?, decay: Buffer,
      frequency: Buffer?
    ) {
      (self.dh, self.base, self.dx) = (dh, base, dx)
      (self.stepsBase, self.dsteps) = (stepsBase, dsteps)
      (self.decay, self.frequency) = (decay, frequency)
    }
  }

  /// h of all events.
  package static func forward<T: BinaryFloatingPoint>(_ arrays: Arrays<T>) {
    arrays.forEachSequence { sequence, events in
      for event in events {
        for c in 0..<arrays.channels {
          let a = arrays.factor(of: event, c)
          let (h, x) = (arrays.before(event, of: sequence, c), arrays.value(arrays.x, event, c))
          arrays.set(arrays.h, event, c, to: (a.value * h) + x.scaled(by: a.scale))
        }
      }
    }
  }

  /// dx and dsteps are their bases plus the gradients; those of the poles are added to.
  package static func backward<T: BinaryFloatingPoint>(
    _ arrays: Arrays<T>, _ gradients: Gradients<T>
  ) {
    arrays.forEachSequence { sequence, events in
      for c in 0..<arrays.channels {
        var carry = Value<T>(re: 0, im: 0)
        for event in events.reversed() {
          let a = arrays.factor(of: event, c)
          let g = arrays.value(gradients.dh, event, c) + carry
          let x = arrays.value(arrays.x, event, c)
          let da = g * arrays.before(event, of: sequence, c).conjugate
          var dz = a.value.conjugate * da
          dz.re -= (g.re * x.re + g.im * x.im) * a.square / a.scale
          carry = a.value.conjugate * g
          let base = gradients.base.map { arrays.value($0, event, c) }
          arrays.set(
            gradients.dx, event, c, to: (base ?? Value(re: 0, im: 0)) + g.scaled(by: a.scale))
          let own = event * arrays.channels + c
          gradients.dsteps?[own] =
            (gradients.stepsBase?[own] ?? 0) + a.rate * dz.re + a.angle * dz.im
          gradients.decay[c] += a.step * a.rate * dz.re
          gradients.frequency?[c] += a.step * a.angle * dz.im
        }
      }
    }
  }

  /// A complex number.
  fileprivate struct Value<T: BinaryFloatingPoint> {
    var (re, im): (T, T)

    var conjugate: Value { Value(re: re, im: -im) }

    func scaled(by factor: T) -> Value { Value(re: factor * re, im: factor * im) }

    static func + (a: Value, b: Value) -> Value { Value(re: a.re + b.re, im: a.im + b.im) }

    static func * (a: Value, b: Value) -> Value {
      Value(re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re)
    }
  }

  /// a = exp(step (rate + i angle)) of one event and channel, and √(1 − |a|²).
  fileprivate struct Factor<T: BinaryFloatingPoint> {
    let (step, rate, angle): (T, T, T)
    let value: Value<T>
    let (scale, square): (T, T)

    init(step: T, decay: T, frequency: T?) {
      let rate = -exp(Double(decay))
      let angle = frequency.map { exp(Double($0)) } ?? 0
      (self.step, self.rate, self.angle) = (step, T(rate), T(angle))
      let size = exp(Double(step) * rate)
      value = Value(
        re: T(size * cos(Double(step) * angle)), im: T(size * sin(Double(step) * angle)))
      scale = T((-expm1(2 * Double(step) * rate)).squareRoot())
      square = T(size * size)
    }
  }
}
