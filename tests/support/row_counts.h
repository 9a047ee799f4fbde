// How many rows each table of a data file has, to see that something wrote none. Reads one
// committed state of a file that may be in use.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace conveyor::test {

class RowCounts {
 public:
  explicit RowCounts(const std::string& path) {
    EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  }
  ~RowCounts() { sqlite3_close(db_); }
  RowCounts(const RowCounts&) = delete;
  RowCounts& operator=(const RowCounts&) = delete;

  /// By table.
  std::map<std::string, std::int64_t> now() const {
    std::map<std::string, std::int64_t> counts;
    std::string question;
    each_row("SELECT name FROM sqlite_schema WHERE type = 'table'", [&](sqlite3_stmt* row) {
      const std::string table{reinterpret_cast<const char*>(sqlite3_column_text(row, 0))};
      question += (question.empty() ? "" : " UNION ALL ") + ("SELECT '" + table) +
                  "', count(*) FROM " + table;
    });
    each_row(question, [&](sqlite3_stmt* row) {
      counts.emplace(reinterpret_cast<const char*>(sqlite3_column_text(row, 0)),
                     sqlite3_column_int64(row, 1));
    });
    EXPECT_GT(counts.size(), 5U);
    return counts;
  }

 private:
  template <class Take>
  void each_row(const std::string& sql, const Take& take) const {
    sqlite3_stmt* rows = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &rows, nullptr), SQLITE_OK) << sql;
    while (sqlite3_step(rows) == SQLITE_ROW) take(rows);
    sqlite3_finalize(rows);
  }

  sqlite3* db_ = nullptr;
};

}  // namespace conveyor::test
