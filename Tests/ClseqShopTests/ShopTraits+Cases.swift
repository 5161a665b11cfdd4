import ClseqShop

extension ShopTraits {
  /// A log of users of whom a share leaves for good.
  static func churners(_ share: Double, days: Int? = nil, typed: Bool = false) -> ShopTraits {
    var traits = ShopTraits()
    traits.dayCount = days
    traits.churnerShare = share
    traits.hasTypedEvents = typed
    return traits
  }

  /// A log of users of whom a share is anomalous.
  static func anomalies(_ share: Double) -> ShopTraits {
    var traits = ShopTraits()
    traits.anomalyShare = share
    return traits
  }

  /// A log of so many days, with seasons or not.
  static func days(_ count: Int, hasSeasons: Bool = false) -> ShopTraits {
    var traits = ShopTraits()
    traits.dayCount = count
    traits.hasSeasons = hasSeasons
    return traits
  }
}
