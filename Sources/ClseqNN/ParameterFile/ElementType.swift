/// The element types that a safetensors file can name.
///
/// Cases are in the order of the reference implementation (huggingface/safetensors, `Dtype`):
/// by ascending alignment. The writer sorts by it, so that bytes agree with the reference.
public enum ElementType: String, CaseIterable, Comparable, Sendable {
  /// A truth value in one byte.
  case bool = "BOOL"
  /// Four bits, two elements per byte.
  case float4 = "F4"
  /// Six bits: 2 of exponent, 3 of mantissa.
  case float6E2M3 = "F6_E2M3"
  /// Six bits: 3 of exponent, 2 of mantissa.
  case float6E3M2 = "F6_E3M2"
  /// Unsigned integer of 8 bits.
  case uint8 = "U8"
  /// Integer of 8 bits.
  case int8 = "I8"
  /// Eight bits: 5 of exponent, 2 of mantissa.
  case float8E5M2 = "F8_E5M2"
  /// Eight bits: 4 of exponent, 3 of mantissa.
  case float8E4M3 = "F8_E4M3"
  /// Eight bits of exponent alone: a power of two.
  case float8E8M0 = "F8_E8M0"
  /// As `float8E4M3`, without infinities and negative zero.
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  /// As `float8E5M2`, without infinities and negative zero.
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Integer of 16 bits.
  case int16 = "I16"
  /// Unsigned integer of 16 bits.
  case uint16 = "U16"
  /// IEEE half precision.
  case float16 = "F16"
  /// The upper half of a single: 8 bits of exponent, 7 of mantissa.
  case bfloat16 = "BF16"
  /// Integer of 32 bits.
  case int32 = "I32"
  /// Unsigned integer of 32 bits.
  case uint32 = "U32"
  /// IEEE single precision.
  case float32 = "F32"
  /// Two singles: real and imaginary part.
  case complex64 = "C64"
  /// IEEE double precision.
  case float64 = "F64"
  /// Integer of 64 bits.
  case int64 = "I64"
  /// Unsigned integer of 64 bits.
  case uint64 = "U64"

  /// Bits of one element in the file.
  public var bitCount: Int {
    switch self {
    case .float4: 4
    case .float6E2M3, .float6E3M2: 6
    case .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ,
      .float8E5M2FNUZ:
      8
    case .int16, .uint16, .float16, .bfloat16: 16
    case .int32, .uint32, .float32: 32
    case .complex64, .float64, .int64, .uint64: 64
    }
  }

  /// By alignment, ties as in the reference implementation.
  public static func < (left: ElementType, right: ElementType) -> Bool {
    left.rank < right.rank
  }

  private var rank: Int { Self.ranks[self] ?? 0 }

  private static let ranks = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

  /// Bytes that a tensor of this type and shape takes, or nil where the product overflows or
  /// does not end on a whole byte.
  func byteCount(shape: [Int]) -> Int? {
    var bits = bitCount
    for extent in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      bits = product
    }
    return bits.isMultiple(of: 8) ? bits / 8 : nil
  }
}
