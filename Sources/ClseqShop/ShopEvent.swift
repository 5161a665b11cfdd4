/// One event of the generated shop log.
public struct ShopEvent: Sendable, Equatable {
  /// The furthest step of the user with the item.
  public enum Kind: String, Sendable, CaseIterable {
    /// Looked at it.
    case view
    /// Put it into the cart.
    case cart
    /// Bought it.
    case purchase
  }

  /// The item, from 0; its token is `i` and the number plus one.
  public var item: Int
  /// The type of the event.
  public var kind: Kind
  /// Seconds since 1970.
  public var time: Int
}
