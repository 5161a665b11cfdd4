/// The number of values of a model's parameters.
public struct ModelSize: Encodable, Equatable, Sendable {
  /// All of them.
  public let parameters: Int
  /// Those of the item table, which grow with the items and not with the layers.
  public let tableParameters: Int

  private enum CodingKeys: String, CodingKey {
    case parameters
    case tableParameters = "table_parameters"
  }
}
