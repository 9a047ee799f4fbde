// Raw SQL on a data file, around everything that the store would not do.
#pragma once

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

namespace conveyor::test {

/// Fails the test if it changes nothing.
inline void execute_sql(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  sqlite3_busy_timeout(db, 10'000);  // somebody else may be writing
  char* error = nullptr;
  const auto text = "PRAGMA ignore_check_constraints = ON;" + sql;
  EXPECT_EQ(sqlite3_exec(db, text.c_str(), nullptr, nullptr, &error), SQLITE_OK)
      << sql << ": " << (error != nullptr ? error : "");
  if (sql.starts_with("UPDATE") || sql.starts_with("DELETE")) {
    EXPECT_GT(sqlite3_total_changes(db), 0) << "changes nothing: " << sql;
  }
  sqlite3_free(error);
  sqlite3_close(db);
}

}  // namespace conveyor::test
