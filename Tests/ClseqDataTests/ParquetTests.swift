import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Parquet goes by DuckDB and CSV, by the command in `docs/data.md`.
@Suite struct ParquetTests {
  private static func commandOfPage() throws -> String {
    let text = try Page("docs/data.md").text
    let match = try #require(text.firstMatch(of: /\nduckdb -c "([^"\n]*)"\n/))
    return String(match.1)
  }

  /// More rows than a row group, text that CSV must quote, values that are missing, a time.
  private static let script = """
    import duckdb, sys
    duckdb.execute('''
      COPY (
        SELECT 'u' || (i % 97) AS user_id, 'say "' || (i % 13) || '",' AS item_id,
          CASE WHEN i % 2 = 0 THEN 'view' END AS event_type, i / 4 AS price,
          TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS timestamp
        FROM range(130000) rows(i)
      ) TO 'log.parquet'
      ''')
    duckdb.execute(sys.argv[1])
    """

  @Test(.enabled(if: TestPython.has("duckdb"), "no Python with duckdb: name one by TEST_PYTHON"))
  func commandOfThePage() throws {
    let folder = try TemporaryFolder()
    let made = try TestPython.run(["-c", Self.script, Self.commandOfPage()], in: folder.path)
    #expect(made.status == 0)
    #expect(
      throws: DataError.unsupported(
        path: folder.file("log.parquet"),
        reason: "a Parquet file: convert it to CSV, for example with DuckDB")
    ) { try LogRow.read(folder.file("log.parquet")) }

    let start: Int64 = 1_704_067_200_000_000
    let rows = try LogRow.read(folder.file("log.csv"))
    #expect(rows.count == 130_000)
    #expect(
      rows.enumerated().allSatisfy { index, row in
        row
          == LogRow(
            "u\(index % 97)", "say \"\(index % 13)\",", start + Int64(index) * 1_000_000,
            index % 2 == 0 ? "view" : nil)
      })
  }
}
